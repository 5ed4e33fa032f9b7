import type { AuditStore } from './audit-store.ts';
import { beginning, checkNext, type ChainBreak, type ChainLink } from './chain.ts';

export interface VerifyOptions {
  /** Where an earlier call stopped; null begins at the oldest entry. */
  readonly from: ChainLink | null;
  /** The hash of an entry that was kept elsewhere and has to be in the chain; null looks for none. */
  readonly expect: string | null;
  /** Monotonic milliseconds, and how many of them this call may take. */
  readonly nowMs: () => number;
  readonly budgetMs: number;
  readonly pageSize?: number;
}

export interface Verification {
  /** Entries looked at by this call. */
  readonly entries: number;
  /** Where it stopped. When `isWhole`, the head of the log: kept elsewhere, it shows later that nothing of today is gone. */
  readonly last: ChainLink;
  /** The end of the log was reached; else it goes on `from: last`. */
  readonly isWhole: boolean;
  /** The first place that does not hold. Nothing after it was looked at. */
  readonly problem: ChainBreak | null;
  /** Entries that retention removed before the first one that is left. */
  readonly removedEntries: number;
  /** An entry with the expected hash was met by this call; null when none was asked for. */
  readonly isExpectedFound: boolean | null;
}

const defaultPageSize = 1_000;

/** Walks the chain page by page. A page is all that is in memory. */
export async function verifyChain(
  store: Pick<AuditStore, 'after' | 'checkpoint' | 'find'>,
  { from, expect, nowMs, budgetMs, pageSize = defaultPageSize }: VerifyOptions,
): Promise<Verification> {
  const checkpoint = await store.checkpoint();
  const untilMs = nowMs() + budgetMs;
  let last: ChainLink = from ?? checkpoint ?? beginning;
  let entries = 0;
  let isExpectedFound = expect === null ? null : last.hash === expect;
  const ended = (isWhole: boolean, problem: ChainBreak | null): Verification => ({
    entries,
    last,
    isWhole,
    problem,
    removedEntries: checkpoint?.removedEntries ?? 0,
    isExpectedFound,
  });

  if (from === null && checkpoint !== null) {
    // A checkpoint alone could be written by anyone who removed more than retention did; the chain tells of each.
    const [newest] = await store.find({ kind: 'retention' }, { order: 'newest', beyond: null, limit: 1 });
    const told = newest === undefined ? null : (JSON.parse(newest.json) as { lastSeq?: unknown; lastHash?: unknown });
    if (told === null || told.lastSeq !== checkpoint.seq || told.lastHash !== checkpoint.hash) {
      const what = `the log begins after number ${checkpoint.seq}, and no entry tells that retention removed what was before`;
      return ended(false, { seq: checkpoint.seq, what });
    }
  }
  for (;;) {
    const page = await store.after(last.seq, pageSize);
    for (const entry of page) {
      const problem = checkNext(last, entry);
      if (problem !== null) return ended(false, problem);
      last = { seq: entry.seq, hash: entry.hash };
      entries += 1;
      if (entry.hash === expect) isExpectedFound = true;
    }
    if (page.length < pageSize) return ended(true, null);
    if (nowMs() >= untilMs) return ended(false, null);
  }
}
