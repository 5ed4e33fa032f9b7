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
  take(bucket: string, request: TakeRequest): Promise<Taken>;
  /** Corrects what was taken; never refuses. */
  settle(bucket: string, request: SettleRequest): Promise<void>;
}

/** For one process. Past `maxBuckets` the one unused for longest is forgotten, that is: full again. */
export function createMemoryLimitStore(clock: Clock, maxBuckets = 100_000): LimitStore {
  const buckets = new LRUCache<string, BucketState>({ max: maxBuckets });
  const nowMs = () => Math.floor(clock.monotonicMs());
  return {
    async take(bucket, request) {
      const { nextState, ...taken } = takeTokens(buckets.get(bucket) ?? null, request, nowMs());
      buckets.set(bucket, nextState);
      return taken;
    },
    async settle(bucket, request) {
      buckets.set(bucket, settleTokens(buckets.get(bucket) ?? null, request, nowMs()).nextState);
    },
  };
}
