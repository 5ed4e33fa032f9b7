import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import type { RequestEntry } from './audit-entry.ts';
import { createAuditStore } from './audit-store.postgres.ts';
import type { AuditStore } from './audit-store.ts';
import { EntryLines } from './entry-lines.ts';
import { exportLines } from './export.ts';
import { packLines, unpackLines } from './packed-lines.ts';
import { verifyChain } from './verify.ts';

let database: TestDatabase;
let store: AuditStore;

beforeAll(async () => {
  database = await createTestDatabase();
  store = createAuditStore(database.pool);
});
beforeEach(() => tamper('truncate audit_batches, audit_checkpoint'));
afterAll(() => database.drop());

const request = (minute: number, more: Partial<RequestEntry> = {}): RequestEntry => ({
  kind: 'request',
  at: new Date(Date.UTC(2026, 10, 23, 12, minute)).toISOString(),
  requestId: `r${minute}`,
  keyId: 'key0000001',
  keyName: 'grafana',
  owner: 'sre',
  from: '192.0.2.1',
  userAgent: null,
  door: 'report-url',
  decision: 'ok',
  status: 200,
  template: 'expiring-soon@1',
  templateId: 'a'.repeat(64),
  operationHash: 'b'.repeat(64),
  operationName: null,
  isMutation: false,
  variables: { name: 'Zoë – 証明書 "quoted" \\ \u2028' },
  rows: 3,
  truncated: false,
  upstreamCalls: 0,
  cost: 1.5,
  durationMs: 12,
  ...more,
});
const verify = (options: Partial<Parameters<typeof verifyChain>[1]> = {}) =>
  verifyChain(store, { from: null, expect: null, nowMs: () => 0, budgetMs: 1_000, ...options });
const numbers = (count: number, first = 1) => Array.from({ length: count }, (_, index) => first + index);
/** What somebody with the rights of the database's owner can do. */
const tamper = (statement: string) =>
  database.pool.query(
    `alter table audit_batches disable trigger user; ${statement}; alter table audit_batches enable trigger user`,
  );

describe('appending', () => {
  it('makes one chain of what several processes write at once', async () => {
    const other = createAuditStore(database.pool);
    await Promise.all(
      numbers(20).map((minute) =>
        (minute % 2 === 0 ? store : other).append(EntryLines.of(request(minute), request(minute))),
      ),
    );
    const { last, ...found } = await verify({ pageSize: 7 });
    expect(found).toMatchObject({ entries: 40, isWhole: true, problem: null });
    expect(last).toEqual(await store.head());
    expect(last.seq).toBe(40);
  });

  it('writes all of a batch or nothing', async () => {
    await store.append(EntryLines.of(request(1)));
    const unwritable = { ...request(2), requestId: '\u0000' };
    await expect(store.append(EntryLines.of(request(2), { ...unwritable, keyName: '\u0000' }))).rejects.toThrow();
    expect((await store.head())!.seq).toBe(1);
  });
});

describe('the table', () => {
  it.each([`update audit_batches set hashes = previous_hash`, `delete from audit_batches`, `truncate audit_batches`])(
    'refuses %s',
    async (statement) => {
      await store.append(EntryLines.of(request(1)));
      await expect(database.pool.query(statement)).rejects.toThrow(/append-only/);
      expect((await verify()).entries).toBe(1);
    },
  );
});

describe('verifying', () => {
  beforeEach(async () => {
    for (const first of [1, 4, 7])
      await store.append(EntryLines.of(...numbers(3, first).map((minute) => request(minute))));
  });
  /** Makes the line of an entry another; without one, it is left out. */
  const alter = async (seq: number, change: (line: string) => string | null) => {
    const { rows } = await database.pool.query<{ first_seq: number; packed: Buffer }>(
      'select first_seq, packed from audit_batches where $1 between first_seq and last_seq',
      [seq],
    );
    const { first_seq, packed } = rows[0]!;
    const lines = (await unpackLines(packed)).split('\n');
    const altered = lines.map((line, at) => (first_seq + at === seq ? change(line) : line));
    const bytes = await packLines(Buffer.from(altered.filter((line) => line !== null).join('\n')));
    await tamper(
      `update audit_batches set packed = decode('${bytes.toString('hex')}', 'hex') where first_seq = ${first_seq}`,
    );
  };

  it.each([
    ['altered', (line: string) => line.replace('grafana', 'nobody')],
    ['altered in its spacing alone', (line: string) => `${line} `],
    ['removed from its batch', () => null],
  ])('names the first entry that was %s', async (_what, change) => {
    await alter(5, change);
    const problem = { seq: 5, what: expect.stringMatching(/altered/) };
    expect(await verify({ pageSize: 2 })).toMatchObject({ problem, isWhole: false });
  });

  it.each([
    ['missing with its batch', 'delete from audit_batches where first_seq = 4', 4, /4 to 6 are missing/],
    [
      'moved with its batch',
      'update audit_batches set first_seq = 104, last_seq = 106 where first_seq = 1; update audit_batches set first_seq = 1, last_seq = 3 where first_seq = 4; update audit_batches set first_seq = 4, last_seq = 6 where first_seq = 104',
      1,
      /says that it is number 4/,
    ],
    [
      'damaged with its batch',
      'update audit_batches set packed = substring(packed for 40) where first_seq = 4',
      4,
      /altered/,
    ],
    [
      'replaced by what is not packed',
      String.raw`update audit_batches set packed = '\x00' where first_seq = 4`,
      4,
      /altered/,
    ],
  ])('names the first entry that was %s', async (_what, statement, seq, what) => {
    await tamper(statement);
    expect(await verify({ pageSize: 2 })).toMatchObject({
      problem: { seq, what: expect.stringMatching(what) },
      isWhole: false,
    });
  });

  it('goes on where it stopped when its time is over', async () => {
    let nowMs = 0;
    const first = await verify({ pageSize: 2, budgetMs: 10, nowMs: () => (nowMs += 10) });
    expect(first).toMatchObject({ entries: 2, isWhole: false, problem: null, last: { seq: 2 } });
    expect(await verify({ from: first.last })).toMatchObject({ entries: 7, isWhole: true, last: { seq: 9 } });
  });

  it('finds whether a hash that was kept elsewhere is still there', async () => {
    const kept = (await store.head())!.hash;
    await store.append(EntryLines.of(request(10)));
    expect((await verify({ expect: kept })).isExpectedFound).toBe(true);
    await tamper('delete from audit_batches where first_seq >= 7');
    expect(await verify({ expect: kept })).toMatchObject({ isWhole: true, problem: null, isExpectedFound: false });
  });
});

