import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EmulatorProcess } from '@certfolio/testing';
import {
  askUpstream,
  callsOf,
  createStage,
  dataOf,
  toldFacts,
  type Caller,
  type ProductProcess,
} from '../harness/index.ts';

interface Division {
  readonly id: number;
  readonly name: string;
  readonly parent_id: number;
}
interface Person {
  readonly id: number;
  readonly container?: { readonly id: number };
  readonly container_assignments?: readonly { readonly id: number }[];
}
interface Request {
  readonly id: number;
  readonly status: string;
  readonly order: { readonly id: number; readonly container: { readonly id: number } };
}
interface Adjustment {
  readonly id: string;
  readonly container: { readonly id: number };
  readonly transaction_date: string;
  readonly transaction_type: string;
  readonly credit?: string;
}

const stage = createStage();
let emulator: EmulatorProcess;
let product: ProductProcess;
let divisions: readonly Division[];
let people: readonly Person[];
let requests: readonly Request[];
let adjustments: readonly Adjustment[];
/** The division that the key `inside` is limited to; every other one has rows too. */
const own = 14;
let inside: Caller;
let nowhere: Caller;

const isOf = (user: Person, id: number) =>
  user.container?.id === id || (user.container_assignments ?? []).some((assigned) => assigned.id === id);

beforeAll(async () => {
  emulator = await stage.emulator({ orders: 600 });
  product = await stage.productOn(emulator);
  const upstream = async <T>(path: string, key: string) =>
    ((await askUpstream(emulator, path)) as Record<string, readonly T[]>)[key]!;
  divisions = await upstream<Division>('/container', 'containers');
  people = [...(await upstream<Person>('/user', 'users')), ...(await upstream<Person>('/service-user', 'users'))];
  requests = await upstream<Request>('/request', 'requests');
  adjustments = await upstream<Adjustment>('/finance/balance-history', 'adjustments');
  [inside, nowhere] = await Promise.all([
    product.createKey({ name: 'inside', level: 'OPEN', containers: [own] }),
    product.createKey({ name: 'nowhere', level: 'OPEN', containers: [] }),
  ]);
  for (const rows of [
    requests.map(({ order }) => order.container.id),
    adjustments.map(({ container }) => container.id),
  ]) {
    expect(rows.filter((id) => id === own).length).toBeGreaterThan(5);
    expect(rows.filter((id) => id !== own).length).toBeGreaterThan(5);
  }
  expect(people.filter((user) => isOf(user, own)).length).toBeGreaterThan(2);
});

/** Ids that a list field gives a caller, as numbers. */
async function idsFor(caller: Caller, field: string): Promise<number[]> {
  const { rows } = dataOf<{ rows: { id: string }[] }>(await caller.graphql(`{ rows: ${field} { id } }`));
  return rows.map(({ id }) => Number(id)).sort((a, b) => a - b);
}
const sorted = (ids: readonly number[]) => ids.toSorted((a, b) => a - b);

