import type { ScheduleDefinition } from './schedule-definition.ts';
import type { ChangedRow } from './difference.ts';
import type { Schedule } from './schedule-store.ts';

export type RunState = 'queued' | 'running' | 'delivered' | 'nothing_to_send' | 'failed' | 'skipped';
export type RunTrigger = 'slot' | 'catch_up' | 'manual';

/** What is known of the rows of a run, once they are there. */
export interface SnapshotFacts {
  readonly template: { readonly name: string; readonly version: number; readonly id: string };
  readonly title: string;
  readonly question: string;
  /** As they were used, dates resolved. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly columns: readonly { readonly title: string; readonly type: string }[];
  readonly rows: number;
  readonly totalRows: number | null;
  readonly truncated: boolean;
  readonly dataAsOf: string | null;
  readonly source: string | null;
  readonly stale: boolean;
  readonly unavailableFields: readonly string[];
  readonly errorCount: number;
  readonly upstreamCalls: number;
  readonly difference: {
    readonly added: number;
    readonly removed: number;
    readonly changed: number;
    readonly comparedWith: string;
    /** Titles of the columns that tell rows from each other. */
    readonly key: readonly string[];
    /** The first of what differs; all of it stands in the file. */
    readonly listed: readonly Pick<ChangedRow, 'kind' | 'key' | 'columns'>[];
  } | null;
}

export interface Run {
  readonly id: string;
  /** Null once the schedule is gone. */
  readonly scheduleId: number | null;
  readonly schedule: string;
  readonly owner: string;
  readonly keyId: string;
  /** The schedule as it was when the run was queued. */
  readonly definition: ScheduleDefinition;
  /** Relative dates are of this instant, however late the run is. */
  readonly slot: Date;
  readonly trigger: RunTrigger;
  /** A recipient who alone gets it; null: those of the schedule. */
  readonly onlyFor: string | null;
  readonly requestedBy: string | null;
  readonly state: RunState;
  /** A sentence: why it failed, was skipped, or had nothing to send. */
  readonly reason: string | null;
  readonly errorCode: string | null;
  readonly attempts: number;
  readonly queuedAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly facts: SnapshotFacts | null;
  readonly rowsHash: string | null;
}

export interface RunFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: string;
}

export type DeliveryState = 'pending' | 'sending' | 'delivered' | 'failed' | 'unconfirmed';

export interface RunDelivery {
  readonly kind: 'report' | 'failure';
  readonly destination: string;
  readonly recipient: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly reference: string | null;
  readonly bytes: number | null;
  readonly error: string | null;
  readonly changedAt: Date;
}

/** How a schedule stands, for whoever watches over it. */
export interface ScheduleStanding {
  readonly schedule: string;
  readonly isActive: boolean;
  readonly failures: number;
  /** Of its runs that are kept; the last that ended well is kept for longer than its files. */
  readonly lastSuccessAt: Date | null;
  readonly lastState: RunEnd['state'] | null;
}

/** How a run ended. */
export interface RunEnd {
  readonly state: Exclude<RunState, 'queued' | 'running'>;
  readonly reason: string | null;
  readonly errorCode: string | null;
}

/** Names the attempt that a claimed run is at. */
export type Attempt = Pick<Run, 'id' | 'attempts'>;

/** Runs, their files and their deliveries. */
export interface RunStore {
  /**
   * Queues what is due, one run per slot whoever looks, and moves the schedules on; together or not at all.
   *
   * @param graceMs a slot that is no older was not missed
   */
  queueDue(graceMs: number): Promise<readonly string[]>;
  /** A run for now, beside the slots. */
  queueManual(schedule: Schedule, requestedBy: string, onlyFor: string | null): Promise<string>;
  /**
   * Takes the run that has waited for longest, for a while: a queued one whose time has come, or one whose process stopped
   * keeping its lease. One run of a schedule at a time. Null when there is none.
   *
   * @param own runs that this process works at, which it does not take from itself when it was late to keep their leases
   */
  claimNext(leaseMs: number, own?: readonly string[]): Promise<Run | null>;
  /** False when the run was taken by another process meanwhile, which this one must stop for. */
  keepLease(id: string, attempt: number, leaseMs: number): Promise<boolean>;
  noteSnapshot(id: string, facts: SnapshotFacts, rowsHash: string): Promise<void>;
  /** False, and nothing changes, when this attempt is not the one under way any more. */
  finish(attempt: Attempt, end: RunEnd): Promise<boolean>;
  /** Goes back into the queue for another attempt. False as of `finish`. */
  release(attempt: Attempt, startAfter: Date, reason: string, errorCode: string): Promise<boolean>;
  find(id: string): Promise<Run | null>;
  list(filter: {
    readonly schedule?: string;
    readonly owner?: string;
    readonly limit: number;
    readonly before?: string;
  }): Promise<readonly Run[]>;
  /** The last run of the schedule before this one that has rows and ended well. */
  previousOf(run: Run): Promise<Run | null>;
  /** Writes a file whole or not at all; one of the same name is replaced. */
  writeFile(id: string, name: string, mediaType: string, content: AsyncIterable<Uint8Array>): Promise<RunFile>;
  files(id: string): Promise<readonly RunFile[]>;
  readFile(id: string, name: string): AsyncIterable<Uint8Array>;
  /** Writes down who is to get it; those who are known stay as they are. */
  expectDeliveries(
    id: string,
    kind: RunDelivery['kind'],
    to: readonly { readonly destination: string; readonly recipient: string }[],
  ): Promise<void>;
  deliveries(id: string): Promise<readonly RunDelivery[]>;
  noteDelivery(
    id: string,
    kind: RunDelivery['kind'],
    destination: string,
    recipient: string,
    change: Pick<RunDelivery, 'state' | 'reference' | 'bytes' | 'error'>,
  ): Promise<void>;
  /** Counts the failure of a schedule, or forgets earlier ones; pauses it after so many. */
  noteOutcome(
    scheduleId: number,
    failed: boolean,
    pauseAfter: number,
  ): Promise<{ readonly failures: number; readonly paused: boolean }>;
  /** Of every schedule, by name. */
  standings(): Promise<readonly ScheduleStanding[]>;
  /**
   * Removes what need not be kept any longer. Of the last run of a schedule that ended well it is kept that there was one.
   *
   * @returns how many runs
   */
  prune(): Promise<number>;
}
