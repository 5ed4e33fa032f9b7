import type { Generated, Selectable } from 'kysely';
import type { DeliveryState, RunState, RunTrigger } from './run-store.ts';
import type { ScheduleState } from './schedule-store.ts';

interface Schedules {
  id: Generated<number>;
  name: string;
  definition: unknown;
  owner: string;
  key_id: string;
  state: ScheduleState;
  paused_until: Date | null;
  paused_reason: string | null;
  next_slot: Date | null;
  failures: number;
  managed_by: string | null;
  created_at: Date;
  created_by: string;
  changed_at: Date;
}

interface ReportRuns {
  id: string;
  schedule_id: number | null;
  schedule_name: string;
  owner: string;
  key_id: string;
  definition: unknown;
  slot: Date;
  trigger: RunTrigger;
  only_for: string | null;
  requested_by: string | null;
  state: RunState;
  reason: string | null;
  error_code: string | null;
  attempts: number;
  lease_until: Date | null;
  queued_at: Date;
  start_after: Date;
  started_at: Date | null;
  finished_at: Date | null;
  keep_until: Date;
  facts: unknown;
  rows_hash: string | null;
}

interface RunFiles {
  run_id: string;
  name: string;
  media_type: string;
  bytes: number;
  sha256: string;
}

interface RunFileParts {
  run_id: string;
  name: string;
  part: number;
  content: Buffer;
}

interface RunDeliveries {
  run_id: string;
  kind: 'report' | 'failure';
  destination: string;
  recipient: string;
  state: DeliveryState;
  attempts: number;
  reference: string | null;
  bytes: number | null;
  error: string | null;
  changed_at: Date;
}

/** As migration 0008 makes them. */
export interface ReportTables {
  schedules: Schedules;
  report_runs: ReportRuns;
  run_files: RunFiles;
  run_file_parts: RunFileParts;
  run_deliveries: RunDeliveries;
}

export type ScheduleRow = Selectable<Schedules>;
export type RunRow = Selectable<ReportRuns>;
