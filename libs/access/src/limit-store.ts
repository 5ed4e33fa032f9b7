import { LRUCache } from 'lru-cache';
import type { Clock } from '@certfolio/core';
import {
  settleTokens,
  takeTokens,
  type BucketState,
  type SettleRequest,
  type TakeRequest,
  type TakeResult,
} from './gcra.ts';

export type Taken = Omit<TakeResult, 'nextState'>;

/** Buckets by name. What is done to one is atomic among all users of the same store. */
export interface LimitStore {
  take(name: string, request: TakeRequest): Promise<Taken>;
  /** Corrects what was taken; never refuses. */
  settle(name: string, request: SettleRequest): Promise<void>;
}

/** For one process. Past `maxBuckets` the one unused for longest is forgotten, that is: full again. */
export function createMemoryLimitStore(clock: Clock, maxBuckets = 100_000): LimitStore {
  const buckets = new LRUCache<string, { state: BucketState | null }>({ max: maxBuckets });
  const nowMs = () => Math.floor(clock.monotonicMs());
  const bucketOf = (name: string) => {
    let bucket = buckets.get(name);
    if (bucket === undefined) buckets.set(name, (bucket = { state: null }));
    return bucket;
  };
  return {
    async take(name, request) {
      const bucket = bucketOf(name);
      const { nextState, granted, remaining, resetMs, fullMs, retryAfterMs } = takeTokens(
        bucket.state,
        request,
        nowMs(),
      );
      bucket.state = nextState;
      return { granted, remaining, resetMs, fullMs, retryAfterMs };
    },
    async settle(name, request) {
      const bucket = bucketOf(name);
      bucket.state = settleTokens(bucket.state, request, nowMs()).nextState;
    },
  };
}
