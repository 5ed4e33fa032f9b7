import type { Clock, Logger } from '@certfolio/core';
import { openBudgetLog } from './budget-log.fs.ts';
import { earlierCallAges } from './budget-log.ts';
import type { CallBudget } from './budget-port.ts';
import type { RollingWindow } from './call-budget.ts';

export interface LoggedBudgetOptions {
  /** Of the file. */
  readonly path: string;
  readonly windows: readonly RollingWindow[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What a budget needs to know of its file. */
export interface KeptCalls {
  /** Monotonic times of calls of an earlier process, ascending. */
  readonly earlierCallsMs: readonly number[];
  /** To be told after every change of the calls. */
  readonly onChange: () => void;
}

/** Opens a budget whose calls are kept in a file, so that a restart does not spend the windows twice. */
export function openLoggedBudget<B extends CallBudget>(
  { path, windows, clock, logger }: LoggedBudgetOptions,
  create: (kept: KeptCalls) => B,
): { readonly budget: B; readonly close: () => Promise<void> } {
  const toWallMs = (monotonicMs: number) => Math.round(clock.nowMs() - (clock.monotonicMs() - monotonicMs));
  const log = openBudgetLog({ path, clock, logger, callsAtMs: () => budget.callsMs().map(toWallMs) });
  const startMs = clock.monotonicMs();
  const earlierCallsMs = earlierCallAges(log.earlier, windows, clock.nowMs()).map((ageMs) => startMs - ageMs);
  const budget = create({ earlierCallsMs, onChange: () => log.changed() });
  return { budget, close: () => log.close() };
}
