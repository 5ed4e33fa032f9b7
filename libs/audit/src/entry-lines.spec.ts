import { expect, it } from '@jest/globals';
import { entriesIn } from '../test/entries-in.ts';
import type { AuditEntry, RequestEntry } from './audit-entry.ts';
import { EntryLines } from './entry-lines.ts';

const unknownKeys = (at: string, from: string | null = null): AuditEntry => ({
  kind: 'unknown-keys',
  at,
  from,
  requests: 1,
  withoutKey: 0,
});
const request = (more: Partial<RequestEntry>): AuditEntry =>
  ({
    ...unknownKeys('2026-11-23T12:00:00.000Z'),
    kind: 'request',
    keyId: 'k1',
    keyName: 'ci',
    template: null,
    ...more,
  }) as AuditEntry;

it('keeps entries of any size and script as they are', () => {
  const entries = ['', 'x'.repeat(5_000), '証明書 \u2028 "\\ 🔑'.repeat(3_000), '\ud800', 'y'].map((from) =>
    unknownKeys('2026', from),
  );
  const lines = EntryLines.of(...entries);
  expect(entriesIn(lines)).toEqual(entries);
  expect(lines.size).toBe(entries.reduce((bytes, entry) => bytes + Buffer.byteLength(JSON.stringify(entry)), 0));
});

it('says what they are searched by', () => {
  const lines = EntryLines.of(
    request({ at: '2026-11-23T12:00:02.000Z', template: 'daily@1' }),
    request({ at: '2026-11-23T12:00:01.000Z', template: 'daily@2', keyName: 'sre' }),
    unknownKeys('2026-11-23T12:00:03.000Z'),
    request({ template: 'weekly@1' }),
  );
  expect(lines.facts()).toEqual({
    firstAt: '2026-11-23T12:00:00.000Z',
    lastAt: '2026-11-23T12:00:03.000Z',
    keys: ['k1', 'ci', 'sre'],
    templates: ['daily@1', 'daily@2', 'weekly@1', 'daily', 'weekly'],
    kinds: ['request', 'unknown-keys'],
  });
});
