import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { differences, truthOf } from './emulator-truth.ts';
import { fillIn, settle, startRig, waitFor, type Rig } from './mirror-rig.ts';

/** More than one page of the list. */
const orders = 1_040;
const existing = 'select * from mirror_orders where vanished_at is null';
let rig: Rig;
let truth: Awaited<ReturnType<typeof truthOf>>;

beforeAll(async () => {
  rig = await startRig({ emulator: { orders, seed: 3 } });
  await settle(rig.sync);
  await fillIn(rig.sync);
  truth = await truthOf(rig.emulator);
});
afterAll(() => rig?.close());
afterEach(() => rig.emulator.control('faults', { method: 'DELETE' }));

const fault = (body: object) => rig.emulator.control('faults', { method: 'POST', body });
const compare = () => rig.sync.refresh(new Set(['report', 'custom']), Date.now(), waitFor());
const list = () => rig.sync.refresh(new Set(['list']), Date.now(), waitFor());
const ages = async () => {
  const { groups } = await rig.sync.status();
  return Object.fromEntries(Object.entries(groups).map(([name, { asOf }]) => [name, asOf!.getTime()]));
};

it.each(['drop-row', 'truncate', 'reset-inside', 'garbage', 'wrong-shape', 'empty', 'html', 'revoke-key'])(
  'a report with the fault %s changes nothing, hides nothing and counts for nothing',
  async (kind) => {
    await fault({ kind, route: 'GET /report/order' });
    const before = await ages();
    await expect(compare()).rejects.toMatchObject({ code: expect.stringMatching(/^UPSTREAM_/) });
    expect(await ages()).toEqual(before);
    expect(differences(await rig.rows(existing), truth)).toEqual([]);
    expect((await rig.sync.status()).lastRound).toMatchObject({ kind: 'compare', error: expect.any(String) });

    await rig.emulator.control('faults', { method: 'DELETE' });
    await compare();
    expect((await ages())['report']).toBeGreaterThan(before['report']!);
    expect((await rig.sync.status()).usesReport).toBe(true);
    expect(differences(await rig.rows(existing), truth)).toEqual([]);
  },
);

it('takes a row that comes twice for one', async () => {
  await fault({ kind: 'duplicate-row', route: '*' });
  await compare();
  await list();
  expect(await rig.sync.status()).toMatchObject({ orders, upstreamTotal: orders });
  expect(differences(await rig.rows(existing), truth)).toEqual([]);
});

it('does not take an answer of Custom Reports that lost rows for whole', async () => {
  await fault({ kind: 'drop-row', route: 'POST /reports/query' });
  const before = await ages();
  await rig.sync.refresh(new Set(['report']), Date.now(), waitFor());
  expect(differences(await rig.rows(existing), truth)).toEqual([]);
  expect((await ages())['report']).toBeGreaterThan(before['report']!);
  expect((await ages())['custom']).toBe(before['custom']);
});

it('reads an order by itself that came after Custom Reports was asked', async () => {
  await fault({ kind: 'drop-row', route: 'POST /reports/query', count: 1 });
  const before = await ages();
  await rig.calls();
  await rig.sync.refresh(new Set(['report']), Date.now(), waitFor());
  expect(await rig.calls()).toMatchObject({ 'POST /reports/query': 2, 'GET /report/order': 1 });
  expect(differences(await rig.rows(existing), truth)).toEqual([]);
  expect((await ages())['custom']).toBeGreaterThan(before['custom']!);
});

it('compares the report when Custom Reports fails, and keeps what it gave before', async () => {
  await fault({ kind: 'status', status: 500, route: 'POST /reports/query' });
  const before = await ages();
  await rig.sync.refresh(new Set(['report']), Date.now(), waitFor());
  expect((await ages())['custom']).toBe(before['custom']);
  expect((await rig.sync.status()).usesCustomReports).toBe(true);
  expect(differences(await rig.rows(existing), truth)).toEqual([]);
});

it.each(['shift-page', 'drop-row', 'truncate'])('list pages with the fault %s count for nothing', async (kind) => {
  await fault({ kind, route: 'GET /order/certificate' });
  const before = await ages();
  await expect(list()).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  expect((await ages())['list']).toBe(before['list']);
  expect(differences(await rig.rows(existing), truth)).toEqual([]);
});

it('loses no change to a round that fails', async () => {
  const [{ id }] = await rig.rows(`select id from mirror_orders where status = 'issued' limit 1`);
  await rig.emulator.control(`orders/${id}`, { method: 'PATCH', body: { status: 'revoked' } });
  await fault({ kind: 'status', status: 500, route: 'GET /order/certificate/{id}' });
  await expect(rig.sync.round()).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  await rig.emulator.control('faults', { method: 'DELETE' });
  expect(await rig.sync.round()).toBe('follow');
  expect(await rig.rows('select status from mirror_orders where id = $1', [id])).toEqual([{ status: 'revoked' }]);
});

it('leaves orders alone for a while that could not be read, and reads the others', async () => {
  const ids = (await rig.rows('select id from mirror_orders order by id limit 4')).map(({ id }) => id);
  const missing = () => rig.rows('select id from mirror_orders where info_at is null order by id');
  await rig.rows('update mirror_orders set info_at = null where id = any($1)', [ids.slice(0, 3)]);
  await fault({ kind: 'status', status: 500, route: 'GET /order/certificate/{id}' });
  await fillIn(rig.sync);
  expect(await missing()).toHaveLength(3);
  await rig.emulator.control('faults', { method: 'DELETE' });
  await rig.rows('update mirror_orders set info_at = null where id = $1', [ids[3]]);
  await rig.calls();
  await fillIn(rig.sync);
  expect(await rig.calls()).toEqual({ 'GET /order/certificate/{id}': 1 });
  expect(await missing()).toEqual(ids.slice(0, 3).map((id) => ({ id })));
});