describe('a key without limits', () => {
  it('sees every row of every list, as CertCentral has them', async () => {
    expect(await idsFor(product.admin, 'containers')).toEqual(sorted(divisions.map(({ id }) => id)));
    expect(await idsFor(product.admin, 'users')).toEqual(sorted(people.map(({ id }) => id)));
    expect(await idsFor(product.admin, 'requests')).toEqual(sorted(requests.map(({ id }) => id)));
    expect(await idsFor(product.admin, 'balanceHistory')).toEqual(sorted(adjustments.map(({ id }) => Number(id))));
    expect(await idsFor(product.admin, 'unitOrders')).toEqual([1003, 1004, 1005, 1006, 1007, 1008]);
    expect(await idsFor(product.admin, 'customFieldDefinitions')).toHaveLength(7);
  });

  it.each([
    ['{ containers { id name parent { name } children { name } } }', { 'GET /container': 1 }],
    [
      '{ users { name roles { name } container { name } apiKeyRestriction } }',
      { 'GET /user': 1, 'GET /service-user': 1 },
    ],
    [
      '{ users { name assignedContainers { name } container { isActive } } containers { name } }',
      { 'GET /user': 1, 'GET /service-user': 1, 'GET /container': 1 },
    ],
    ['{ products { nameId name replacedBy { nameId } } product(nameId: "ssl_basic") { name } }', { 'GET /product': 1 }],
    [
      '{ requests(filter: {isOpen: true}) { id ageHours container { name } product { name } order { id } } }',
      { 'GET /request': 1 },
    ],
    ['{ balance(containerId: "14") { balance } }', { 'GET /finance/balance': 1 }],
    ['{ balance { balance container { name } } }', { 'GET /finance/balance': 1, 'GET /container': 1 }],
    ['{ balanceHistory { id credit debit } }', { 'GET /finance/balance-history': 1 }],
    ['{ unitOrders(filter: {status: ["completed"]}) { id cost } }', { 'GET /units/order': 1 }],
    [
      '{ unitOrders(filter: {status: ["completed"]}) { id bundles { units product { name } } } }',
      { 'GET /units/order': 1, 'GET /units/order/{id}': 5 },
    ],
    ['{ customFieldDefinitions { label dataType } }', { 'GET /account/metadata': 1 }],
    [
      '{ organizations { name container { name } assignedContainers { name } validations { verifiedUsers { firstName } } } }',
      { 'GET /organization': 1, 'GET /container': 1 },
    ],
    ['{ organizations { container { name } } }', { 'GET /organization': 1 }],
    ['{ domains { dcvStatusOv dcvExpiresOvShortened validations { dcvStatus } } }', { 'GET /domain': 1 }],
    [
      '{ organizations(filter: {ids: ["5001", "5002"]}) { contacts { firstName } verifiedContacts { id } } }',
      { 'GET /organization': 1, 'GET /organization/{id}': 2 },
    ],
  ])('%s costs %j', async (query, calls) => {
    const { result, stats } = await callsOf(emulator, () => product.admin.graphql(query));
    expect(Object.values(dataOf(result)).flat().length).toBeGreaterThan(0);
    expect(stats.calls).toEqual(calls);
    expect(toldFacts(result)).toMatchObject({ upstreamCalls: stats.total, source: 'live' });
  });

  it('has the division of 100 orders by one further call', async () => {
    const { result, stats } = await callsOf(emulator, () =>
      product.admin.graphql('{ orders(first: 100) { nodes { id container { name parent { name } isActive } } } }'),
    );
    const { nodes } = dataOf<{ orders: { nodes: { container: { name: string; isActive: boolean | null } }[] } }>(
      result,
    ).orders;
    expect(nodes.every(({ container }) => container.isActive !== null)).toBe(true);
    expect(stats.calls).toEqual({ 'GET /order/certificate': 1, 'GET /container': 1 });
  });

  it('joins requests with their orders', async () => {
    const { result, stats } = await callsOf(emulator, () =>
      product.admin.graphql('{ requests(filter: {isOpen: true}) { order { id status } organization { id city } } }'),
    );
    const open = dataOf<{ requests: { order: { status: string } | null }[] }>(result).requests;
    expect(open).toHaveLength(requests.filter(({ status }) => status === 'pending' || status === 'submitted').length);
    expect(open.every(({ order }) => order?.status != null)).toBe(true);
    expect(stats.calls['GET /request']).toBe(1);
    expect(stats.calls['GET /organization'] ?? 0).toBeLessThanOrEqual(1);
    expect(stats.total).toBeLessThanOrEqual(open.length + 2);
  });

  it('filters the balance history by relative dates', async () => {
    const { balanceHistory: found } = dataOf<{ balanceHistory: { id: string; transactionDate: string }[] }>(
      await product.admin.graphql(
        '{ balanceHistory(filter: {transactionDate: {gte: "today-180d"}, transactionType: ["Deposit", "Credit"]}) { id transactionDate } }',
      ),
    );
    const fromMs = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 180 * 86_400_000;
    const expected = adjustments.filter(
      (adjustment) =>
        Date.parse(`${adjustment.transaction_date.replace(' ', 'T')}Z`) >= fromMs &&
        ['Deposit', 'Credit'].includes(adjustment.transaction_type),
    );
    expect(expected.length).toBeGreaterThan(0);
    expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
  });
});

