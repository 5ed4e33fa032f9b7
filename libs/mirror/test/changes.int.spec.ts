import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { ReadLedger } from '@certfolio/core';
import { differences, infoColumns, listColumns, truthOf } from './emulator-truth.ts';
import { fillIn, settle, startRig, waitFor, type Rig } from './mirror-rig.ts';
import { createClient } from './upstream-client.ts';

const orders = 600;
const existing = 'select * from mirror_orders where vanished_at is null';
let rig: Rig;
let historyFrom = 0;

beforeAll(async () => {
  rig = await startRig({ emulator: { orders, seed: 5 } });
  await settle(rig.sync);
  await fillIn(rig.sync);
});
afterAll(() => rig?.close());
beforeEach(async () => {
  [{ id: historyFrom }] = (await rig.rows('select coalesce(max(id), 0) as id from mirror_history')) as [{ id: number }];
  await rig.calls();
});

const ids = async (where: string, limit: number): Promise<number[]> =>
  (
    await rig.rows(`select id from mirror_orders where vanished_at is null and ${where} order by id limit ${limit}`)
  ).map(({ id }) => id);
const patch = (id: number, body: unknown) => rig.emulator.control(`orders/${id}`, { method: 'PATCH', body });
const remove = (id: number) => rig.emulator.control(`orders/${id}`, { method: 'DELETE' });
const add = async (body: unknown) =>
  ((await rig.emulator.control('orders', { method: 'POST', body })) as { id: number }).id;
const compare = () => rig.sync.refresh(new Set(['report', 'custom']), Date.now(), waitFor());
const history = () =>
  rig.rows('select order_id, change, field, before, after from mirror_history where id > $1 order by id', [
    historyFrom,
  ]);
const sum = (calls: Readonly<Record<string, number>>) => Object.values(calls).reduce((all, one) => all + one, 0);
const contact = { first_name: 'Ada', last_name: 'Ray', email: 'ada@changed.test' };

it('sees all kinds of changes after one comparison of three calls, and its history tells each', async () => {
  const [revoked, reissued, edited, moved, labelled, assigned] = [
    await ids(`status = 'issued' and has_duplicates`, 10),
    await ids(`status = 'issued' and not has_duplicates`, 10),
    await ids(`status = 'expired'`, 10),
    await ids(`status = 'pending' and container_id not in (20, 21)`, 4),
    await ids(`custom_fields is null and status = 'issued'`, 18).then((found) => found.slice(12)),
    await ids(`user_assignments is null and status = 'revoked'`, 4),
  ] as const;
  const [{ container_id: from }] = await rig.rows('select container_id from mirror_orders where id = $1', [moved[0]]);
  const to = 20;
  const [{ user_id: user, user_email: email }] = await rig.rows(
    'select user_id, user_email from mirror_orders limit 1',
  );
  for (const id of revoked) await patch(id, { status: 'revoked' });
  for (const id of reissued)
    await patch(id, {
      certificate: { id: id + 50_000_000, serial_number: `0A${String(id).padStart(10, '0')}` },
      reissues_count: 1,
    });
  for (const id of edited) await patch(id, { technical_contact: contact, organization_contact: contact });
  for (const id of moved) await patch(id, { container: { id: to } });
  for (const id of labelled) await patch(id, { custom_fields: [{ metadata_id: 112, value: '4711' }] });
  for (const id of assigned) await patch(id, { user_assignments: [{ id: user }] });
  const added = [await add({}), await add({ status: 'pending' }), await add({})];
  const removed = await ids(`status = 'rejected'`, 3);
  for (const id of removed) await remove(id);
  const changed = [...revoked, ...reissued, ...edited, ...moved, ...labelled, ...assigned, ...added, ...removed];
  expect(changed.length).toBeGreaterThan(45);
  expect(new Set(changed).size).toBe(changed.length);

  await compare();
  expect(sum(await rig.calls())).toBe(3);

  const rows = await rig.rows(existing);
  const truth = await truthOf(rig.emulator);
  const isLater = new Set([...infoColumns, ...listColumns]);
  expect(differences(rows, truth, (name) => !isLater.has(name))).toEqual([]);
  // What was not changed is whole, and so are new orders as far as the list has them.
  const untouched = rows.filter(({ id }) => !changed.includes(id));
  expect(untouched).toHaveLength(orders - changed.length + added.length);
  expect(differences(untouched, truth).filter((text) => !text.includes('missing'))).toEqual([]);
  expect(
    differences(rows, truth, (name) => listColumns.includes(name)).filter((text) =>
      added.includes(Number.parseInt(text, 10)),
    ),
  ).toEqual([]);

  const entries = await history();
  const of = (id: number | undefined) => entries.filter(({ order_id }) => order_id === id);
  expect(new Set(entries.map(({ order_id }) => order_id))).toEqual(new Set(changed));
  expect(of(revoked[0])).toEqual([
    { order_id: revoked[0], change: 'changed', field: 'status', before: 'issued', after: 'revoked' },
  ]);
  expect(of(reissued[0]).map(({ field }) => field)).toEqual(
    expect.arrayContaining(['certificateId', 'serialNumber', 'thumbprint']),
  );
  expect(of(edited[0])).toContainEqual(expect.objectContaining({ field: 'techEmail', after: 'ada@changed.test' }));
  expect(of(edited[0])).toContainEqual(expect.objectContaining({ field: 'contactsEmail', after: 'ada@changed.test' }));
  expect(of(moved[0])).toContainEqual(
    expect.objectContaining({ change: 'changed', field: 'containerId', before: from, after: to }),
  );
  expect(of(labelled[0])).toContainEqual(
    expect.objectContaining({
      field: 'customFields',
      before: null,
      after: [expect.objectContaining({ value: '4711' })],
    }),
  );
  expect(of(assigned[0])).toEqual([
    { order_id: assigned[0], change: 'changed', field: 'userAssignments', before: null, after: [email] },
  ]);
  for (const id of added) expect(of(id)).toEqual([expect.objectContaining({ change: 'added', field: null })]);
  for (const id of removed) expect(of(id)).toEqual([expect.objectContaining({ change: 'removed', field: null })]);
  expect(await rig.sync.status()).toMatchObject({
    orders: orders + 3 - 3,
    lastRound: { kind: 'compare', calls: 3, changes: changed.length },
  });

  // What only order info has is read again for the changed ones alone.
  expect((await rig.sync.status()).infoMissing).toBe(changed.length - removed.length);
  await rig.sync.refresh(new Set(['list']), Date.now(), waitFor());
  await fillIn(rig.sync);
  expect(differences(await rig.rows(existing), await truthOf(rig.emulator))).toEqual([]);
});

