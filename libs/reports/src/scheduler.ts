import { runReport, type RunParts } from './run-report.ts';

export interface SchedulerSettings {
  /** How often due slots and queued runs are looked for. */
  readonly tickMs: number;
  /** Runs at the same time in this process. */
  readonly workers: number;
  /** A slot that is no older was not missed. */
  readonly graceMs: number;
  readonly pruneEveryMs: number;
}

export interface Scheduler {
  /** Looks now rather than at the next tick. */
  wake(): void;
  /** When due slots were looked for last; null before the first time, or while the database does not answer. */
  lastLookAt(): Date | null;
  /** Takes no further run and stops those under way, which go back into the queue. Resolves once nothing runs. */
  stop(): Promise<void>;
}

/** Queues what is due and works at what is queued, until it is stopped. Any number of processes may do so on one database. */
export function startScheduler(parts: RunParts & { readonly scheduling: SchedulerSettings }): Scheduler {
  const { runs, clock, logger, scheduling, settings } = parts;
  const stopping = new AbortController();
  const { signal } = stopping;
  let awake = new AbortController();
  let lookedAt: Date | null = null;
  const running = new Map<string, Promise<void>>();

  async function fill(): Promise<void> {
    while (running.size < scheduling.workers && !signal.aborted) {
      const run = await runs.claimNext(settings.leaseMs, [...running.keys()]);
      if (run === null) return;
      const work = runReport(parts, run, signal)
        .catch((error: unknown) =>
          logger.error({ err: error, runId: run.id }, 'A run could not be ended; another attempt will be made.'),
        )
        .finally(() => {
          running.delete(run.id);
          awake.abort();
        });
      running.set(run.id, work);
    }
  }

  const loop = (async () => {
    let prunedMs = clock.monotonicMs();
    while (!signal.aborted) {
      try {
        await runs.queueDue(scheduling.graceMs);
        lookedAt = new Date(clock.nowMs());
        await fill();
        if (clock.monotonicMs() - prunedMs >= scheduling.pruneEveryMs) {
          prunedMs = clock.monotonicMs();
          const pruned = await runs.prune();
          if (pruned > 0) logger.info({ runs: pruned }, 'Runs that need not be kept were removed.');
        }
      } catch (error) {
        if (lookedAt !== null)
          logger.warn({ reason: String(error) }, 'Due reports cannot be looked for; it is tried again.');
        lookedAt = null;
      }
      awake = new AbortController();
      await clock.sleep(scheduling.tickMs, AbortSignal.any([signal, awake.signal])).catch(() => undefined);
    }
  })();

  return {
    wake: () => awake.abort(),
    lastLookAt: () => lookedAt,
    async stop() {
      stopping.abort(new Error('The process is stopping.'));
      await loop;
      await Promise.all(running.values());
    },
  };
}
