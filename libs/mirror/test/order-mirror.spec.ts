import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  allOrders,
  BadUserInput,
  containerId,
  everything,
  orderId,
  type Order,
  type OrderCertificate,
  type OrderCondition,
  type OrderField,
  type OrderObjects,
  type OrderRead,
  type ReadScope,
} from '@certfolio/core';
import { anyRead, FakeClock } from '@certfolio/core/testing';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { allFields, makeOrders } from '@certfolio/reading/testing';
import { createOrderMirror, type PostgresOrderMirror } from '../src/postgres.ts';
import { insertCopies, insertOrders, makeMirror, type RowExtras } from './mirror-rows.ts';

const clock = new FakeClock();
let database: TestDatabase;
let upstreamId: number;
let mirror: PostgresOrderMirror;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  upstreamId = await makeMirror(database.pool);
  mirror = createOrderMirror(database.pool, upstreamId, { clock });
});

const [template] = makeOrders(1);
const order = (id: number, facts: Partial<Order> = {}): Order => ({ ...template!, ...facts, id: orderId(id) });
const insert = (orders: readonly Order[], extras: RowExtras = {}) =>
  insertOrders(database.pool, upstreamId, orders, extras);
const readOf = (fields: Iterable<OrderField>, scope: ReadScope = everything): OrderRead => ({
  ...anyRead(clock, { scope }),
  fields: new Set(fields),
});
const within = (...ids: number[]): ReadScope => ({ containers: new Set(ids.map(containerId)) });
const vanished = { vanished_at: '2026-11-20T00:00:00Z' };

const certificate = (id: number, facts: Partial<OrderCertificate> = {}): OrderCertificate => ({
  id,
  thumbprint: null,
  serialNumber: null,
  commonName: 'shop.test',
  dnsNames: ['a.test'],
  status: 'issued',
  dateCreated: null,
  dateIssued: null,
  validFrom: null,
  validTill: null,
  csr: null,
  signatureHash: null,
  keySize: 2048,
  isArchived: false,
  userId: null,
  userFirstName: null,
  userLastName: null,
  userEmail: null,
  receiptId: null,
  purchasedDnsNames: null,
  restDocument: '{}',
  ...facts,
});

describe('orders by id', () => {
  it('have the fields that were asked for and no other, with the values of live reads', async () => {
    const [full] = makeOrders(1, 3);
    await insert([full!, order(1, { cost: null, dnsNames: [], customFields: null })], {
      info_at: '2026-11-01T00:00:00Z',
    });
    expect(await mirror.findByIds([full!.id], readOf(allFields))).toEqual([full]);
    expect(await mirror.findByIds([orderId(1)], readOf(['cost', 'dnsNames', 'customFields']))).toEqual([
      { id: 1, cost: null, dnsNames: [], customFields: null },
    ]);
  });

  it('are left out when unknown, vanished, or outside the scope', async () => {
    await insert([order(1, { containerId: containerId(10) }), order(2, { containerId: null })]);
    await insert([order(3)], vanished);
    const ids = [1, 2, 3, 4].map(orderId);
    expect(await mirror.findByIds(ids, readOf([]))).toHaveLength(2);
    expect(await mirror.findByIds(ids, readOf([], within(10, 11)))).toEqual([{ id: 1 }]);
    expect(await mirror.findByIds(ids, readOf([], within()))).toEqual([]);
    expect(await mirror.findByIds([], readOf([]))).toEqual([]);
  });
});

