import type { Clock, Logger } from '@certfolio/core';
import type { AuditEntry } from './audit-entry.ts';
import type { AuditStore } from './audit-store.ts';
import { EntryLines } from './entry-lines.ts';

export interface AuditWriterOptions {
  readonly store: Pick<AuditStore, 'append'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Entries that wait while the database is away; beyond, the newest are dropped and counted. Default 10,000. */
  readonly maxPending?: number;
  /** How long entries wait for others. Default 1,000. */
  readonly everyMs?: number;
  /** Entries of one transaction; as many waiting are written at once. Default 500. */
  readonly batchSize?: number;
}

export interface AuditWriter {
  /** Costs its JSON; writes nothing. */
  note(entry: AuditEntry): void;
  pending(): number;
  /** Entries lost since the start. */
  dropped(): number;
  /** Null while entries are being written, else why the last attempt failed. */
  problem(): string | null;
  /** Writes all that was noted before; false when the database did not take it, which keeps it for the next time. */
  flush(): Promise<boolean>;
  /** Flushes every second, or sooner when a batch is full, until the signal aborts, and a last time then. */
  run(signal: AbortSignal): Promise<void>;
}

/** What could not be kept, until an entry tells of it. */
interface Gap {
  readonly entries: number;
  readonly firstAt: string;
  readonly lastAt: string;
}

const warnEveryMs = 60_000;

/** Writes entries in batches, off the path of requests. */
export function createAuditWriter(options: AuditWriterOptions): AuditWriter {
  const { store, clock, logger, maxPending = 10_000, everyMs = 1_000, batchSize = 500 } = options;
  /** Takes what is noted. */
  let open = new EntryLines();
  /** Entries that are written before, batch by batch; the first batch may be under way. */
  const closed: EntryLines[] = [];
  /** Of all that wait. */
  let waiting = 0;
  /** Of them, the first so many are to be written by the flush that runs. */
  let due = 0;
  let gap: Gap | null = null;
  let droppedCount = 0;
  let problem: string | null = null;
  let warnedAtMs: number | null = null;
  let wake: (() => void) | null = null;
  let flushing: Promise<boolean> | null = null;

  /** What comes while it writes waits for others: each transaction costs as much as a hundred entries. */
  async function writeDue(): Promise<boolean> {
    while (due > 0 || gap !== null) {
      if (due > 0 && closed.length === 0) close();
      const told = due === 0 ? gap : null;
      const batch = told === null ? closed[0]! : EntryLines.of(gapEntry(told));
      try {
        await store.append(batch);
      } catch (error) {
        failed(error);
        return false;
      }
      problem = null;
      if (told === null) {
        closed.shift();
        waiting -= batch.count;
        due = Math.max(0, due - batch.count);
      } else {
        // What was dropped while this was written is told next time.
        gap = gap === told ? null : remainder(gap!, told);
      }
    }
    return true;
  }

  function close(): void {
    closed.push(open);
    open = new EntryLines();
  }

  function gapEntry({ entries, firstAt, lastAt }: Gap): AuditEntry {
    return { kind: 'dropped', at: new Date(clock.nowMs()).toISOString(), entries, firstAt, lastAt };
  }

  function failed(error: unknown): void {
    problem = error instanceof Error ? error.message : String(error);
    const nowMs = clock.monotonicMs();
    if (warnedAtMs !== null && nowMs - warnedAtMs < warnEveryMs) return;
    warnedAtMs = nowMs;
    logger.warn(
      { pending: waiting, maxPending, reason: problem },
      'Entries of the audit log could not be written; they are kept and tried again.',
    );
  }

  /** The first so many of those that wait. */
  function write(entries: number): Promise<boolean> {
    due = entries;
    flushing ??= writeDue().finally(() => (flushing = null));
    return flushing;
  }
  const flush = () => write(waiting);
  const writeFullBatches = () => write(waiting - open.count);

  return {
    note(entry) {
      if (waiting >= maxPending) {
        droppedCount += 1;
        gap = { entries: (gap?.entries ?? 0) + 1, firstAt: gap?.firstAt ?? entry.at, lastAt: entry.at };
        return;
      }
      open.add(entry);
      waiting += 1;
      if (open.count >= batchSize) close();
      // While the database is away, that many wait is no reason to ask it more often.
      if (waiting >= batchSize && problem === null) wake?.();
    },
    pending: () => waiting,
    dropped: () => droppedCount,
    problem: () => problem,
    flush,
    async run(signal) {
      while (!signal.aborted) {
        const early = new AbortController();
        wake = () => {
          wake = null;
          early.abort();
        };
        await clock.sleep(everyMs, AbortSignal.any([signal, early.signal])).catch(() => undefined);
        wake = null;
        await (early.signal.aborted ? writeFullBatches() : flush());
      }
      await flush();
    },
  };
}

function remainder(now: Gap, told: Gap): Gap {
  return { ...now, entries: now.entries - told.entries, firstAt: told.lastAt };
}