describe('a key that is limited to one division', () => {
  it('sees the rows of that division in every list, and no other', async () => {
    expect(await idsFor(inside, 'containers')).toEqual([own]);
    expect(await idsFor(inside, 'users')).toEqual(sorted(people.filter((user) => isOf(user, own)).map(({ id }) => id)));
    expect(await idsFor(inside, 'requests')).toEqual(
      sorted(requests.filter(({ order }) => order.container.id === own).map(({ id }) => id)),
    );
    expect(await idsFor(inside, 'balanceHistory')).toEqual(
      sorted(adjustments.filter(({ container }) => container.id === own).map(({ id }) => Number(id))),
    );
    expect(await idsFor(inside, 'unitOrders')).toEqual([]);
    expect(await idsFor(inside, 'customFieldDefinitions')).toHaveLength(7);
  });

  it('reads the name and the number of no other division through any field', async () => {
    const answer = await inside.graphql(`{
      containers { id name parent { id name } children { id name } }
      users { id name container { id name } assignedContainers { id name } }
      products { nameId allowedContainers { id name } }
      requests { id container { id name parent { id name } } order { id container { id name } } }
      balanceHistory { id container { id name } }
      balance { balance usedCreditOfOtherContainers container { id name } }
      organizations { id container { id name } assignedContainers { id name } }
      domains { id container { id name } }
      orders(first: 50) { nodes { id container { id name children { id name } parent { id name } } } }
    }`);
    const data = dataOf(answer);
    const seen = new Set<string>();
    const look = (value: unknown, name: string): void => {
      if (Array.isArray(value)) value.forEach((item) => look(item, name));
      else if (typeof value === 'object' && value !== null) {
        if (/container|parent|children/i.test(name))
          seen.add(`${Reflect.get(value, 'id')} ${Reflect.get(value, 'name')}`);
        for (const [key, inner] of Object.entries(value)) look(inner, key);
      }
    };
    look(data, '');
    const { name } = divisions.find(({ id }) => id === own)!;
    expect([...seen]).toEqual([`${own} ${name}`]);
    expect(data['balance']).toMatchObject({ usedCreditOfOtherContainers: null, container: { id: String(own) } });
  });

  it('finds nothing of another division by its id, and pays for nothing it may not see', async () => {
    const other = 15;
    const stranger = people.find((user) => !isOf(user, own))!;
    expect(
      dataOf(
        await inside.graphql(
          `{ container(id: ${other}) { id } user(id: ${stranger.id}) { id } requests(filter: {containerId: ${other}}) { id } users(filter: {containerId: ${other}, isServiceUser: true}) { id } }`,
        ),
      ),
    ).toMatchObject({ container: null, user: null, requests: [] });
    const { result, stats } = await callsOf(emulator, () =>
      inside.graphql(`{ balance(containerId: ${other}) { balance } unitOrders { id bundles { units } } }`),
    );
    expect(dataOf(result)).toEqual({ balance: null, unitOrders: [] });
    expect(stats.total).toBe(0);
  });

  it('cannot learn of another division by counting what a filter finds', async () => {
    const all = await idsFor(product.admin, 'balanceHistory(filter: {transactionType: ["Charge"]})');
    const ofOwn = await idsFor(inside, 'balanceHistory(filter: {transactionType: ["Charge"]})');
    expect(ofOwn.length).toBeGreaterThan(0);
    expect(ofOwn.length).toBeLessThan(all.length);
    expect(ofOwn).toEqual(
      sorted(
        adjustments
          .filter(({ container, credit }) => container.id === own && credit === undefined)
          .map(({ id }) => Number(id)),
      ),
    );
  });
});

describe('a key that sees no division', () => {
  it('gets nothing, and asks CertCentral for nothing', async () => {
    const { result, stats } = await callsOf(emulator, () =>
      nowhere.graphql(
        '{ containers { id } users { id } products { nameId } requests { id } balance { balance } balanceHistory { id } unitOrders { id } customFieldDefinitions { id } organizations { id } domains { id } }',
      ),
    );
    const { balance, ...lists } = dataOf(result);
    expect(balance).toBeNull();
    expect(Object.values(lists)).toEqual(Object.keys(lists).map(() => []));
    expect(stats.total).toBe(0);
  });
});

describe('a key without the right to addresses and amounts', () => {
  it.each([
    ['{ users { email } }', 'User.email'],
    ['{ users { username } }', 'User.username'],
    ['{ requests { requester { email } } }', 'Person.email'],
    ['{ organizations { contacts { email } } }', 'OrganizationContact.email'],
    ['{ organizations { validations { verifiedUsers { email } } } }', 'Person.email'],
    ['{ balance { balance } }', 'Balance.balance'],
    ['{ balanceHistory { debit } }', 'BalanceEntry.debit'],
    ['{ unitOrders { bundles { cost } } }', 'UnitBundle.cost'],
  ])('is refused %s', async (query, field) => {
    const poor = await product.createKey({ name: `poor-${field}-${query.length}`, level: 'OPEN', fields: [] });
    const { result, stats } = await callsOf(emulator, () => poor.graphql(query));
    expect(result.status).toBe(403);
    expect(result.json.errors![0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
    expect(stats.total).toBe(0);
  });
});
