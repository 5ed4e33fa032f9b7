import { afterEach, expect, it } from '@jest/globals';
import { differences, truthOf } from './emulator-truth.ts';
import { fillIn, settle, startRig, waitFor, type Rig } from './mirror-rig.ts';

const existing = 'select * from mirror_orders where vanished_at is null';
let rig: Rig | undefined;
afterEach(async () => {
  await rig?.close();
  rig = undefined;
});

it('has order info read for what Custom Reports would give a key that may only view', async () => {
  rig = await startRig({
    emulator: { orders: 120, keys: 'viewer:view-only' },
    key: 'viewer',
    settings: { roundSeconds: 60 },
  });
  await settle(rig.sync);
  expect(await rig.sync.status()).toMatchObject({
    usesReport: true,
    usesCustomReports: false,
    groups: { report: { isComplete: true }, custom: { asOf: null, isComplete: false } },
  });
  expect(await rig.calls()).toMatchObject({ 'POST /reports/query': 1 });
  await fillIn(rig.sync);
  expect(differences(await rig.rows(existing), await truthOf(rig.emulator, 'viewer'))).toEqual([]);
  const { groups, isComplete } = await rig.sync.status();
  expect(isComplete).toBe(true);
  const [{ oldest }] = await rig.rows('select min(info_at) as oldest from mirror_orders');
  expect(groups.custom).toEqual({ asOf: oldest, isComplete: true });

  // It is not asked again in every round.
  await rig.calls();
  await rig.sync.refresh(new Set(['report']), Date.now(), waitFor());
  expect(await rig.calls()).not.toHaveProperty('POST /reports/query');
  await expect(rig.sync.refresh(new Set(['custom']), Date.now(), waitFor())).rejects.toMatchObject({
    code: 'UPSTREAM_REFUSED',
  });
});

it('reads order info again after a day where that alone tells of silent edits', async () => {
  let aheadMs = 0;
  rig = await startRig({
    emulator: { orders: 12, keys: 'viewer:view-only' },
    key: 'viewer',
    aheadMs: () => aheadMs,
  });
  await settle(rig.sync);
  await fillIn(rig.sync);
  const [{ id }] = await rig.rows('select id from mirror_orders where contacts_email is not null limit 1');
  const contact = { first_name: 'Ada', last_name: 'Ray', email: 'ada@changed.test' };
  await rig.emulator.control(`orders/${id}`, { method: 'PATCH', body: { organization_contact: contact } });
  await rig.calls();
  aheadMs = 23 * 3_600_000;
  await fillIn(rig.sync);
  expect(await rig.calls()).toEqual({});
  aheadMs = 25 * 3_600_000;
  await fillIn(rig.sync);
  expect(await rig.calls()).toMatchObject({ 'GET /order/certificate/{id}': 12 });
  expect(await rig.rows(`select order_id, field, after from mirror_history`)).toEqual([
    { order_id: id, field: 'contactsEmail', after: 'ada@changed.test' },
  ]);
});

it('asks again after an hour whether the key may', async () => {
  let aheadMs = 0;
  rig = await startRig({
    emulator: { orders: 20, keys: 'viewer:view-only' },
    key: 'viewer',
    aheadMs: () => aheadMs,
  });
  await settle(rig.sync);
  await rig.calls();
  aheadMs = 61 * 60_000;
  await rig.sync.round();
  expect(await rig.calls()).toMatchObject({ 'POST /reports/query': 1, 'GET /report/order': 1 });
});

it('mirrors an account without orders, and its first one', async () => {
  rig = await startRig({ emulator: { orders: 0 } });
  expect(await settle(rig.sync)).toEqual(['compare', 'list']);
  expect(await rig.sync.status()).toMatchObject({ orders: 0, upstreamTotal: 0, isComplete: true });
  await rig.emulator.control('orders', { method: 'POST', body: {} });
  expect(await rig.sync.round()).toBe('follow');
  expect(await rig.sync.status()).toMatchObject({ orders: 1, upstreamTotal: 1, infoMissing: 0 });
});

it('lives by the list and order info where the key may not read the report', async () => {
  const orders = 60;
  rig = await startRig({ emulator: { orders } });
  const truth = await truthOf(rig.emulator);
  await rig.emulator.control('faults', {
    method: 'POST',
    body: { kind: 'status', status: 403, route: 'GET /report/order' },
  });
  expect(await settle(rig.sync)).toEqual(['list']);
  expect(await rig.sync.status()).toMatchObject({
    orders,
    usesReport: false,
    groups: { list: { isComplete: true }, tracked: { isComplete: false }, report: { isComplete: false } },
  });
  await fillIn(rig.sync);
  const notToBeHad = ['agreement_id', 'product_id', 'plus_feature', 'organization_address1', 'organization_address2'];
  const compared = (name: string) => !notToBeHad.includes(name);
  // The account's number is the mirror's own here, as the spec opened it.
  const [{ account_id }] = await rig.rows('select distinct account_id from mirror_orders');
  expect(account_id).toBe(1);
  expect(
    differences(await rig.rows(existing), truth, compared).filter((text) => !/ (account_id|certificate_id)/.test(text)),
  ).toEqual([]);
  expect(await rig.sync.status()).toMatchObject({ isComplete: true });
  expect(await rig.rows('select count(*) as entries from mirror_history')).toEqual([{ entries: 0 }]);

  const ids = (await rig.rows(`select id from mirror_orders where status = 'issued' order by id limit 3`)).map(
    ({ id }) => id,
  );
  await rig.emulator.control(`orders/${ids[0]}`, { method: 'PATCH', body: { status: 'revoked' } });
  await rig.emulator.control(`orders/${ids[1]}`, { method: 'DELETE' });
  await rig.emulator.control('orders', { method: 'POST', body: { certificate: { common_name: 'new.example.test' } } });
  await rig.calls();
  await rig.sync.refresh(new Set(['tracked']), Date.now(), waitFor());
  expect(await rig.calls()).toEqual({ 'GET /order/certificate': 1, 'GET /order/certificate/{id}': 2 });
  await rig.emulator.control('faults', { method: 'DELETE' });
  const after = await truthOf(rig.emulator);
  expect(
    differences(await rig.rows(existing), after, compared).filter(
      (text) => !/ (account_id|certificate_id|has_reissues)/.test(text),
    ),
  ).toEqual([]);
  expect((await rig.rows('select change from mirror_history order by id')).map(({ change }) => change).sort()).toEqual(
    expect.arrayContaining(['added', 'changed', 'removed']),
  );
});
