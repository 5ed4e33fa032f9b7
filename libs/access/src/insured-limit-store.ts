import type { Clock, Logger } from '@certfolio/core';
import type { LimitStore } from './limit-store.ts';

export interface InsuredLimitStore extends LimitStore {
  /** `insured`: limits are counted by this process alone, since the shared store fails. */
  state(): 'shared' | 'insured';
}

/**
 * Uses `shared`, and `insurance` from the first failure on; tries `shared` again with one request per `retryEveryMs`.
 * Limits then hold per process: better too generous by the number of replicas than no service, or no limit.
 */
export function createInsuredLimitStore(
  shared: LimitStore,
  insurance: LimitStore,
  {
    clock,
    logger,
    retryEveryMs = 1_000,
  }: { readonly clock: Clock; readonly logger: Logger; readonly retryEveryMs?: number },
): InsuredLimitStore {
  let failedAtMs: number | null = null;
  return {
    state: () => (failedAtMs === null ? 'shared' : 'insured'),
    async take(bucket, request) {
      const nowMs = clock.monotonicMs();
      if (failedAtMs !== null) {
        if (nowMs - failedAtMs < retryEveryMs) return insurance.take(bucket, request);
        failedAtMs = nowMs; // this request tries, the others go on without
      }
      try {
        const taken = await shared.take(bucket, request);
        if (failedAtMs !== null) logger.info({}, 'The shared limit store answers again.');
        failedAtMs = null;
        return taken;
      } catch (error) {
        if (failedAtMs === null)
          logger.warn({ reason: String(error) }, 'The shared limit store fails; limits are counted per process.');
        failedAtMs = clock.monotonicMs();
        return insurance.take(bucket, request);
      }
    },
  };
}
