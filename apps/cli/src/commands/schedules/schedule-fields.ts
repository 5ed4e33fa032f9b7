export interface RunLine {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly slot: string;
  readonly rows: number | null;
}

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
  readonly runAs: string;
  readonly failures: number;
  readonly managedBy: string | null;
  readonly nextSlots: readonly { readonly at: string; readonly local: string }[];
  readonly runs: readonly RunLine[];
}

export const scheduleFields = (
  slots: number,
  runs: number,
): string => `name owner state pausedUntil pausedReason template cron zone
  definition runAs failures managedBy nextSlots(first: ${slots}) { at local } runs(first: ${runs}) { id state reason slot rows }`;

/** `active`, `paused until 2026-12-27T00:00:00.000Z: holidays`. */
export function stateText({ state, pausedUntil, pausedReason, failures }: ScheduleAnswer): string {
  const failed = failures === 0 ? '' : `, ${failures} failed in a row`;
  if (state !== 'PAUSED') return `${state.toLowerCase()}${failed}`;
  return `paused${pausedUntil === null ? '' : ` until ${pausedUntil}`}${pausedReason === null ? '' : `: ${pausedReason}`}`;
}
