import type { Clock, Logger } from '@certfolio/core';

/** Decides between what all processes share and what this one knows alone. */
export interface Insurance {
  /** `insured`: limits are counted by this process alone, since the shared store fails. */
  state(): 'shared' | 'insured';
  /** The result of `shared`; of `alone` while the shared store fails. */
  use<T>(shared: () => Promise<T>, alone: () => Promise<T>): Promise<T>;
}

/**
 * Uses what is shared, and what stands in for it from the first failure on; tries again with one request per `retryEveryMs`.
 * Limits then hold per process: better too generous by the number of replicas than no service, or no limit.
 */
export function createInsurance({
  clock,
  logger,
  retryEveryMs = 1_000,
}: {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retryEveryMs?: number;
}): Insurance {
  let failedAtMs: number | null = null;
  return {
    state: () => (failedAtMs === null ? 'shared' : 'insured'),
    async use(shared, alone) {
      const nowMs = clock.monotonicMs();
      if (failedAtMs !== null) {
        if (nowMs - failedAtMs < retryEveryMs) return alone();
        failedAtMs = nowMs; // this request tries, the others go on without
      }
      try {
        const result = await shared();
        if (failedAtMs !== null) logger.info({}, 'The shared limit store answers again.');
        failedAtMs = null;
        return result;
      } catch (error) {
        if (failedAtMs === null)
          logger.warn({ reason: String(error) }, 'The shared limit store fails; limits are counted per process.');
        failedAtMs = clock.monotonicMs();
        return alone();
      }
    },
  };
}
