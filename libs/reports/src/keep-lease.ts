import { ServiceUnavailable, type AppError, type Clock, type Logger } from '@certfolio/core';
import type { Run, RunStore } from './run-store.ts';

export interface LeaseParts {
  readonly runs: Pick<RunStore, 'keepLease'>;
  readonly settings: { readonly leaseMs: number };
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Lease {
  /** Aborts when the run may be another's, and when the process stops. */
  readonly signal: AbortSignal;
  /** Another process has the run: this one has nothing to say of it any more. */
  isTaken(): boolean;
  /** Why the work was broken off although nobody is known to have the run; null while it was not. */
  doubt(): AppError | null;
  stop(): void;
}

/** Says in time that a run is being worked at, and breaks the work off when another may have begun with it. */
export function keepLease({ runs, settings, clock, logger }: LeaseParts, run: Run, signal: AbortSignal): Lease {
  const { leaseMs } = settings;
  const lost = new AbortController();
  const stopped = new AbortController();
  let isTaken = false;
  let doubt: AppError | null = null;
  void (async () => {
    let confirmedMs = clock.monotonicMs();
    while (!stopped.signal.aborted) {
      await clock.sleep(leaseMs / 3, stopped.signal).catch(() => undefined);
      if (stopped.signal.aborted) return;
      const isKept = await runs.keepLease(run.id, run.attempts, leaseMs).catch(() => null);
      if (stopped.signal.aborted) return;
      if (isKept === true) confirmedMs = clock.monotonicMs();
      if (isKept === false) {
        isTaken = true;
        logger.warn({ runId: run.id }, 'A run was taken by another process; this one stops.');
        return lost.abort(new Error('The run was taken by another process.'));
      }
      // A database that does not answer may have given the run away once the lease is over.
      if (clock.monotonicMs() - confirmedMs >= leaseMs) {
        doubt = new ServiceUnavailable(`The database could not be reached for ${leaseMs / 1_000} s.`);
        logger.warn({ runId: run.id }, 'The lease of a run could not be kept; the work at it stops.');
        return lost.abort(doubt);
      }
    }
  })();
  return {
    signal: AbortSignal.any([signal, lost.signal]),
    isTaken: () => isTaken,
    doubt: () => doubt,
    stop: () => stopped.abort(),
  };
}