it('follows status changes and new orders by their details', async () => {
  const [revoked, unseen] = [
    await ids(`status = 'issued'`, 4),
    await ids(`status = 'issued'`, 6).then((all) => all.slice(5)),
  ];
  for (const id of revoked) await patch(id, { status: 'revoked' });
  const added = [await add({ certificate: { common_name: 'new.example.test' } }), await add({ status: 'pending' })];
  await patch(unseen[0]!, { technical_contact: { ...contact, email: 'silent@changed.test' } });

  // As of an account so large that a comparison takes a minute.
  await rig.rows(`update mirror_groups set took_ms = 60000 where name = 'report'`);
  expect(await rig.sync.round()).toBe('follow');
  expect(await rig.calls()).toEqual({
    'GET /order/certificate/status-changes': 1,
    'GET /order/certificate': 1,
    'GET /report/order': 1, // of the days since the oldest new order
    'GET /order/certificate/{id}': 6,
  });
  const truth = await truthOf(rig.emulator);
  const touched = new Set([...revoked, ...added]);
  const found = (await rig.rows(existing)).filter(({ id }) => touched.has(id));
  expect(found).toHaveLength(6);
  expect(differences(found, truth).filter((text) => !text.endsWith('is missing'))).toEqual([]);
  const entries = await history();
  expect(entries.filter(({ change }) => change === 'added').map(({ order_id }) => order_id)).toEqual(added);
  expect(entries.filter(({ field }) => field === 'status')).toHaveLength(4);
  // A silent edit is seen by the next comparison, and the age of its group says so.
  const left = differences(await rig.rows(existing), truth);
  expect(left.length).toBeGreaterThan(0);
  for (const text of left) expect(text).toMatch(new RegExp(`^${unseen[0]} tech_`));
  const { groups } = await rig.sync.status();
  expect(groups.tracked.asOf!.getTime()).toBeGreaterThan(groups.report.asOf!.getTime());
  expect(groups.info).toMatchObject({ asOf: groups.tracked.asOf, isComplete: true });

  // The overlap of the windows does not have them read again.
  await rig.calls();
  expect(await rig.sync.round()).toBe('follow');
  expect(sum(await rig.calls())).toBe(2);
});

