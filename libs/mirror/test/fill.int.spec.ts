import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { differences, infoColumns, listColumns, truthOf } from './emulator-truth.ts';
import { fillIn, startRig, type Rig } from './mirror-rig.ts';

const orders = 1_200;
const existing = 'select * from mirror_orders where vanished_at is null';
let rig: Rig;
let truth: Awaited<ReturnType<typeof truthOf>>;

beforeAll(async () => {
  rig = await startRig({ emulator: { orders, seed: 11 } });
  truth = await truthOf(rig.emulator);
  await rig.calls();
});
afterAll(() => rig?.close());

it('fills every cell that the reports have with three calls, and tells no history of it', async () => {
  expect(await rig.sync.round()).toBe('compare');
  expect(await rig.calls()).toEqual({
    'GET /report/order': 1,
    'GET /order/certificate': 1,
    'POST /reports/query': 1,
  });
  const isLater = new Set([...infoColumns, ...listColumns]);
  expect(differences(await rig.rows(existing), truth, (name) => !isLater.has(name))).toEqual([]);
  expect(await rig.rows('select count(*) as entries from mirror_history')).toEqual([{ entries: 0 }]);
  expect(await rig.sync.status()).toMatchObject({
    orders,
    upstreamTotal: orders,
    isComplete: false,
    infoMissing: orders,
    groups: { tracked: { isComplete: true }, list: { asOf: null, isComplete: false }, info: { isComplete: false } },
    lastRound: { kind: 'compare', calls: 3, changes: orders, error: null },
  });
});

it('has the server know how many rows there are before it answers from them', async () => {
  expect(await rig.rows(`select reltuples from pg_class where relname = 'mirror_orders'`)).toEqual([
    { reltuples: orders },
  ]);
});

it('reads what only the list has with a call per thousand orders', async () => {
  expect(await rig.sync.round()).toBe('list');
  expect(await rig.calls()).toEqual({ 'GET /order/certificate': 2 }); // pages overlap by a row
  expect(differences(await rig.rows(existing), truth, (name) => !infoColumns.includes(name))).toEqual([]);
});

it('reads next to nothing when nothing changed', async () => {
  await rig.emulator.control('stats', { method: 'DELETE' });
  const [{ version }] = await rig.rows('select version from mirrors');
  expect(await rig.sync.round()).toBe('follow');
  expect(await rig.emulator.control('stats')).toMatchObject({ total: 2 });
  expect(((await rig.emulator.control('stats')) as { bytes: number }).bytes).toBeLessThan(200_000);
  expect(await rig.rows('select version from mirrors')).toEqual([{ version }]);
});

it('fills in order info, duplicates and reissues, and is complete then', async () => {
  await rig.calls();
  await fillIn(rig.sync);
  expect(differences(await rig.rows(existing), truth)).toEqual([]);
  const calls = await rig.calls();
  expect(calls['GET /order/certificate/{id}']).toBe(orders);
  const [{ with_duplicates, with_reissues }] = await rig.rows(
    `select count(*) filter (where has_duplicates) as with_duplicates,
       count(*) filter (where has_reissues or status = 'reissue_pending') as with_reissues from mirror_orders`,
  );
  expect(calls['GET /order/certificate/{id}/duplicate']).toBe(with_duplicates);
  expect(calls['GET /order/certificate/{id}/reissue']).toBe(with_reissues);
  expect(
    await rig.rows(
      `select count(distinct order_id) filter (where kind = 'duplicate') as duplicates, count(distinct order_id) filter (where kind = 'reissue') as reissues from mirror_certificates`,
    ),
  ).toEqual([{ duplicates: with_duplicates, reissues: with_reissues }]);
  expect(await rig.sync.status()).toMatchObject({
    isComplete: true,
    infoMissing: 0,
    copiesMissing: 0,
    groups: { info: { isComplete: true } },
  });
  expect(await rig.rows('select count(*) as entries from mirror_history')).toEqual([{ entries: 0 }]);
});

it('keeps requests, notes, duplicates and reissues as CertCentral gives them', async () => {
  const get = async (path: string) =>
    (await fetch(`${rig.emulator.baseUrl}${path}`, { headers: { 'x-dc-devkey': 'any-key' } })).json() as Promise<any>; // eslint-disable-line @typescript-eslint/no-explicit-any -- the vendor's JSON
  const rows = await rig.rows(
    `select id, requests, notes, has_duplicates, has_reissues from mirror_orders
     where has_duplicates and has_reissues or notes <> '[]' order by id limit 40`,
  );
  for (const { id, requests, notes } of rows) {
    const info = await get(`/order/certificate/${id}`);
    expect(requests.map((one: { id: number }) => one.id)).toEqual(info.requests.map((one: { id: number }) => one.id));
    expect(notes).toEqual(info.notes ?? []);
    for (const kind of ['duplicate', 'reissue']) {
      const { certificates } = await get(`/order/certificate/${id}/${kind}`);
      const kept = await rig.rows(
        `select certificate_id, serial_number, certificate -> 'serialNumber' as serial from mirror_certificates
         where order_id = $1 and kind = $2 order by place`,
        [id, kind],
      );
      expect(kept).toEqual(
        (certificates as { id: number; serial_number?: string }[]).map((one) => ({
          certificate_id: one.id,
          serial_number: one.serial_number ?? null,
          serial: one.serial_number ?? null,
        })),
      );
    }
  }
  expect(rows.some(({ notes }) => notes.length > 0)).toBe(true);
  expect(rows.some(({ has_duplicates }) => has_duplicates)).toBe(true);
});

it('keeps names in lower case, wildcards and the domains they were registered as', async () => {
  const [wildcard] = await rig.rows(
    `select common_name, names, wildcard_names, base_domains from mirror_orders where cardinality(wildcard_names) > 0 limit 1`,
  );
  expect(wildcard.names).toContain(wildcard.common_name.toLowerCase());
  expect(wildcard.wildcard_names[0]).toMatch(/^\*\./);
  expect(wildcard.base_domains.some((domain: string) => wildcard.wildcard_names[0].endsWith(`.${domain}`))).toBe(true);
});