describe('many orders', () => {
  it('come whole though they are read in batches', async () => {
    const many = Array.from({ length: 5_001 }, (_, index) => order(index + 1, { csr: null }));
    await insert(many);
    const page = await mirror.findMany({ ...allOrders, sort: [{ field: 'id', direction: 'desc' }] }, readOf([]));
    expect(page.orders.map(({ id }) => id)).toEqual(many.map(({ id }) => id).reverse());
    const cut = await mirror.findMany({ ...allOrders, limit: 5_000, withTotal: true }, readOf([]));
    expect([cut.orders.length, cut.hasNext, cut.total]).toEqual([5_000, true, 5_001]);
    const byId = await mirror.findByIds(
      many.map(({ id }) => id),
      readOf([]),
    );
    expect(byId).toHaveLength(5_001);
  });

  it('are not read on when the caller is gone', async () => {
    await insert([order(1)]);
    const read = { ...readOf([]), signal: AbortSignal.abort(new Error('gone')) };
    await expect(mirror.findMany(allOrders, read)).rejects.toThrow('gone');
    expect((await mirror.findMany(allOrders, readOf([]))).orders).toHaveLength(1);
  });

  it('go on behind the last with a value at those without one', async () => {
    await insert([order(1, { keySize: 2048 }), order(2, { keySize: 2048 }), order(3, { keySize: null })]);
    const query = {
      ...allOrders,
      sort: [{ field: 'keySize', direction: 'asc' }],
      after: { sortValues: [2048], id: 1 },
      conditions: [{ op: 'in', field: 'status', values: [template!.status!] }],
    } as const;
    const found = async (conditions: readonly OrderCondition[]) => {
      const page = await mirror.findMany({ ...query, conditions }, readOf([]));
      return page.orders.map(({ id }) => id);
    };
    expect(await found(query.conditions)).toEqual([2, 3]);
    expect(await found([...query.conditions, { op: 'range', field: 'keySize', gte: 0 }])).toEqual([2]);
  });

  it('do not begin at a cursor that another sort made', async () => {
    const sort = [{ field: 'keySize', direction: 'asc' }] as const;
    for (const sortValues of [['2048'], [2048.5], [true]])
      await expect(mirror.findMany({ ...allOrders, sort, after: { sortValues, id: 1 } }, readOf([]))).rejects.toThrow(
        BadUserInput,
      );
    for (const [field, value] of [
      ['validTill', 5],
      ['cost', 'x'],
      ['isRenewed', 'true'],
    ] as const)
      await expect(
        mirror.findMany(
          { ...allOrders, sort: [{ field, direction: 'desc' }], after: { sortValues: [value], id: 1 } },
          readOf([]),
        ),
      ).rejects.toThrow(`"${field}" has no value like its own`);
    await expect(mirror.findMany({ ...allOrders, after: { sortValues: [], id: 1.5 } }, readOf([]))).rejects.toThrow(
      BadUserInput,
    );
  });

  it('may be looked for by texts that no database can hold', async () => {
    await insert([order(1, { commonName: 'a\0b' })]);
    for (const text of ['a\0b', '\ud800']) {
      const conditions = [{ op: 'anyOf', conditions: [
        { op: 'in', field: 'commonName', values: [text] },
        { op: 'like', field: 'commonName', pattern: text },
        { op: 'contains', field: 'commonName', text },
        { op: 'search', text },
        { op: 'coversName', name: text },
        { op: 'range', field: 'commonName', gte: text, lte: text },
      ] }] as const; // prettier-ignore
      const page = await mirror.findMany({ ...allOrders, conditions }, readOf([]));
      expect(page.orders).toHaveLength(1);
    }
  });
});

