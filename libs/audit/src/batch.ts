import type { AuditFilter } from './audit-store.ts';
import { hashBytes, type ChainedEntry, type ChainLink } from './chain.ts';
import { nameOfTemplate } from './entry-lines.ts';

/** Entries that were written together, as they were read. */
export interface Batch {
  readonly firstSeq: number;
  /** Of the entry before the first. */
  readonly previousHash: Buffer;
  /** Of each entry in turn. */
  readonly hashes: Buffer;
  /** A line each. */
  readonly entries: string;
}

/** The entries of a batch, each chained to the one before. Where somebody removed lines or hashes, what is left of an entry fits nothing. */
export function entriesOf({ firstSeq, previousHash, hashes, entries }: Batch): readonly ChainedEntry[] {
  const lines = entries.split('\n');
  let previous = previousHash.toString('hex');
  return Array.from({ length: Math.max(lines.length, hashes.length / hashBytes) }, (_, at) => {
    const json = lines[at] ?? '';
    const hash = hashes.toString('hex', at * hashBytes, (at + 1) * hashBytes);
    const entry = { seq: firstSeq + at, previousHash: previous, hash, json };
    previous = hash;
    return entry;
  });
}

/** The last entry of the batch. */
export function endOf({ lastSeq, hash }: { readonly lastSeq: number; readonly hash: Buffer }): ChainLink {
  return { seq: lastSeq, hash: hash.toString('hex') };
}

/** Whether an entry is one that is looked for; one that is no JSON any more fits no filter but the empty one. */
export function fits(filter: AuditFilter, json: string): boolean {
  const { since, until, key, template, kind } = filter;
  if ([since, until, key, template, kind].every((one) => one === undefined)) return true;
  const entry = membersOf(json);
  if (entry === null) return false;
  const at = String(entry.at);
  return (
    (since === undefined || at >= since) &&
    (until === undefined || at < until) &&
    (key === undefined || entry.keyId === key || entry.keyName === key) &&
    (template === undefined || entry.template === template || nameOfTemplate(entry.template ?? '') === template) &&
    (kind === undefined || entry.kind === kind)
  );
}

interface SearchedMembers {
  readonly at?: string;
  readonly kind?: string;
  readonly keyId?: string;
  readonly keyName?: string;
  readonly template?: string | null;
}

function membersOf(json: string): SearchedMembers | null {
  try {
    return JSON.parse(json) as SearchedMembers;
  } catch {
    return null;
  }
}
