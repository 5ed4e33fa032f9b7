import type { Clock, Logger } from '@certfolio/core';
import type { RestFallback, RestUsageStore, RestUse } from './rest-usage.ts';

/** What is counted of one call. */
export interface CountedRestCall extends Pick<RestUse, 'keyId' | 'route' | 'shape' | 'userAgent' | 'isTest'> {
  readonly atMs: number;
  readonly isFromGraph: boolean;
  readonly isRefused: boolean;
  readonly isFailed: boolean;
  readonly upstreamCalls: number;
  /** Why the graph did not answer although it was its turn; null when it was not, or did. */
  readonly fallback: string | null;
}

export interface RestUsageRecorder {
  /** Counts a call; costs a look-up and writes nothing. */
  record(call: CountedRestCall): void;
  /** Writes what was counted, in one statement; on failure keeps it for the next time. */
  flush(): Promise<void>;
  /** Flushes every few seconds until the signal aborts, and a last time then. */
  run(signal: AbortSignal): Promise<void>;
}

export interface RestUsageRecorderOptions {
  readonly store: Pick<RestUsageStore, 'add' | 'forget'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds between two writings. */
  readonly everyMs?: number;
  /** Different counts that wait to be written; further ones are dropped, and told. */
  readonly maxPending?: number;
  /** Different shapes and user agents of one key on one day; further ones count together. */
  readonly maxKinds?: number;
}

/** Days for which uses are kept. */
export const keptRestUseDays = 400;
export const otherKind = '(other)';
const maxUserAgentLength = 120;
const maxReasonLength = 160;
const dayMs = 86_400_000;

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

export function createRestUsageRecorder({
  store,
  clock,
  logger,
  everyMs = 5_000,
  maxPending = 10_000,
  maxKinds = 200,
}: RestUsageRecorderOptions): RestUsageRecorder {
  let uses = new Map<string, Mutable<RestUse>>();
  let fallbacks = new Map<string, Mutable<RestFallback>>();
  /** Kinds by key; names of parameters and user agents are whatever callers send. */
  let kinds = new Map<string, Set<string>>();
  let kindsDay = -1;
  let dropped = 0;
  let forgotDay = -1;

  function record(call: CountedRestCall): void {
    const { keyId, route, isTest, atMs } = call;
    const { shape, userAgent } = kindOf(call);
    const at = new Date(atMs);
    const day = Math.floor(atMs / dayMs);
    const use = {
      ...{ keyId, route, shape, userAgent, isTest, calls: 1 },
      fromGraph: Number(call.isFromGraph),
      refused: Number(call.isRefused),
      failed: Number(call.isFailed),
      upstreamCalls: call.upstreamCalls,
      firstUsedAt: at,
      lastUsedAt: at,
    };
    add(uses, JSON.stringify([day, keyId, route, shape, userAgent, isTest]), use, sumUse);
    if (call.fallback === null) return;
    const reason = storable(call.fallback.slice(0, maxReasonLength));
    const fallback = { keyId, route, reason, calls: 1, lastUsedAt: at };
    add(fallbacks, JSON.stringify([day, keyId, route, reason]), fallback, sumFallback);
  }

  function kindOf({ keyId, shape, userAgent, atMs }: CountedRestCall): Pick<RestUse, 'shape' | 'userAgent'> {
    const day = Math.floor(atMs / dayMs);
    if (day !== kindsDay) [kinds, kindsDay] = [new Map(), day];
    const ofKey = kinds.get(keyId) ?? new Set();
    kinds.set(keyId, ofKey);
    const kind = { shape: storable(shape), userAgent: storable(userAgent.slice(0, maxUserAgentLength)) };
    const name = JSON.stringify(kind);
    if (!ofKey.has(name) && ofKey.size >= maxKinds) return { shape: otherKind, userAgent: otherKind };
    ofKey.add(name);
    return kind;
  }

  function add<T extends object>(
    counts: Map<string, Mutable<T>>,
    key: string,
    one: T,
    sum: (total: Mutable<T>, one: T) => void,
  ): void {
    const before = counts.get(key);
    if (before !== undefined) sum(before, one);
    else if (counts.size < maxPending) counts.set(key, { ...one });
    else dropped += 1;
  }

  async function flush(): Promise<void> {
    const writing = { uses, fallbacks };
    [uses, fallbacks] = [new Map(), new Map()];
    if (dropped > 0)
      logger.warn({ dropped, maxPending }, 'More different calls than are kept in memory; some were not counted.');
    dropped = 0;
    try {
      await store.add([...writing.uses.values()], [...writing.fallbacks.values()]);
    } catch (error) {
      logger.warn({ reason: String(error) }, 'Calls of the REST façade could not be written down; it is tried again.');
      for (const [key, use] of writing.uses) add(uses, key, use, sumUse);
      for (const [key, fallback] of writing.fallbacks) add(fallbacks, key, fallback, sumFallback);
      return;
    }
    await forgetOld().catch((error: unknown) =>
      logger.warn({ reason: String(error) }, 'Old calls of the REST façade could not be removed; it is tried again.'),
    );
  }

  async function forgetOld(): Promise<void> {
    const today = Math.floor(clock.nowMs() / dayMs);
    if (today === forgotDay) return;
    await store.forget(new Date((today - keptRestUseDays) * dayMs));
    forgotDay = today;
  }

  return {
    record,
    flush,
    async run(signal) {
      while (!signal.aborted) {
        await clock.sleep(everyMs, signal).catch(() => undefined);
        await flush();
      }
    },
  };
}

/** What PostgreSQL keeps in no text would hold back all that is written with it: U+0000, and halves of a surrogate pair. */
const storable = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\ufffd');

function sumUse(total: Mutable<RestUse>, one: RestUse): void {
  sumFallback(total, one);
  total.fromGraph += one.fromGraph;
  total.refused += one.refused;
  total.failed += one.failed;
  total.upstreamCalls += one.upstreamCalls;
  if (one.firstUsedAt < total.firstUsedAt) total.firstUsedAt = one.firstUsedAt;
}

type Counted = Pick<RestFallback, 'calls' | 'lastUsedAt'>;

function sumFallback(total: Mutable<Counted>, one: Counted): void {
  total.calls += one.calls;
  if (one.lastUsedAt > total.lastUsedAt) total.lastUsedAt = one.lastUsedAt;
}
