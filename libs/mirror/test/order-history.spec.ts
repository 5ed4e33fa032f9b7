import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { containerId, everything, orderId, type Order, type OrderChangeQuery, type ReadScope } from '@certfolio/core';
import { anyRead, FakeClock } from '@certfolio/core/testing';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { makeOrders } from '@certfolio/reading/testing';
import { createOrderHistory } from '../src/postgres.ts';
import { insertOrders, makeMirror } from './mirror-rows.ts';

const clock = new FakeClock('2026-11-23T12:00:00Z');
let database: TestDatabase;
let upstreamId: number;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  upstreamId = await makeMirror(database.pool);
  await database.pool.query(
    `insert into mirror_groups (upstream_id, name, as_of, is_complete) values ($1, 'tracked', '2026-11-01T00:00:00Z', true)`,
    [upstreamId],
  );
});

const [template] = makeOrders(1);
const order = (id: number, facts: Partial<Order> = {}): Order => ({ ...template!, ...facts, id: orderId(id) });
const insert = (orders: readonly Order[], extras = {}) => insertOrders(database.pool, upstreamId, orders, extras);
const historyWith = (more: { historyDays?: number; notBeforeMs?: number } = {}) =>
  createOrderHistory(database.pool, upstreamId, { clock, historyDays: 400, ...more });

type Entry = readonly [id: number, change: string, seenAt: string, field?: string, before?: unknown, after?: unknown];

async function see(...entries: readonly Entry[]): Promise<void> {
  for (const [id, change, seenAt, field = null, before = null, after = null] of entries)
    await database.pool.query(
      `insert into mirror_history (upstream_id, order_id, change, field, before, after, seen_at) values ($1, $2, $3, $4, $5, $6, $7)`,
      [upstreamId, id, change, field, JSON.stringify(before), JSON.stringify(after), seenAt],
    );
}

const query = (given: Partial<OrderChangeQuery> = {}): OrderChangeQuery => ({
  seenAt: {},
  kinds: null,
  fields: null,
  hiddenFields: [],
  conditions: [],
  limit: 10,
  after: null,
  ...given,
});
const changesOf = async (given: Partial<OrderChangeQuery> = {}, scope: ReadScope = everything) =>
  (await historyWith().changes(query(given), anyRead(clock, { scope }))).changes.map(({ orderId: id, kind, field }) =>
    [id, kind, field].join(' '),
  );

const revokedAt = (id: number, seenAt: string): Entry => [id, 'changed', seenAt, 'status', 'issued', 'revoked'];

it('knows since its first order was seen, not longer than it remembers, until it looked last; nothing before it is filled', async () => {
  const until = '2026-11-01T00:00:00Z';
  expect(await historyWith().known()).toEqual({ since: '2026-11-01T00:00:00Z', until });
  await insert([order(1), order(2)], { first_seen_at: '2026-11-02T10:00:00Z' });
  expect(await historyWith().known()).toEqual({ since: '2026-11-02T10:00:00Z', until });
  expect(await historyWith({ historyDays: 7 }).known()).toEqual({ since: '2026-11-16T12:00:00Z', until });
  const notBeforeMs = Date.parse('2026-11-20T00:00:00Z');
  expect(await historyWith({ notBeforeMs }).known()).toEqual({ since: '2026-11-20T00:00:00Z', until });
  await database.pool.query('update mirror_groups set is_complete = false where upstream_id = $1', [upstreamId]);
  expect(await historyWith().known()).toBeNull();
});

it('tells the last time an order was seen to become revoked, or to appear; nothing of others', async () => {
  await insert([order(1), order(2), order(3)]);
  await see(
    revokedAt(1, '2026-11-10T00:00:00Z'),
    [1, 'changed', '2026-11-11T00:00:00Z', 'status', 'revoked', 'issued'],
    revokedAt(1, '2026-11-12T00:00:00Z'),
    [2, 'added', '2026-11-13T00:00:00Z'],
    [3, 'changed', '2026-11-14T00:00:00Z', 'cost', '1.00', '2.00'],
  );
  const ids = [1, 2, 3, 4].map(orderId);
  expect(await historyWith().firstSeenRevoked(ids)).toEqual(
    new Map([
      [1, '2026-11-12T00:00:00Z'],
      [2, '2026-11-13T00:00:00Z'],
    ]),
  );
  expect(await historyWith({ notBeforeMs: Date.parse('2026-11-13T00:00:00Z') }).firstSeenRevoked(ids)).toEqual(
    new Map([[2, '2026-11-13T00:00:00Z']]),
  );
});

