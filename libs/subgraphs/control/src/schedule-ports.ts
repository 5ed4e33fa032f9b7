import type { RequestContext } from '@certfolio/core';
import type { Key } from '@certfolio/access';
import type { Destination, RunStore, ScheduleDefinition, ScheduleStore } from '@certfolio/reports';

/** What the schedules of the graph need of the rest. */
export interface SchedulePorts {
  readonly schedules: ScheduleStore;
  readonly runs: Pick<RunStore, 'queueManual' | 'find' | 'list' | 'files' | 'deliveries'>;
  readonly destinations: ReadonlyMap<string, Destination>;
  /** What keeps a schedule from working with this key: template, variables, formats, destinations, recipients; sentences. */
  check(definition: ScheduleDefinition, runAs: Key): readonly string[];
  /** Looks for queued runs now. */
  wake(): void;
  /** Sends a test message and waits for it. */
  test(destination: Destination, recipient: string, context: RequestContext): Promise<{ readonly reference: string }>;
}
