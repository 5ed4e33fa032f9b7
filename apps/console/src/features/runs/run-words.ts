import type { RunAnswer, RunDifference } from './run-answer.ts';

const grouped = new Intl.NumberFormat('en-US');
const oneDecimal = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

/** `1,000 of 25,000, truncated`; a dash before there are any. */
export function rowsText({ rows, totalRows, truncated }: Pick<RunAnswer, 'rows' | 'totalRows' | 'truncated'>): string {
  if (rows === null) return '–';
  if (truncated !== true) return grouped.format(rows);
  return `${grouped.format(rows)} of ${totalRows === null ? 'more' : grouped.format(totalRows)}, truncated`;
}

/** `3 added, 1 removed`; a dash where there is no run to compare with. */
export function differenceText(difference: RunDifference | null): string {
  if (difference === null) return '–';
  const parts = [
    [difference.added, 'added'],
    [difference.removed, 'removed'],
    [difference.changed, 'changed'],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, word]) => `${grouped.format(count)} ${word}`);
  return told.length === 0 ? 'none' : told.join(', ');
}

/** `302 ms`, `12.3 s`, `3 min 5 s`. */
export function durationText(durationMs: number | null): string {
  if (durationMs === null) return '–';
  if (durationMs < 1_000) return `${durationMs} ms`;
  if (durationMs < 60_000) return `${oneDecimal.format(durationMs / 1_000)} s`;
  const seconds = Math.round(durationMs / 1_000);
  return `${grouped.format(Math.floor(seconds / 60))} min ${seconds % 60} s`;
}

/** `36.2 kB`, of 1,000 bytes. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  const power = Math.min(units.length - 1, bytes < 1_000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return `${oneDecimal.format(bytes / 1_000 ** power)} ${units[power]}`;
}

/** What tells the files of one run apart: `csv` of `expiring-soon-2026-11-28T0932Z.csv`, else the whole name. */
export const shortFileName = (name: string): string => name.replace(/^.*-\d{4}-\d\d-\d\dT\d{4}Z\./, '');

export const isUnfinished = ({ state }: Pick<RunAnswer, 'state'>): boolean => state === 'QUEUED' || state === 'RUNNING';
