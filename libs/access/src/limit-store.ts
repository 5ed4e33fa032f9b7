import { LRUCache } from 'lru-cache';
import type { Clock } from '@certfolio/core';
import { takeTokens, type BucketState, type TakeRequest, type TakeResult } from './gcra.ts';

export type Taken = Omit<TakeResult, 'nextState'>;

/** Buckets by name. Taking is atomic among all users of the same store. */
export interface LimitStore {
  take(bucket: string, request: TakeRequest): Promise<Taken>;
}

/** For one process. Past `maxBuckets` the one unused for longest is forgotten, that is: full again. */
export function createMemoryLimitStore(clock: Clock, maxBuckets = 100_000): LimitStore {
  const buckets = new LRUCache<string, BucketState>({ max: maxBuckets });
  return {
    async take(bucket, request) {
      const { nextState, ...taken } = takeTokens(buckets.get(bucket) ?? null, request, Math.floor(clock.monotonicMs()));
      buckets.set(bucket, nextState);
      return taken;
    },
  };
}