it('finds what is revoked now and became so, or appeared, since an instant, within the scope', async () => {
  const revoked = { status: 'revoked', containerId: containerId(14) };
  await insert([
    order(1, revoked),
    order(2, revoked),
    order(3, { ...revoked, containerId: containerId(15) }),
    order(4, { ...revoked, status: 'issued' }),
  ]);
  await see(
    revokedAt(1, '2026-11-10T00:00:00Z'),
    [2, 'added', '2026-11-12T00:00:00Z'],
    revokedAt(3, '2026-11-12T00:00:00Z'),
    [4, 'added', '2026-11-12T00:00:00Z'],
  );
  const found = async (from: string, scope: ReadScope = everything) =>
    (await historyWith().revokedSince(from, anyRead(clock, { scope }))).toSorted();
  expect(await found('2026-11-10T00:00:00Z')).toEqual([1, 2, 3]);
  expect(await found('2026-11-10T00:00:01Z')).toEqual([2, 3]);
  expect(await found('2026-11-01T00:00:00Z', { containers: new Set([containerId(15)]) })).toEqual([3]);
  expect(await found('2026-11-01T00:00:00Z', { containers: new Set() })).toEqual([]);
});

it('lists changes as they were seen, of vanished orders too, by time, kind, field and order', async () => {
  await insert([order(1, { commonName: 'a.test', containerId: containerId(14) })]);
  await insert([order(2, { commonName: 'b.test', containerId: containerId(15) })], {
    vanished_at: '2026-11-12T00:00:00Z',
  });
  await see(
    [1, 'added', '2026-11-10T00:00:00Z'],
    [1, 'changed', '2026-11-11T00:00:00Z', 'cost', '1.00', '2.00'],
    [2, 'removed', '2026-11-12T00:00:00Z'],
    [2, 'changed', '2026-11-12T00:00:00Z', 'status', 'issued', 'expired'],
  );
  const [added, cost, removed, status] = ['1 added ', '1 changed cost', '2 removed ', '2 changed status'];
  expect(await changesOf()).toEqual([added, cost, removed, status]);
  expect(await changesOf({ seenAt: { gte: '2026-11-11T00:00:00Z', lt: '2026-11-12T00:00:00Z' } })).toEqual([cost]);
  expect(await changesOf({ kinds: ['added', 'removed'] })).toEqual([added, removed]);
  expect(await changesOf({ fields: ['status'] })).toEqual([added, removed, status]);
  expect(await changesOf({ hiddenFields: ['cost'] })).toEqual([added, removed, status]);
  expect(await changesOf({ conditions: [{ op: 'like', field: 'commonName', pattern: 'B%' }] })).toEqual([
    removed,
    status,
  ]);
  expect(await changesOf({}, { containers: new Set([containerId(14)]) })).toEqual([added, cost]);
});

it('goes on after an entry, and says whether there are more', async () => {
  await insert([order(1)]);
  await see([1, 'added', '2026-11-10T00:00:00Z'], revokedAt(1, '2026-11-11T00:00:00Z'));
  const first = await historyWith().changes(query({ limit: 1 }), anyRead(clock));
  expect([first.changes.map(({ kind }) => kind), first.hasNext]).toEqual([['added'], true]);
  const next = await historyWith().changes(query({ limit: 1, after: first.changes[0]!.id }), anyRead(clock));
  expect(next).toMatchObject({ changes: [{ kind: 'changed', before: 'issued', after: 'revoked' }], hasNext: false });
});

it('counts changes as it tells them, whatever the limit', async () => {
  await insert([order(1, { containerId: containerId(14) }), order(2, { containerId: null })]);
  await see(
    [1, 'added', '2026-11-10T00:00:00Z'],
    [1, 'changed', '2026-11-11T00:00:00Z', 'cost', '1.00', '2.00'],
    [2, 'added', '2026-11-12T00:00:00Z'],
  );
  const count = (given: Partial<OrderChangeQuery> = {}, scope: ReadScope = everything) =>
    historyWith().count(query({ limit: 1, ...given }), anyRead(clock, { scope }));
  expect(await count()).toEqual({ changes: 3, withContainer: 2 });
  expect(await count({ seenAt: { gte: '2026-11-11T00:00:00Z' } })).toEqual({ changes: 2, withContainer: 1 });
  expect(await count({ hiddenFields: ['cost'] })).toEqual({ changes: 2, withContainer: 1 });
  expect(await count({}, { containers: new Set([containerId(14)]) })).toEqual({ changes: 2, withContainer: 2 });
  expect(await count({}, { containers: new Set() })).toEqual({ changes: 0, withContainer: 0 });
});