it('follows fifty changes by at most sixty calls, and sees each of them', async () => {
  const revoked = await ids(`status = 'issued'`, 46);
  for (const id of revoked) await patch(id, { status: 'revoked' });
  const added = [];
  for (let count = 0; count < 4; count += 1) added.push(await add({ certificate: { common_name: `n${count}.test` } }));
  await rig.rows(`update mirror_groups set took_ms = 60000 where name = 'report'`);
  expect(await rig.sync.round()).toBe('follow');
  const calls = await rig.calls();
  expect(calls['GET /order/certificate/{id}']).toBe(50);
  expect(sum(calls)).toBeLessThanOrEqual(60);
  const truth = await truthOf(rig.emulator);
  const touched = new Set([...revoked, ...added]);
  const found = (await rig.rows(existing)).filter(({ id }) => touched.has(id));
  expect(found).toHaveLength(50);
  expect(differences(found, truth).filter((text) => !text.endsWith('is missing'))).toEqual([]);
  const entries = await history();
  expect(entries.filter(({ field, after }) => field === 'status' && after === 'revoked')).toHaveLength(46);
  expect(entries.filter(({ change }) => change === 'added').map(({ order_id }) => order_id)).toEqual(added);
});

it('compares when orders are gone, and knows an order that returns', async () => {
  const [id] = (await ids(`status = 'pending'`, 1)) as [number];
  const [before] = await rig.rows('select * from mirror_orders where id = $1', [id]);
  await remove(id);
  await rig.sync.round();
  expect((await rig.sync.status()).lastRound).toMatchObject({ kind: 'compare', error: null });
  expect(await history()).toContainEqual({ order_id: id, change: 'removed', field: null, before: null, after: null });
  expect(await rig.rows('select vanished_at is not null as vanished from mirror_orders where id = $1', [id])).toEqual([
    { vanished: true },
  ]);

  await add({ id, status: 'pending', certificate: { common_name: 'back.example.test' } });
  await rig.sync.round();
  const entries = (await history()).filter(({ order_id }) => order_id === id);
  expect(entries.map(({ change }) => change)).toEqual(expect.arrayContaining(['removed', 'returned', 'changed']));
  expect(entries).toContainEqual(
    expect.objectContaining({ field: 'commonName', before: before.common_name, after: 'back.example.test' }),
  );
  expect(differences(await rig.rows(existing), await truthOf(rig.emulator))).toEqual([]);
});

it('compares rather than reading very many orders one by one', async () => {
  for (const id of await ids(`status = 'issued'`, 40)) await patch(id, { status: 'revoked' });
  await rig.sync.round();
  expect((await rig.sync.status()).lastRound).toMatchObject({ kind: 'compare', changes: 40 });
  expect(sum(await rig.calls())).toBeLessThanOrEqual(6);
});

it('resyncs everything on request', async () => {
  await fillIn(rig.sync);
  await rig.rows(
    `update mirror_orders set tech_email = 'wrong', currency = 'XXX' where id in (select min(id) from mirror_orders)`,
  );
  await rig.sync.fullResync();
  await fillIn(rig.sync);
  expect(differences(await rig.rows(existing), await truthOf(rig.emulator))).toEqual([]);
});

it('reads a change once although the list of changes names another certificate than the reports', async () => {
  const { sync } = await rig.other({
    feedOf: (feed) => ({
      ...feed,
      async statusChanges(window, call) {
        const changes = await feed.statusChanges(window, call);
        return changes.map((change) => ({ ...change, certificateId: change.certificateId! + 1 }));
      },
    }),
  });
  // What the specs before have changed is in the window as well, and all of it looks different now.
  for (const id of await ids(`status = 'issued'`, 2)) await patch(id, { status: 'revoked' });
  const window = await createClient(rig.emulator.baseUrl).statusChanges(
    { lastSeconds: 3_600 },
    { ...waitFor(), lane: 'backfill', onBehalfOf: 'spec', ledger: new ReadLedger() },
  );
  for (const { orderId } of window.slice(0, Math.max(0, window.length - 20))) await remove(orderId);
  await rig.sync.refresh(new Set(['report']), Date.now(), waitFor());
  // Following is cheaper than a comparison of an hour.
  await rig.rows(`update mirror_groups set took_ms = 3600000 where name = 'report'`);
  await rig.calls();
  expect(await sync.round()).toBe('follow');
  expect((await rig.calls())['GET /order/certificate/{id}']).toBeGreaterThan(0);
  expect(await sync.round()).toBe('follow');
  expect(await rig.calls()).not.toHaveProperty('GET /order/certificate/{id}');
});
