import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { everything, orderId, ReadLedger, type OrderId, type OrderRead } from '@certfolio/core';
import { fillIn, settle, startRig, waitFor, type Rig } from './mirror-rig.ts';
import { createClient } from './upstream-client.ts';

let rig: Rig;
const call = { ...waitFor(300_000), lane: 'interactive' as const, onBehalfOf: 'spec', ledger: new ReadLedger() };
const read: OrderRead = {
  ...call,
  scope: everything,
  maxAgeMs: 300_000,
  run: null,
  planOnly: false,
  fields: new Set(['id', 'status']),
};

beforeAll(async () => {
  rig = await startRig({ emulator: { orders: 250, seed: 4 }, settings: { roundSeconds: 60 } });
});
afterAll(() => rig?.close());

it('tells readers at once how young and whole it is', async () => {
  expect((await rig.mirror.state()).groups.tracked).toMatchObject({ isComplete: false, asOfMs: null });
  await settle(rig.sync);
  const filled = await rig.mirror.state();
  expect(filled).toMatchObject({
    orders: 250,
    upstreamTotal: 250,
    groups: { report: { isComplete: true, missing: 0 } },
  });
  expect(filled.groups.info).toMatchObject({ isComplete: false, missing: 250 });
  expect(filled.copiesMissing).toBe((await rig.sync.status()).copiesMissing);
  expect(filled.copiesMissing).toBeGreaterThan(0);
  await fillIn(rig.sync);
  const whole = await rig.mirror.state();
  expect(whole).toMatchObject({ copiesMissing: 0, groups: { info: { isComplete: true, missing: 0 } } });
  expect(whole.version).toBeGreaterThan(filled.version);
  const notBeforeMs = Date.now();
  await rig.sync.refresh(new Set(['tracked', 'report']), notBeforeMs, waitFor());
  expect((await rig.mirror.state()).groups.report.asOfMs).toBeGreaterThanOrEqual(notBeforeMs);
  expect((await rig.mirror.state()).version).toBe(whole.version);
});

it('has the duplicates, reissues, requests and notes that a live read has', async () => {
  const live = createClient(rig.emulator.baseUrl);
  // A reissue that is not done is in the list of reissues, and nothing else tells of it.
  const [{ id: pending }] = await rig.rows(
    `select id from mirror_orders where status = 'issued' and not has_reissues and not has_duplicates limit 1`,
  );
  await rig.emulator.control(`orders/${pending}`, { method: 'PATCH', body: { status: 'reissue_pending' } });
  await rig.sync.refresh(new Set(['report', 'list']), Date.now(), waitFor());
  await fillIn(rig.sync);
  const ids: OrderId[] = (await rig.rows('select id from mirror_orders order by id')).map(({ id }) => orderId(id));
  const [duplicates, reissues, requests, notes] = await Promise.all([
    rig.mirror.parts('duplicates', ids),
    rig.mirror.parts('reissues', ids),
    rig.mirror.parts('requests', ids),
    rig.mirror.parts('notes', ids),
  ]);
  for (const id of ids) {
    const info = (await live.orderWithParts(id, call))!;
    expect([duplicates.get(id)?.value, reissues.get(id)?.value, requests.get(id)?.value, notes.get(id)?.value]).toEqual(
      [await live.duplicates(id, call), await live.reissues(id, call), info.requests, info.notes],
    );
  }
  expect(reissues.get(orderId(pending))?.value).toHaveLength(1);
  await live.stop();
});

it('finds a duplicate by its serial number, and says how many orders are left that could have the one asked for', async () => {
  const [{ order_id, serial_number }] = await rig.rows(
    `select order_id, serial_number from mirror_certificates where kind = 'duplicate' and serial_number is not null limit 1`,
  );
  expect(await rig.mirror.findByCertificate({ serialNumber: serial_number }, read)).toMatchObject({
    kind: 'found',
    match: { order: { id: order_id }, copy: { kind: 'duplicate' } },
  });
  expect(await rig.mirror.findByCertificate({ serialNumber: 'ABCDEF' }, read)).toEqual({ kind: 'none' });
  await rig.emulator.control(`orders/${order_id}`, { method: 'PATCH', body: { status: 'revoked' } });
  await rig.sync.refresh(new Set(['report']), Date.now(), waitFor());
  expect(await rig.mirror.findByCertificate({ serialNumber: 'ABCDEF' }, read)).toEqual({
    kind: 'incomplete',
    ordersLeft: 1,
  });
});
