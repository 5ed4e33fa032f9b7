import Keyv from 'keyv';
import { LRUCache } from 'lru-cache';
import type { Clock, ReadAccount } from '@certfolio/core';
import type { ExecutionAnswer } from './operation-runner.ts';

/** Where answers are kept; Keyv fits it. */
export interface ResultStore {
  get(key: string): Promise<CachedResult | undefined>;
  set(key: string, value: CachedResult, ttlMs: number): Promise<unknown>;
}

/** A whole answer with what is told of its origin. */
export interface CachedResult {
  readonly data: Record<string, unknown> | null;
  readonly reads: ReadAccount;
}

export interface ResultCache {
  /** An answer whose oldest data is at most `maxAgeMs` old; null when there is none. */
  find(key: string, maxAgeMs: number): Promise<CachedResult | null>;
  /** Keeps a complete answer for as long as it can be fresh enough. An answer with errors, or cut off, is not kept. */
  keep(key: string, execution: ExecutionAnswer, reads: ReadAccount, maxAgeMs: number): Promise<void>;
}

/**
 * Answers of earlier runs, for operations that say how old their data may be. The key has to hold everything that the
 * answer depends on. A store that fails is as good as an empty one.
 */
export function createResultCache(store: ResultStore, clock: Clock): ResultCache {
  const ageMs = ({ dataAsOf }: ReadAccount) =>
    dataAsOf === null ? Number.POSITIVE_INFINITY : clock.nowMs() - Date.parse(dataAsOf);
  return {
    async find(key, maxAgeMs) {
      const kept = await store.get(key).catch(() => undefined);
      if (kept === undefined || ageMs(kept.reads) > maxAgeMs) return null;
      return { data: kept.data, reads: { ...kept.reads, source: 'cache', upstreamCalls: 0, calls: [] } };
    },
    async keep(key, { data, errors }, reads, maxAgeMs) {
      const ttlMs = maxAgeMs - ageMs(reads);
      if (errors.length > 0 || reads.truncated || !(ttlMs > 0)) return;
      await store.set(key, { data, reads }, ttlMs).catch(() => undefined);
    },
  };
}

/** Keeps answers in this process; the ones unused for longest go first. @param maxChars of all answers as JSON */
export function createMemoryResultStore(maxChars: number): ResultStore {
  const texts = new LRUCache<string, string>({ maxSize: maxChars, sizeCalculation: (text) => text.length + 1 });
  // Keyv hands its stores a time to live as third argument, where lru-cache wants an object; Keyv's own expiry suffices.
  const store = {
    get: (key: string) => texts.get(key),
    set: (key: string, text: string) => void texts.set(key, text),
    delete: (key: string) => texts.delete(key),
    clear: () => texts.clear(),
  };
  return new Keyv<CachedResult>({ store });
}
