import type { ScheduleDefinition } from './schedule-definition.ts';

export type ScheduleState = 'active' | 'paused' | 'ended';

export interface Schedule {
  readonly id: number;
  readonly definition: ScheduleDefinition;
  /** The application or team whose schedule it is. */
  readonly owner: string;
  /** Runs are made with the rights that this key has when they run. */
  readonly keyId: string;
  readonly state: ScheduleState;
  /** Goes on by itself then; null: when somebody resumes it. */
  readonly pausedUntil: Date | null;
  readonly pausedReason: string | null;
  readonly nextSlot: Date | null;
  /** Failed runs since the last that ended well. */
  readonly failures: number;
  /** Label of the file that it was applied from; null when it was made alone. */
  readonly managedBy: string | null;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly changedAt: Date;
}

export interface NewSchedule {
  readonly definition: ScheduleDefinition;
  readonly owner: string;
  readonly keyId: string;
  readonly managedBy: string | null;
  readonly createdBy: string;
}

/** Schedules by name. Methods throw what the database throws when it is unreachable. */
export interface ScheduleStore {
  list(): Promise<readonly Schedule[]>;
  find(name: string): Promise<Schedule | null>;
  /** Makes it, or changes its definition; a changed timetable begins anew from now. */
  put(
    schedule: NewSchedule,
  ): Promise<{ readonly schedule: Schedule; readonly outcome: 'created' | 'changed' | 'unchanged' }>;
  remove(name: string): Promise<boolean>;
  /** @param until goes on by itself then; null: until it is resumed */
  pause(name: string, until: Date | null, reason: string): Promise<Schedule | null>;
  /** Slots that passed meanwhile are not caught up with. */
  resume(name: string): Promise<Schedule | null>;
  /** Runs with the rights of another key from now on. */
  handOver(name: string, keyId: string, owner: string): Promise<Schedule | null>;
}
