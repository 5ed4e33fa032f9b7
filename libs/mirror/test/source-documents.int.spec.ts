import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { everything, ReadLedger, type Order, type OrderField, type OrderId, type OrderRead } from '@certfolio/core';
import { applyOrders } from '../src/store.postgres.ts';
import { fillIn, settle, startRig, waitFor, type Rig } from './mirror-rig.ts';

let rig: Rig;

beforeAll(async () => {
  rig = await startRig({ emulator: { orders: 12, seed: 3 } });
  await settle(rig.sync);
  await fillIn(rig.sync);
});
afterAll(() => rig?.close());

const readOf = (...fields: OrderField[]): OrderRead => ({
  fields: new Set<OrderField>(['id', ...fields]),
  scope: everything,
  maxAgeMs: 60_000,
  planOnly: false,
  deadline: waitFor().deadline,
  lane: 'interactive',
  onBehalfOf: 'spec',
  signal: new AbortController().signal,
  ledger: new ReadLedger(),
  run: null,
});
const whole = { conditions: [], sort: [], offset: 0, limit: null, after: null, withTotal: false } as const;
const upstream = async (path: string): Promise<unknown> =>
  (await fetch(`${rig.emulator.baseUrl}${path}`, { headers: { 'x-dc-devkey': 'any-key' } })).json();

it('keeps the items of the list and of order info as they came, for who selects them', async () => {
  const { orders: items } = (await upstream('/order/certificate?limit=1000')) as { orders: readonly { id: number }[] };
  const { orders } = await rig.mirror.findMany(whole, readOf('restListItem', 'restOrderInfo'));
  expect(orders.map(({ restListItem }) => restListItem)).toEqual(items.map((item) => JSON.stringify(item)));
  const [first] = orders;
  expect(first!.restOrderInfo).toBe(JSON.stringify(await upstream(`/order/certificate/${first!.id}`)));
  const [plain] = (await rig.mirror.findMany({ ...whole, limit: 1 }, readOf('status'))).orders;
  expect(Object.keys(plain!).sort()).toEqual(['id', 'status']);
});

it('pages with documents as without, and finds them by id', async () => {
  const page = { ...whole, sort: [{ field: 'dateCreated', direction: 'desc' }], offset: 3, limit: 4 } as const;
  const [plain, documented] = await Promise.all([
    rig.mirror.findMany(page, readOf('status')),
    rig.mirror.findMany(page, readOf('status', 'restListItem')),
  ]);
  expect(documented.orders.map(({ id }) => id)).toEqual(plain.orders.map(({ id }) => id));
  const [found] = await rig.mirror.findByIds([plain.orders[0]!.id], readOf('restListItem'));
  expect(JSON.parse(found!.restListItem!)).toMatchObject({ id: plain.orders[0]!.id });
});

it('tells of no change by them, and lets an older reading undo nothing', async () => {
  const [{ id }] = (await rig.rows('select id from mirror_orders order by id limit 1')) as [{ id: OrderId }];
  const historyBefore = await rig.rows('select count(*) from mirror_history');
  const [{ version: before }] = await rig.rows('select version from mirrors');
  const write = async (document: string, asOf: Date) => {
    const client = await rig.database.pool.connect();
    const order = { id, restListItem: document } as Order;
    await applyOrders(client, rig.upstreamId, [order], { source: 'list', fields: [], asOf, recordsHistory: true });
    client.release();
  };
  const document = async () => (await rig.mirror.findByIds([id], readOf('restListItem')))[0]!.restListItem;
  await write('{"of":"tomorrow"}', new Date(Date.now() + 60_000));
  expect(await document()).toBe('{"of":"tomorrow"}');
  await write('{"of":"now"}', new Date());
  expect(await document()).toBe('{"of":"tomorrow"}');
  expect(await rig.rows('select count(*) from mirror_history')).toEqual(historyBefore);
  // Answers that were kept by version are made anew.
  const [{ version: after }] = await rig.rows('select version from mirrors');
  expect(Number(after)).toBe(Number(before) + 1);
});

it('shows no order info that was read before the order changed', async () => {
  const [{ id }] = (await rig.rows('select id from mirror_orders order by id desc limit 1')) as [{ id: OrderId }];
  const document = async () => (await rig.mirror.findByIds([id], readOf('restOrderInfo')))[0]!.restOrderInfo;
  expect(JSON.parse((await document())!)).toMatchObject({ id });
  await rig.rows('update mirror_orders set info_at = null where id = $1', [id]);
  expect(await document()).toBeNull();
});
