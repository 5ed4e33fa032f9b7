import { z } from 'zod';
import type { RollingWindow } from './call-budget.ts';

/** The call log as it is kept between two runs of a process. Wall-clock milliseconds, since a new process has a new monotonic clock. */
export interface BudgetLog {
  readonly version: 1;
  /** True when its writer ended in good order, so that no call is missing. */
  readonly clean: boolean;
  readonly callsAtMs: readonly number[];
}

const budgetLog = z.object({ version: z.literal(1), clean: z.boolean(), callsAtMs: z.array(z.number()) });

/** @returns null for a text that is no budget log */
export function parseBudgetLog(text: string): BudgetLog | null {
  try {
    return budgetLog.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** What the process before left: nothing at all, a log, or something that cannot be read. */
export type EarlierLog =
  { readonly found: 'nothing' } | { readonly found: 'log'; readonly log: BudgetLog } | { readonly found: 'unreadable' };

/**
 * The calls to assume at the start, as ages in milliseconds, oldest first. What may be missing is assumed made just now:
 * a full short window after an unclean end, since the log is written once a second; everything after an unreadable file.
 */
export function earlierCallAges(earlier: EarlierLog, windows: readonly RollingWindow[], nowMs: number): number[] {
  if (earlier.found === 'nothing') return [];
  if (earlier.found === 'unreadable')
    return new Array<number>(Math.max(...windows.map((window) => window.calls))).fill(0);

  const longestMs = Math.max(...windows.map((window) => window.windowMs));
  const shortest = windows.reduce((a, b) => (b.windowMs < a.windowMs ? b : a));
  const ages = earlier.log.callsAtMs
    .map((atMs) => Math.max(0, nowMs - atMs)) // a wall clock that was set back makes calls of the future
    .filter((ageMs) => ageMs < longestMs)
    .sort((a, b) => b - a);
  return earlier.log.clean ? ages : [...ages, ...new Array<number>(shortest.calls).fill(0)];
}
