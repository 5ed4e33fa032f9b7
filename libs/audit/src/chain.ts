import { hash as digest } from 'node:crypto';
import type { EntryLines } from './entry-lines.ts';

/** A place in the chain: the number of an entry and its hash. */
export interface ChainLink {
  readonly seq: number;
  /** SHA-256, hex. */
  readonly hash: string;
}

/** Bytes of a hash. */
export const hashBytes = 32;

/** Before the first entry ever. */
export const beginning: ChainLink = { seq: 0, hash: '0'.repeat(64) };

/** An entry with its place in the chain, as it is kept. */
export interface ChainedEntry extends ChainLink {
  readonly previousHash: string;
  /** JSON of the entry with its `seq`, without a line break: the bytes that are hashed. */
  readonly json: string;
}

/** Entries in the chain, as they are kept together. */
export interface ChainedLines {
  readonly firstSeq: number;
  /** Of the entry before the first. */
  readonly previousHash: Buffer;
  /** Of each entry in turn. */
  readonly hashes: Buffer;
  /** The JSON of each with its `seq`, with line breaks between. */
  readonly lines: Buffer;
  readonly last: ChainLink;
}

const lineBreak = 0x0a;

/** Chains entries, of which there is at least one, after a link: `hash = SHA-256(bytes of the previous hash, JSON)`. */
export function chainAfter(head: ChainLink, entries: EntryLines): ChainedLines {
  const previousHash = Buffer.from(head.hash, 'hex');
  const hashes = Buffer.allocUnsafe(hashBytes * entries.count);
  const longestBeginning = beginningOf(head.seq + entries.count).length;
  const lines = Buffer.allocUnsafe(entries.size + entries.count * (longestBeginning + 1));
  /** What is hashed next: the hash before, and the line. */
  const hashed = Buffer.allocUnsafe(lines.length + hashBytes);
  let before = previousHash;
  let end = 0;
  for (let at = 0; at < entries.count; at += 1) {
    if (at > 0) lines[end++] = lineBreak;
    const start = end;
    end += lines.write(beginningOf(head.seq + 1 + at), end, 'latin1');
    end += entries.line(at).copy(lines, end, 1);
    before.copy(hashed);
    lines.copy(hashed, hashBytes, start, end);
    before = digest('sha256', hashed.subarray(0, hashBytes + end - start), 'buffer');
    before.copy(hashes, hashBytes * at);
  }
  return {
    firstSeq: head.seq + 1,
    previousHash,
    hashes,
    lines: lines.subarray(0, end),
    last: { seq: head.seq + entries.count, hash: before.toString('hex') },
  };
}

/** Stands where the entry's own brace stood. */
const beginningOf = (seq: number): string => `{"seq":${seq},`;

export function hashOf(previousHash: string, json: string): string {
  const bytes = Buffer.allocUnsafe(hashBytes + Buffer.byteLength(json));
  bytes.write(previousHash, 'hex');
  bytes.write(json, hashBytes);
  return digest('sha256', bytes, 'hex');
}

/** The first place where the chain does not hold. */
export interface ChainBreak {
  readonly seq: number;
  readonly what: string;
}

/** What follows a link in an intact chain, else the break. Entries are handed over in the order of `seq`. */
export function checkNext(last: ChainLink, next: ChainedEntry): ChainBreak | null {
  const expected = last.seq + 1;
  if (next.seq > expected) {
    const upTo = next.seq - 1;
    return {
      seq: expected,
      what: upTo === expected ? 'the entry is missing' : `the entries ${expected} to ${upTo} are missing`,
    };
  }
  if (next.seq < expected) return { seq: next.seq, what: 'the entry stands a second time' };
  if (hashOf(next.previousHash, next.json) !== next.hash)
    return { seq: next.seq, what: 'the entry was altered: it does not fit its hash' };
  const told = toldSeq(next.json);
  if (told !== next.seq)
    return { seq: next.seq, what: `the entry stands in another's place: it says that it is number ${told}` };
  if (next.previousHash === last.hash) return null;
  // It fits itself, so either it or the one before was written anew with a hash of its own.
  return last.seq === 0
    ? { seq: next.seq, what: 'the entry is not the first of this log, but nothing before it is left' }
    : {
        seq: last.seq,
        what: `the entry, or ${next.seq} after it, was replaced: ${next.seq} was chained to ${short(next.previousHash)}, and ${last.seq} has ${short(last.hash)}`,
      };
}

const short = (hash: string) => `${hash.slice(0, 12)}…`;

function toldSeq(json: string): unknown {
  try {
    const entry: unknown = JSON.parse(json);
    return typeof entry === 'object' && entry !== null && 'seq' in entry ? entry.seq : undefined;
  } catch {
    return undefined;
  }
}