describe('retention', () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 10, 23, 12, minute));

  it('removes the beginning, and what is left still verifies and tells of it', async () => {
    for (const minute of numbers(9)) await store.append(EntryLines.of(request(minute)));
    const fourth = (await store.after(3, 1))[0]!.hash;
    expect(await store.removeBefore(at(5), at(30))).toBe(4);
    expect(await store.removeBefore(at(5), at(30))).toBe(0);
    expect(await store.checkpoint()).toEqual({ seq: 4, hash: fourth, removedEntries: 4 });
    expect(await verify({ expect: fourth })).toMatchObject({
      entries: 6,
      removedEntries: 4,
      problem: null,
      isWhole: true,
      isExpectedFound: true,
    });
    expect(await store.removeBefore(at(7), at(31))).toBe(2);
    expect(await verify()).toMatchObject({ removedEntries: 6, problem: null });
  });

  it('of everything keeps the chain', async () => {
    await store.append(EntryLines.of(request(1), request(2)));
    expect(await store.removeBefore(at(50), at(50))).toBe(2);
    expect(await verify()).toMatchObject({ entries: 1, problem: null, last: { seq: 3 } });
  });

  it('does not reach past an entry that is young enough', async () => {
    for (const minute of [1, 9, 2]) await store.append(EntryLines.of(request(minute)));
    expect(await store.removeBefore(at(5), at(30))).toBe(1);
  });

  it('removes entries that were written together when the youngest of them is too old', async () => {
    await store.append(EntryLines.of(request(3), request(1), request(2)));
    expect(await store.removeBefore(at(3), at(30))).toBe(0);
    expect(await store.removeBefore(at(4), at(30))).toBe(3);
  });

  it('that nobody told of is a break: a checkpoint alone hides nothing', async () => {
    for (const minute of numbers(9)) await store.append(EntryLines.of(request(minute)));
    await tamper(
      `insert into audit_checkpoint (seq, hash, removed_entries) select last_seq, hashes, 4 from audit_batches where last_seq = 4; delete from audit_batches where last_seq <= 4`,
    );
    expect(await verify()).toMatchObject({ problem: { seq: 4, what: expect.stringMatching(/no entry tells/) } });
  });
});

describe('finding', () => {
  beforeEach(async () => {
    await store.append(
      EntryLines.of(
        request(1),
        request(2, { keyId: 'key0000002', keyName: 'ci', template: 'expiring-soon@2' }),
        request(3, { template: 'expiring-soon-too@1' }),
      ),
    );
  });
  const seqs = async (filter: Parameters<AuditStore['find']>[0]) =>
    (await store.find(filter, { order: 'newest', beyond: null, limit: 10 })).map(({ seq }) => seq);

  it('by time, key and template', async () => {
    expect(await seqs({})).toEqual([3, 2, 1]);
    expect(await seqs({ since: '2026-11-23T12:02:00.000Z' })).toEqual([3, 2]);
    expect(await seqs({ until: '2026-11-23T12:02:00.000Z' })).toEqual([1]);
    expect(await seqs({ key: 'ci' })).toEqual([2]);
    expect(await seqs({ key: 'key0000001' })).toEqual([3, 1]);
    expect(await seqs({ template: 'expiring-soon' })).toEqual([2, 1]);
    expect(await seqs({ template: 'expiring-soon@1' })).toEqual([1]);
    expect(await seqs({ kind: 'act' })).toEqual([]);
    expect(await seqs({ key: `' or true --` })).toEqual([]);
  });

  it('exports lines, oldest first, from which the chain can be checked', async () => {
    let text = '';
    for await (const piece of exportLines(store, {})) text += piece;
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { seq: number; entry: { variables: unknown } });
    expect(lines.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(lines[0]!.entry.variables).toEqual({ name: 'Zoë – 証明書 "quoted" \\ \u2028' });
  });
});
