import type { AuditEntry } from './audit-entry.ts';
import type { AuditFilter } from './audit-store.ts';
import { hashBytes, type ChainedEntry, type ChainLink } from './chain.ts';

/** Entries that were written together, as a row of the log. */
export interface Batch {
  readonly firstSeq: number;
  /** Of the entry before the first. */
  readonly previousHash: Buffer;
  /** Of each entry in turn. */
  readonly hashes: Buffer;
  /** A line each. */
  readonly entries: string;
}

/** What batches are searched by: each lists what its entries hold. */
export interface BatchFacts {
  readonly firstAt: string;
  readonly lastAt: string;
  /** Ids and names. */
  readonly keys: readonly string[];
  /** By name and by `name@version`. */
  readonly templates: readonly string[];
  readonly kinds: readonly string[];
}

export function batchOf(chained: readonly ChainedEntry[]): Batch {
  const first = chained[0]!;
  return {
    firstSeq: first.seq,
    previousHash: Buffer.from(first.previousHash, 'hex'),
    hashes: Buffer.from(chained.map(({ hash }) => hash).join(''), 'hex'),
    entries: chained.map(({ json }) => json).join('\n'),
  };
}

export function factsOf(entries: readonly AuditEntry[]): BatchFacts {
  let firstAt = entries[0]!.at;
  let lastAt = firstAt;
  const keys = new Set<string>();
  const templates = new Set<string>();
  const kinds = new Set<string>();
  for (const entry of entries) {
    if (entry.at < firstAt) firstAt = entry.at;
    if (entry.at > lastAt) lastAt = entry.at;
    kinds.add(entry.kind);
    if ('keyId' in entry) keys.add(entry.keyId).add(entry.keyName);
    if ('template' in entry && entry.template !== null)
      templates.add(entry.template).add(nameOfTemplate(entry.template));
  }
  return { firstAt, lastAt, keys: [...keys], templates: [...templates], kinds: [...kinds] };
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

const nameOfTemplate = (template: string): string => template.split('@', 1)[0]!;
