import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { orderId, type FieldGroup, type OrderCertificate } from '@certfolio/core';
import { fillIn, settle, startRig, waitFor, type Rig } from './mirror-rig.ts';
import { createClient } from './upstream-client.ts';
import { ReadLedger } from '@certfolio/core';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ emulator: { orders: 200, seed: 2 }, settings: { roundSeconds: 60 } });
});
afterAll(() => rig?.close());
afterEach(() => rig.emulator.control('faults', { method: 'DELETE' }));

const sum = (calls: Readonly<Record<string, number>>) => Object.values(calls).reduce((all, one) => all + one, 0);
const groups = (...names: FieldGroup[]) => new Set(names);
const refresh = (names: readonly FieldGroup[], wait = waitFor()) =>
  rig.sync.refresh(groups(...names), Date.now(), wait);
const setFault = (body: object) => rig.emulator.control('faults', { method: 'POST', body });

it('fills what is asked for, once for all who wait', async () => {
  await Promise.all(Array.from({ length: 50 }, () => refresh(['tracked'])));
  expect(sum(await rig.calls())).toBeLessThanOrEqual(3 + 2);
  await settle(rig.sync);
  await rig.calls();
  const notBefore = Date.now();
  await Promise.all(Array.from({ length: 50 }, () => rig.sync.refresh(groups('tracked'), notBefore, waitFor())));
  expect(await rig.calls()).toEqual({ 'GET /order/certificate/status-changes': 1, 'GET /order/certificate': 1 });
});

it('reads the details that are missing for somebody who waits for them', async () => {
  await fillIn(rig.sync);
  const [{ id }] = await rig.rows(`select id from mirror_orders where status = 'issued' limit 1`);
  await rig.emulator.control(`orders/${id}`, { method: 'PATCH', body: { technical_contact: null } });
  await refresh(['report']);
  expect((await rig.sync.status()).infoMissing).toBe(1);
  await rig.calls();
  await refresh(['info']);
  expect(await rig.calls()).toMatchObject({ 'GET /order/certificate/{id}': 1 });
  expect((await rig.sync.status()).groups.info).toMatchObject({ isComplete: true });
});

it('says how long it expects to take', async () => {
  await refresh(['report', 'list']);
  const [tracked, report, all] = [groups('tracked'), groups('report'), groups('tracked', 'report', 'list')].map(
    (names) => rig.sync.expectedMs(names),
  ) as [number, number, number];
  expect(tracked).toBeGreaterThan(0);
  expect(report).toBeLessThan(60_000);
  expect(all).toBeGreaterThan(report);
});

it('gives up at the deadline while the reading goes on', async () => {
  await setFault({ kind: 'delay', route: 'GET /report/order', delayMs: 1_000, count: 1 });
  const notBefore = Date.now();
  await expect(rig.sync.refresh(groups('report'), notBefore, waitFor(200))).rejects.toMatchObject({
    code: 'GATEWAY_TIMEOUT',
  });
  await rig.calls();
  await rig.sync.refresh(groups('report'), notBefore, waitFor());
  expect(sum(await rig.calls())).toBe(0); // joined the one under way, whose calls had begun before
});

it('does not take a page of the list for whole that has fewer orders than it counts', async () => {
  await setFault({ kind: 'drop-row', route: 'GET /order/certificate' });
  await expect(refresh(['list'])).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
});

it('leaves when its caller does', async () => {
  const gone = new AbortController();
  await setFault({ kind: 'delay', route: 'GET /report/order', delayMs: 500, count: 1 });
  const waiting = refresh(['report'], { deadline: new Date(Date.now() + 60_000), signal: gone.signal });
  gone.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
});

it('fails as CertCentral fails, for everybody at once, and recovers by itself', async () => {
  await refresh(['report']);
  await setFault({ kind: 'status', status: 503, route: '*' });
  await rig.calls();
  const failures = await Promise.allSettled(Array.from({ length: 20 }, () => refresh(['report'])));
  expect(failures.every((one) => one.status === 'rejected' && one.reason.code === 'UPSTREAM_UNAVAILABLE')).toBe(true);
  expect(sum(await rig.calls())).toBeLessThanOrEqual(2 * 3 * 3);
  await rig.emulator.control('faults', { method: 'DELETE' });
  await refresh(['report']);
});

it('keeps what a live read saw when it is younger, and nothing of a new order', async () => {
  const client = createClient(rig.emulator.baseUrl);
  const call = { ...waitFor(), lane: 'interactive' as const, onBehalfOf: 'spec', ledger: new ReadLedger() };
  await fillIn(rig.sync);
  const [{ id, status }] = await rig.rows(
    `select id, status from mirror_orders where status = 'issued' order by id desc limit 1`,
  );
  await rig.emulator.control(`orders/${id}`, { method: 'PATCH', body: { status: 'revoked' } });
  const order = (await client.orderInfo(orderId(id), call))!;
  await rig.sync.sawOrder(order.id, order, Date.now() - 3_600_000);
  expect(await rig.rows('select status from mirror_orders where id = $1', [id])).toEqual([{ status }]);
  await rig.sync.sawOrder(order.id, order, Date.now());
  expect(await rig.rows('select status, info_at is null as missing from mirror_orders where id = $1', [id])).toEqual([
    { status: 'revoked', missing: false },
  ]);
  expect(await rig.rows('select field, after from mirror_history where order_id = $1', [id])).toEqual([
    { field: 'status', after: 'revoked' },
  ]);

  const duplicate = { id: 77, serialNumber: '0AFF', thumbprint: null, isArchived: false } as OrderCertificate;
  await rig.sync.sawPart('duplicates', order.id, [duplicate], Date.now());
  expect(
    await rig.rows(
      'select kind, certificate_id, serial_number, place from mirror_certificates where order_id = $1 and kind = $2',
      [id, 'duplicate'],
    ),
  ).toEqual([{ kind: 'duplicate', certificate_id: 77, serial_number: '0AFF', place: 0 }]);
  await rig.sync.sawPart('notes', order.id, [{ id: 1, text: 'seen' }], Date.now() + 1_000);
  expect(await rig.rows('select notes from mirror_orders where id = $1', [id])).toEqual([
    { notes: [{ id: 1, text: 'seen' }] },
  ]);

  await rig.sync.sawOrder(orderId(999_999), { ...order, id: orderId(999_999) }, Date.now());
  expect(await rig.rows('select id from mirror_orders where id = 999999')).toEqual([]);

  await rig.emulator.control(`orders/${id}`, { method: 'DELETE' });
  await rig.sync.sawOrder(order.id, null, Date.now());
  expect(await rig.rows('select vanished_at is not null as gone from mirror_orders where id = $1', [id])).toEqual([
    { gone: true },
  ]);
  await client.stop();
});

it('fills nothing in while others could need the calls', async () => {
  await rig.rows(
    'update mirror_orders set info_at = null where id in (select id from mirror_orders order by id limit 5)',
  );
  let freeCalls = 199;
  const waitMsFor = (calls: number) => (calls > freeCalls ? 60_000 : 10_000);
  const { sync } = await rig.other({ feedOf: (feed) => ({ ...feed, outlook: () => ({ waitMsFor }) }) });
  await rig.calls();
  expect(await sync.backfillStep()).toBe(0);
  expect(await rig.calls()).toEqual({});
  freeCalls = 200;
  expect(await sync.backfillStep()).toBeGreaterThanOrEqual(5);
});
