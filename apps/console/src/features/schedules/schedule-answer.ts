/** A schedule, as the control graph tells it. */
export interface ScheduleAnswer {
  readonly name: string;
  readonly owner: string;
  readonly state: string;
  readonly pausedUntil: string | null;
  readonly pausedReason: string | null;
  readonly template: string;
  readonly cron: string;
  readonly zone: string;
  readonly definition: string;
  readonly nextSlots: readonly { readonly at: string; readonly local: string }[];
  readonly runAs: string;
  readonly failures: number;
  readonly managedBy: string | null;
  readonly createdAt: string;
  readonly changedAt: string;
  readonly runs: readonly LastRun[];
}

export interface LastRun {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly slot: string;
  readonly rows: number | null;
  readonly totalRows: number | null;
  readonly truncated: boolean | null;
}

export interface DestinationAnswer {
  readonly name: string;
  readonly kind: string;
  readonly recipients: readonly string[];
}

export interface SchedulesAnswer {
  readonly schedules: readonly ScheduleAnswer[];
  readonly destinations: readonly DestinationAnswer[];
}

export const schedulesText = `query Schedules {
  schedules {
    name owner state pausedUntil pausedReason template cron zone definition runAs failures managedBy createdAt changedAt
    nextSlots(first: 5) { at local }
    runs(first: 5) { id state reason slot rows totalRows truncated }
  }
  destinations { name kind recipients }
}`;
