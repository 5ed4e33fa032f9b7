import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { AuditEntry } from './audit-entry.ts';
import { entriesOf } from './batch.ts';
import { beginning, chainAfter, checkNext, hashOf, type ChainedEntry } from './chain.ts';
import { EntryLines } from './entry-lines.ts';

const entry = (requests: number): AuditEntry => ({
  kind: 'unknown-keys',
  at: '2026-11-23T12:00:00.000Z',
  from: '192.0.2.1',
  requests,
  withoutKey: 0,
});
const { lines, ...chained } = chainAfter(beginning, EntryLines.of(entry(1), entry(2), entry(3), entry(4)));
const chain = entriesOf({ ...chained, entries: lines.toString() });
/** Walks entries after the beginning and tells the first break. */
function firstBreak(entries: readonly ChainedEntry[], from = beginning) {
  let last = from;
  for (const each of entries) {
    const found = checkNext(last, each);
    if (found !== null) return found;
    last = each;
  }
  return null;
}

it('hashes the previous hash and the JSON with its number, as anyone can recompute', () => {
  const [first, second] = chain;
  expect(first!.previousHash).toBe('0'.repeat(64));
  expect(second!.json).toBe(
    '{"seq":2,"kind":"unknown-keys","at":"2026-11-23T12:00:00.000Z","from":"192.0.2.1","requests":2,"withoutKey":0}',
  );
  expect(second!.hash).toBe(
    createHash('sha256').update(Buffer.from(first!.hash, 'hex')).update(second!.json).digest('hex'),
  );
});

describe('the first break', () => {
  const at = (index: number) => chain[index]!;

  it('is none in an intact chain', () => expect(firstBreak(chain)).toBeNull());

  it('is the entry that was altered', () => {
    const altered = { ...at(1), json: at(1).json.replace('"requests":2', '"requests":9') };
    expect(firstBreak([at(0), altered, at(2)])).toMatchObject({ seq: 2, what: expect.stringMatching(/was altered/) });
  });

  it('is the first of those that are missing', () => {
    expect(firstBreak([at(0), at(3)])).toEqual({ seq: 2, what: 'the entries 2 to 3 are missing' });
    expect(firstBreak([at(1)])).toEqual({ seq: 1, what: 'the entry is missing' });
  });

  it('is the entry that took the place of another', () => {
    const moved = { ...at(2), seq: 2 };
    expect(firstBreak([at(0), moved])).toMatchObject({
      seq: 2,
      what: expect.stringMatching(/says that it is number 3/),
    });
    expect(firstBreak([at(0), at(0)])).toMatchObject({ seq: 1, what: expect.stringMatching(/second time/) });
  });

  it('is the entry that was written anew with a hash of its own', () => {
    const json = at(1).json.replace('"requests":2', '"requests":9');
    const forged = { ...at(1), json, hash: hashOf(at(1).previousHash, json) };
    expect(firstBreak([at(0), forged, at(2)])).toMatchObject({ seq: 2, what: expect.stringMatching(/was replaced/) });
  });

  it('is the first entry when the log does not begin where it says', () => {
    const json = at(0).json;
    const forged = { ...at(0), previousHash: 'f'.repeat(64), hash: hashOf('f'.repeat(64), json) };
    expect(firstBreak([forged])).toMatchObject({ seq: 1, what: expect.stringMatching(/not the first/) });
  });
});
