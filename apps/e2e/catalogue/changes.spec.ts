import { beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '@certfolio/database/testing';
import { mirroredProduct, refreshMirror, untilMirror, type Mirrored } from '../mirror/mirrored.ts';
import { createStage, dataOf, toldFacts } from '../harness/index.ts';
import { dayIn, factsOf, putOrder, putOrders, rowsOf, type OrderFacts } from './known-orders.ts';

const stage = createStage();
let mirrored: Mirrored;
let ids: Readonly<Record<string, string>>;
let added: string;
let bornRevoked: string;
/** To the second, as times of the history are. */
let beganAt: string;
let changedAt: string;

const nowText = () => `${new Date().toISOString().slice(0, 19)}Z`;
const change = (id: string, body: object) => mirrored.emulator.control(`orders/${id}`, { method: 'PATCH', body });
const cert = (name: string) => ({
  container: { id: 14 },
  price: 218,
  certificate: { common_name: name, valid_till: dayIn(90) },
});

beforeAll(async () => {
  // The product finds the orders already: these are no changes.
  const prepared: [string, OrderFacts][] = [
    ['long', { ...cert('long-ago.acme.test'), status: 'revoked' }],
    ['now', cert('now.acme.test')],
    ['moved', cert('moved.acme.test')],
    ['gone', cert('gone.acme.test')],
    ['priced', cert('priced.acme.test')],
  ];
  beganAt = nowText();
  const database = await createTestDatabase();
  stage.defer(() => database.drop());
  const env = { CERTFOLIO_DATABASE_URL: database.url };
  mirrored = await mirroredProduct(stage, { orders: 0 }, { env }, async (emulator) => {
    ids = await putOrders(emulator, Object.fromEntries(prepared));
  });
  await untilMirror(mirrored.product, ({ isFilled }) => isFilled);
  changedAt = nowText();
  await change(ids['now']!, { status: 'revoked' });
  await change(ids['moved']!, { container: { id: 15 } });
  await change(ids['priced']!, { price: 299.5 });
  await mirrored.emulator.control(`orders/${ids['gone']}`, { method: 'DELETE' });
  added = await putOrder(mirrored.emulator, cert('new.acme.test'));
  bornRevoked = await putOrder(mirrored.emulator, { ...cert('born-revoked.acme.test'), status: 'revoked' });
  await refreshMirror(mirrored.product, true);
}, 120_000);

describe('revoked', () => {
  it('has revoked orders that may have been revoked since, and when the mirror first saw them so', async () => {
    const rows = await rowsOf(mirrored.product.admin, 'revoked.json', 'order_id', 'first_seen_revoked');
    // The mirror has looked for less than seven days, so the one that it found revoked cannot be ruled out.
    expect(rows.map(({ order_id }) => order_id)).toEqual([bornRevoked, ids['now'], ids['long']]);
    const [born, now, long] = rows.map(({ first_seen_revoked: seen }) => seen as string | null);
    expect(long).toBeNull();
    for (const seen of [born!, now!]) expect([seen >= changedAt, seen <= nowText()]).toEqual([true, true]);
  });

  it('leaves out nothing for a day before the mirror looked, and everything for a day to come', async () => {
    const read = (since: string) => rowsOf(mirrored.product.admin, `revoked.json?since=${since}`, 'order_id');
    expect(await read('2020-01-01')).toHaveLength(3);
    expect(await read('today%2B1d')).toEqual([]);
  });

  it('has all of them in a live answer, which says that it was told no times', async () => {
    const { json } = await mirrored.product.admin.fetch('/r/revoked.json', { headers: { 'Certfolio-Fresh': 'live' } });
    expect(json.rows!.map(({ order_id, first_seen_revoked }) => [order_id, first_seen_revoked])).toEqual(
      [bornRevoked, ids['now'], ids['long']].map((id) => [id, null]),
    );
    expect(json.extensions!['certfolio']).toMatchObject({ unavailableFields: ['firstSeenRevoked'], source: 'live' });
  });
});

describe('what-changed', () => {
  const columns = ['change', 'order_id', 'common_name', 'changed_field', 'before', 'after'] as const;

  it('has what the mirror saw appear, vanish and change, and not its first fill', async () => {
    const rows = await rowsOf(mirrored.product.admin, 'what-changed.json', ...columns);
    const of = (id: string | undefined) => rows.filter(({ order_id }) => order_id === id);
    const changed = (name: string, common: string, field: string, before: string | null, after: string | null) => ({
      change: 'changed',
      order_id: ids[name],
      common_name: common,
      changed_field: field,
      before,
      after,
    });
    const event = (kind: string, id: string, common: string) => ({
      change: kind,
      order_id: id,
      common_name: common,
      changed_field: null,
      before: null,
      after: null,
    });
    expect(of(ids['now'])).toContainEqual(changed('now', 'now.acme.test', 'status', 'issued', 'revoked'));
    expect(of(ids['moved'])).toEqual([
      changed('moved', 'moved.acme.test', 'containerId', '14', '15'),
      changed('moved', 'moved.acme.test', 'containerName', 'Retail', 'Banking & Payments'),
    ]);
    expect(of(ids['priced'])).toEqual([changed('priced', 'priced.acme.test', 'cost', '218.00', '299.50')]);
    expect(of(ids['gone'])).toEqual([event('removed', ids['gone']!, 'gone.acme.test')]);
    expect(of(added)).toEqual([event('added', added, 'new.acme.test')]);
    expect(of(bornRevoked)).toEqual([event('added', bornRevoked, 'born-revoked.acme.test')]);
    expect(of(ids['long'])).toEqual([]);
  });

  it('pages, and takes kinds, fields and what all reports of orders take', async () => {
    const { admin } = mirrored.product;
    const all = await rowsOf(admin, 'what-changed.json', ...columns);
    const first = await rowsOf(admin, 'what-changed.json?first=2', ...columns);
    expect(first).toEqual(all.slice(0, 2));
    expect(await rowsOf(admin, 'what-changed.json?kinds=removed', 'order_id')).toEqual([{ order_id: ids['gone'] }]);
    expect(await rowsOf(admin, 'what-changed.json?kinds=changed&fields=cost', 'order_id')).toEqual([
      { order_id: ids['priced'] },
    ]);
    expect(await rowsOf(admin, 'what-changed.json?kinds=added&nameLike=NEW%25', 'order_id')).toEqual([
      { order_id: added },
    ]);
    expect(await rowsOf(admin, 'what-changed.json?since=today%2B1d')).toEqual([]);
  });

  it('says that it is cut off where it begins before the mirror looked', async () => {
    const { admin } = mirrored.product;
    expect(await factsOf(admin, 'what-changed.json?since=today-1d')).toMatchObject({ truncated: true });
    expect(await factsOf(admin, 'what-changed.json?since=today%2B1d')).toMatchObject({ truncated: false });
    const answer = await admin.graphql('{ orderChanges(first: 1) { knownSince knownUntil } }');
    const { knownSince, knownUntil } = dataOf<{ orderChanges: { knownSince: string; knownUntil: string } }>(
      answer,
    ).orderChanges;
    expect([knownSince >= beganAt, knownSince <= changedAt, knownUntil >= changedAt]).toEqual([true, true, true]);
    // It is as old as the last look of the mirror.
    expect(Date.parse(String(toldFacts(answer).dataAsOf))).toBe(Date.parse(knownUntil));
  });

  it('tells a key of one division nothing of another, and a key without rights no values', async () => {
    const banking = await mirrored.product.createKey({ name: 'banking', level: 'OPEN', containers: [15] });
    expect(await rowsOf(banking, 'what-changed.json', ...columns)).toEqual([
      expect.objectContaining({ order_id: ids['moved'], changed_field: 'containerId', before: null, after: '15' }),
      expect.objectContaining({ order_id: ids['moved'], changed_field: 'containerName', before: null, after: null }),
    ]);
    const blind = await mirrored.product.createKey({ name: 'blind', level: 'OPEN', fields: [] });
    const rows = await rowsOf(blind, 'what-changed.json', 'changed_field');
    expect(rows.map(({ changed_field }) => changed_field)).not.toContain('cost');
    expect(rows.map(({ changed_field }) => changed_field)).toContain('status');
  });

  it('has no rows in a live answer, which says so', async () => {
    const { json } = await mirrored.product.admin.fetch('/r/what-changed.json', {
      headers: { 'Certfolio-Fresh': 'live' },
    });
    expect([json.rows, json.errors]).toEqual([[], undefined]);
    expect(json.extensions!['certfolio']).toMatchObject({ unavailableFields: ['orderChanges'] });
  });
});
