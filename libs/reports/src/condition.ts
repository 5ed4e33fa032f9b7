import type { Condition } from './schedule-definition.ts';

export interface RunOutcome {
  readonly rows: number;
  /** Of the rows of this run, and of the last one that ended well; null when there was none. */
  readonly rowsHash: string;
  readonly previousRowsHash: string | null;
}

/** Whether a run is sent; else why not, to be recorded with it. */
export function whatToSend(
  condition: Condition,
  { rows, rowsHash, previousRowsHash }: RunOutcome,
): { readonly send: true } | { readonly send: false; readonly reason: string } {
  switch (condition.kind) {
    case 'always':
      return { send: true };
    case 'non_empty':
      return rows > 0 ? { send: true } : { send: false, reason: 'There are no rows.' };
    case 'changed':
      return rowsHash !== previousRowsHash
        ? { send: true }
        : { send: false, reason: 'The rows are those of the last run.' };
    case 'threshold':
      return rows >= condition.minRows
        ? { send: true }
        : { send: false, reason: `There are ${rows} rows, and ${condition.minRows} are needed.` };
  }
}
