import type { AuditEntryKind } from './audit-entry.ts';
import type { ChainedEntry, ChainLink } from './chain.ts';
import type { EntryLines } from './entry-lines.ts';

export interface AuditFilter {
  /** ISO 8601 in UTC; included. */
  readonly since?: string | undefined;
  /** ISO 8601 in UTC; not included. */
  readonly until?: string | undefined;
  /** Id or name of a key. */
  readonly key?: string | undefined;
  /** Name of a template, of any version, or `name@version`. */
  readonly template?: string | undefined;
  readonly kind?: AuditEntryKind | undefined;
}

/** Where the part of the log that retention removed ended. */
export interface Checkpoint extends ChainLink {
  readonly removedEntries: number;
}

/** One chain in one database, appended to by any number of processes. Every method throws what the database throws. */
export interface AuditStore {
  /** Appends in this order, all or none; waits for other processes that append. @returns the new head */
  append(entries: EntryLines): Promise<ChainLink>;
  /** The last entry; the checkpoint when none is left; null for a log that never had one. */
  head(): Promise<ChainLink | null>;
  checkpoint(): Promise<Checkpoint | null>;
  /** Entries after a number in the order of the chain. */
  after(seq: number, limit: number): Promise<readonly ChainedEntry[]>;
  /** Entries that fit, the newest first, or oldest first; `beyond` is the number after which to go on. */
  find(
    filter: AuditFilter,
    options: { readonly order: 'newest' | 'oldest'; readonly beyond: number | null; readonly limit: number },
  ): Promise<readonly ChainedEntry[]>;
  /**
   * Removes the entries before an instant and leaves a checkpoint; the chain gets an entry about it. Never removes an entry
   * that is followed by an older one only in part: what is removed is the beginning, without gaps.
   *
   * @returns how many were removed
   */
  removeBefore(before: Date, now: Date): Promise<number>;
}