describe('a look-up of a certificate', () => {
  const known = { duplicates_at: '2026-11-02T00:00:00Z', reissues_at: '2026-11-02T00:00:00Z' };

  it('finds the order by its own, whatever the case and the leading zeros', async () => {
    await insert([order(1, { serialNumber: '00AB12', thumbprint: 'FE01' }), order(2, { serialNumber: 'AB120' })]);
    const match = { kind: 'found', match: { order: { id: 1 }, copy: null } };
    for (const serialNumber of ['AB12', '0ab12', '0000AB12'])
      expect(await mirror.findByCertificate({ serialNumber }, readOf([]))).toEqual(match);
    expect(await mirror.findByCertificate({ thumbprint: '00fe01' }, readOf([]))).toEqual(match);
    expect(await mirror.findByCertificate({ thumbprint: 'AB12' }, readOf([]))).toEqual({ kind: 'none' });
  });

  it('finds it by a duplicate or a reissue, but after those whose own it is', async () => {
    await insert([order(1), order(2, { serialNumber: 'CC' })], known);
    const copy = certificate(71, { serialNumber: '0CC', thumbprint: 'DD' });
    await insertCopies(database.pool, upstreamId, orderId(1), 'reissue', [certificate(70), copy]);
    expect(await mirror.findByCertificate({ thumbprint: 'dd' }, readOf(['status']))).toEqual({
      kind: 'found',
      match: { order: { id: 1, status: template!.status }, copy: { kind: 'reissue', certificate: copy } },
    });
    expect(await mirror.findByCertificate({ serialNumber: 'CC' }, readOf([]))).toMatchObject({
      match: { order: { id: 2 }, copy: null },
    });
  });

  it('says how many orders may still have it, of those the caller sees', async () => {
    const some = { hasDuplicates: null, hasReissues: false };
    await insert([
      order(1, { ...some, containerId: containerId(10) }),
      order(2, { ...some, containerId: containerId(11) }),
    ]);
    await insert([
      order(3, { hasDuplicates: false, hasReissues: false }),
      order(4, { hasDuplicates: false, hasReissues: null }),
    ]);
    await insert([order(5, { hasDuplicates: true, hasReissues: true })], known);
    await insert([order(6, { hasDuplicates: true })], { ...known, reissues_at: null, ...vanished });
    const lookUp = (scope: ReadScope) => mirror.findByCertificate({ serialNumber: 'EE' }, readOf([], scope));
    expect(await lookUp(everything)).toEqual({ kind: 'incomplete', ordersLeft: 3 });
    expect(await lookUp(within(11))).toEqual({ kind: 'incomplete', ordersLeft: 1 });
    expect(await lookUp(within(12))).toEqual({ kind: 'none' });
  });

  it('finds nothing outside the scope and nothing that vanished', async () => {
    await insert([order(1, { serialNumber: 'AA', containerId: containerId(10) })], known);
    await insert([order(2, { serialNumber: 'BB' }), order(3)], { ...known, ...vanished });
    await insertCopies(database.pool, upstreamId, orderId(1), 'duplicate', [certificate(1, { serialNumber: 'A1' })]);
    await insertCopies(database.pool, upstreamId, orderId(3), 'duplicate', [certificate(2, { serialNumber: 'C1' })]);
    for (const serialNumber of ['AA', 'A1'])
      expect(await mirror.findByCertificate({ serialNumber }, readOf([], within(11)))).toEqual({ kind: 'none' });
    for (const serialNumber of ['BB', 'C1'])
      expect(await mirror.findByCertificate({ serialNumber }, readOf([]))).toEqual({ kind: 'none' });
  });
});

