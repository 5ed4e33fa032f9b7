import { LRUCache } from 'lru-cache';
import type { Clock, Logger, RequestRecord } from '@certfolio/core';
import { cutText } from './mask.ts';
import { normalisedOperation, type NormalisedOperation } from './normalised-operation.ts';
import type { SeenLimits, SeenOperation, SeenStore } from './seen-store.ts';

export interface SeenRecorder {
  /** Looks at every record; keeps what a key of level `audit` ran without a template. */
  record(record: RequestRecord): void;
  flush(): Promise<void>;
  run(signal: AbortSignal): Promise<void>;
}

export interface SeenRecorderOptions {
  readonly store: Pick<SeenStore, 'add'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits?: SeenLimits;
}

export const defaultSeenLimits: SeenLimits = { operationsPerKey: 500, totalChars: 20_000_000 };
/** Longer texts are counted as given way, not kept. */
const maxTextChars = 100_000;
/** Operations that wait for the next flush, and the characters of their texts. */
const maxWaiting = 1_000;
const maxWaitingChars = 10_000_000;
const everyMs = 1_000;
const warnEveryMs = 60_000;

interface Waiting {
  readonly record: RequestRecord & { readonly operation: NonNullable<RequestRecord['operation']> };
  clientName: string | null;
  runs: number;
  lastAtMs: number;
}

/** Counts in memory, writes once a second; parsing and printing happen then, off the path of requests. */
export function createSeenRecorder(options: SeenRecorderOptions): SeenRecorder {
  const { store, clock, logger, limits = defaultSeenLimits } = options;
  let waiting = new Map<string, Waiting>();
  let waitingChars = 0;
  let dropped = new Map<string, number>();
  let warnedAtMs: number | null = null;
  let flushing: Promise<void> | null = null;
  const normalised = new LRUCache<string, NormalisedOperation>({
    maxSize: maxWaitingChars,
    sizeCalculation: ({ text }) => text.length + 1,
  });

  function normalise({ operation }: Waiting['record']): NormalisedOperation {
    const key = `${operation.hash} ${operation.name ?? ''}`;
    let known = normalised.get(key);
    if (known === undefined) normalised.set(key, (known = normalisedOperation(operation.text, operation.name)));
    return known;
  }

  async function write(): Promise<void> {
    if (waiting.size === 0 && dropped.size === 0) return;
    const [writing, lost] = [waiting, dropped];
    [waiting, waitingChars, dropped] = [new Map(), 0, new Map()];
    const operations = new Map<string, SeenOperation>();
    for (const { record, runs, lastAtMs, clientName } of writing.values()) {
      const operation = normalise(record);
      const { keyId } = record.principal;
      const key = `${keyId} ${operation.hash}`;
      const before = operations.get(key);
      operations.set(key, {
        ...operation,
        keyId,
        clientName: clientName === null ? (before?.clientName ?? null) : cutText(clientName, 100),
        runs: runs + (before?.runs ?? 0),
        firstSeenAt: before?.firstSeenAt ?? new Date(record.atMs),
        lastSeenAt: new Date(Math.max(lastAtMs, before?.lastSeenAt.getTime() ?? 0)),
      });
    }
    try {
      await store.add([...operations.values()], lost, limits);
    } catch (error) {
      giveBack(writing, lost);
      const nowMs = clock.monotonicMs();
      if (warnedAtMs !== null && nowMs - warnedAtMs < warnEveryMs) return;
      warnedAtMs = nowMs;
      logger.warn(
        { waiting: waiting.size, reason: String(error) },
        'Seen operations could not be written; later again.',
      );
    }
  }

  /** What could not be written waits with what came meanwhile. */
  function giveBack(writing: ReadonlyMap<string, Waiting>, lost: ReadonlyMap<string, number>): void {
    for (const [keyId, count] of lost) dropped.set(keyId, (dropped.get(keyId) ?? 0) + count);
    for (const [key, before] of writing) {
      const now = waiting.get(key);
      if (now === undefined) keep(key, before);
      else
        waiting.set(key, {
          record: before.record,
          clientName: now.clientName ?? before.clientName,
          runs: now.runs + before.runs,
          lastAtMs: now.lastAtMs,
        });
    }
  }

  function keep(key: string, entry: Waiting): void {
    const { operation, principal } = entry.record;
    if (
      operation.text.length > maxTextChars ||
      waiting.size >= maxWaiting ||
      waitingChars + operation.text.length > maxWaitingChars
    ) {
      dropped.set(principal.keyId, (dropped.get(principal.keyId) ?? 0) + 1);
      return;
    }
    waiting.set(key, entry);
    waitingChars += operation.text.length;
  }

  function flush(): Promise<void> {
    flushing ??= write().finally(() => (flushing = null));
    return flushing;
  }

  return {
    record(record) {
      const { operation, principal, clientName, atMs } = record;
      if (principal.level !== 'audit' || operation === null || operation.template !== null) return;
      const key = `${principal.keyId} ${operation.hash} ${operation.name ?? ''}`;
      const before = waiting.get(key);
      if (before === undefined) {
        keep(key, { record: { ...record, operation }, clientName, runs: 1, lastAtMs: atMs });
        return;
      }
      before.runs += 1;
      before.lastAtMs = Math.max(before.lastAtMs, atMs);
      before.clientName = clientName ?? before.clientName;
    },
    flush,
    async run(signal) {
      while (!signal.aborted) {
        await clock.sleep(everyMs, signal).catch(() => undefined);
        await flush();
      }
      await flush();
    },
  };
}