describe('parts of orders', () => {
  const day = (text: string) => Date.parse(`2026-11-${text}T00:00:00Z`);

  it('are the copies that were read, in the order of CertCentral', async () => {
    await insert([order(1), order(2)], { duplicates_at: '2026-11-05T00:00:00Z' });
    const copies = [certificate(9), certificate(8, { dnsNames: null })];
    await insertCopies(database.pool, upstreamId, orderId(1), 'duplicate', copies);
    await insertCopies(database.pool, upstreamId, orderId(1), 'reissue', [certificate(7)]);
    const found = await mirror.parts('duplicates', [1, 2, 3].map(orderId));
    expect([...found]).toEqual([
      [1, { value: copies, asOfMs: day('05') }],
      [2, { value: [], asOfMs: day('05') }],
    ]);
  });

  it('are known to be none when the order has none, since the order was read', async () => {
    await insert([
      order(1, { hasDuplicates: false, hasReissues: false }),
      order(2, { hasDuplicates: null, hasReissues: true }),
    ]);
    await insertCopies(database.pool, upstreamId, orderId(1), 'duplicate', [certificate(1)]);
    expect([...(await mirror.parts('duplicates', [1, 2].map(orderId)))]).toEqual([
      [1, { value: [], asOfMs: day('01') }],
    ]);
    await database.pool.query(
      `insert into mirror_groups (upstream_id, name, as_of) values ($1, 'custom', now()), ($1, 'list', '2026-11-09T00:00:00Z')`,
      [upstreamId],
    );
    expect([...(await mirror.parts('reissues', [1, 2].map(orderId)))]).toEqual([[1, { value: [], asOfMs: day('09') }]]);
  });

  it('are requests and notes as old as the order info they came with', async () => {
    const notes = [{ id: 1, text: 'called' }];
    await insert([order(1)], { info_at: '2026-11-06T00:00:00Z', notes, requests: [] });
    await insert([order(2)], { notes });
    await insert([order(3)], { info_at: '2026-11-06T00:00:00Z' });
    await insert([order(4)], { info_at: '2026-11-06T00:00:00Z', notes, ...vanished });
    const ids = [1, 2, 3, 4].map(orderId);
    expect([...(await mirror.parts('notes', ids))]).toEqual([[1, { value: notes, asOfMs: day('06') }]]);
    expect([...(await mirror.parts('requests', ids))]).toEqual([[1, { value: [], asOfMs: day('06') }]]);
    expect((await mirror.parts('validation', ids)).size).toBe(0);
    expect((await mirror.parts('notes', [])).size).toBe(0);
  });
});

describe('a count of orders', () => {
  const issued: readonly OrderCondition[] = [{ op: 'in', field: 'status', values: ['issued'] }];
  const countOf = async (objects: readonly OrderObjects[], scope: ReadScope = everything) => {
    const { orders, below } = await mirror.count(issued, objects, scope);
    return [orders, Object.fromEntries(below)];
  };
  const exactly = (ratio: number) => ({ ratio, isGuess: false });

  it('has those that match, are seen and are still there', async () => {
    const is = { status: 'issued', containerId: containerId(14) };
    await insert([order(1, is), order(2, is), order(3, { ...is, containerId: containerId(15) })]);
    await insert([order(4, { ...is, status: 'revoked' })]);
    await insert([order(5, is)], vanished);
    expect(await countOf([])).toEqual([3, {}]);
    expect(await countOf([], within(15))).toEqual([1, {}]);
    expect(await countOf(['container', 'duplicates'], within())).toEqual([0, {}]);
  });

  it('has what not every order has, and custom fields, for each of them', async () => {
    const field = { id: 1, label: 'Owner', value: 'a' };
    const nobody = { userId: null, userEmail: null, userFirstName: null, userLastName: null };
    await insert([
      order(1, { status: 'issued', organizationId: null, customFields: [field, field, field] }),
      order(2, { status: 'issued', ...nobody, customFields: null }),
      order(3, { status: 'issued', ...nobody, userEmail: 'a@acme.test', customFields: [] }),
      order(4, { status: 'issued', customFields: [field] }),
    ]);
    const expected = { organization: exactly(0.75), user: exactly(0.75), customFields: exactly(1) };
    expect(await countOf(['organization', 'user', 'customFields'])).toEqual([4, expected]);
  });

  it('has copies that were read, of others as many as these have, and none where a flag says so', async () => {
    const has = { status: 'issued', hasDuplicates: true };
    await insert([order(1, has), order(2, has)], { duplicates_at: '2026-11-05T00:00:00Z' });
    await insert([order(3, has), order(4, { ...has, hasDuplicates: false })]);
    await insertCopies(
      database.pool,
      upstreamId,
      orderId(1),
      'duplicate',
      [1, 2, 3].map((id) => certificate(id)),
    );
    // 3 of two orders, so 1.5 of the third and none of the fourth.
    expect(await countOf(['duplicates'])).toEqual([4, { duplicates: exactly(4.5 / 4) }]);
  });

  it('goes by other orders where none of these was read, and guesses where none was at all', async () => {
    const has = { status: 'issued', hasReissues: true };
    await insert([order(1, has), order(2, { ...has, hasReissues: false })]);
    expect(await countOf(['reissues'])).toEqual([2, { reissues: { ratio: 1, isGuess: true } }]);
    await insert([order(3, { ...has, status: 'revoked' })], { reissues_at: '2026-11-05T00:00:00Z' });
    await insertCopies(
      database.pool,
      upstreamId,
      orderId(3),
      'reissue',
      [1, 2, 3].map((id) => certificate(id)),
    );
    expect(await countOf(['reissues'])).toEqual([2, { reissues: exactly(1.5) }]);
  });

  it('has requests and notes as order info gave them, and says nothing before it gave any', async () => {
    await insert([order(1, { status: 'issued' })]);
    expect(await countOf(['requests', 'notes'])).toEqual([1, {}]);
    const notes = [{ id: 1, text: 'called' }];
    await insert([order(2, { status: 'issued' })], { info_at: '2026-11-06T00:00:00Z', notes, requests: [] });
    expect(await countOf(['requests', 'notes'])).toEqual([2, { requests: exactly(0), notes: exactly(1) }]);
  });
});

describe('the state', () => {
  it('counts what there is and what is missing', async () => {
    await insert([order(1, { hasReissues: null }), order(2, { hasDuplicates: false, hasReissues: false })]);
    await insert([order(3, { hasReissues: false })], {
      info_at: '2026-11-06T00:00:00Z',
      duplicates_at: '2026-11-06T00:00:00Z',
    });
    // Its key is in no certificate request, and its order info was not read.
    await insert([order(5, { csr: null, hasDuplicates: false, hasReissues: false })]);
    await insert([order(4)], vanished);
    await database.pool.query('update mirrors set upstream_total = 7, version = 12 where upstream_id = $1', [
      upstreamId,
    ]);
    await database.pool.query(
      `insert into mirror_groups (upstream_id, name, as_of, is_complete)
       values ($1, 'tracked', '2026-11-09T00:00:00.5Z', true), ($1, 'users', now(), true)`,
      [upstreamId],
    );
    const unread = { isComplete: false, asOfMs: null, missing: 7 };
    expect(await mirror.state()).toEqual({
      orders: 4,
      upstreamTotal: 7,
      groups: {
        tracked: { isComplete: true, asOfMs: Date.parse('2026-11-09T00:00:00.5Z'), missing: 0 },
        report: unread,
        custom: unread,
        list: unread,
        info: { ...unread, missing: 3 },
        key: { isComplete: false, asOfMs: Date.parse('2026-11-09T00:00:00.5Z'), missing: 1 },
      },
      copiesMissing: 1,
      version: 12,
    });
  });

  it('is looked at once a second, and at once after a change', async () => {
    await insert([order(1)]);
    expect((await mirror.state()).orders).toBe(1);
    await insert([order(2)]);
    expect((await mirror.state()).orders).toBe(1);
    await clock.advance(1_000);
    expect((await mirror.state()).orders).toBe(2);
    await insert([order(3)]);
    mirror.changed();
    expect((await mirror.state()).orders).toBe(3);
  });

  it('is all unknown for an account that was never mirrored', async () => {
    const none = createOrderMirror(database.pool, 999_999, { clock });
    expect(await none.state()).toMatchObject({ orders: 0, upstreamTotal: null, version: 0, copiesMissing: 0 });
    expect((await none.state()).groups.info).toEqual({ isComplete: false, asOfMs: null, missing: 0 });
  });
});
