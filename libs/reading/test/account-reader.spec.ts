import { describe, expect, it } from '@jest/globals';
import {
  accountListNames,
  containerId,
  everything,
  ReadLedger,
  type ApprovalRequest,
  type BalanceAdjustment,
  type ContainerId,
  type Product,
  type Read,
  type ReadScope,
  type UnitOrder,
  type User,
} from '@certfolio/core';
import { anyRead, FakeClock } from '@certfolio/core/testing';
import { createAccountReader, createLiveContactReader, createLiveFacts, createLiveLists } from '../src/index.ts';
import { division, type AccountData } from './vendor-account.ts';
import { VendorDouble } from './vendor-double.ts';

const clock = new FakeClock();
const readOf = (overrides: Partial<Read> = {}) => anyRead(clock, { ledger: new ReadLedger(), ...overrides });
const within = (...ids: number[]): ReadScope => ({ containers: new Set(ids.map(containerId)) });

/** Rows of which only what the scope looks at matters. */
const user = (id: number, own: number | null, assigned: readonly number[] = []) =>
  ({
    id,
    containerId: own,
    containerName: `of ${own}`,
    assignedContainerIds: assigned,
    isServiceUser: false,
  }) as unknown as User;
const inContainer = <T>(id: number, own: number | null) => ({ id, containerId: own }) as unknown as T;
const product = (nameId: string, allowed: readonly number[] | null) =>
  ({ nameId, allowedContainerIds: allowed }) as unknown as Product;

const data: AccountData = {
  containers: [division(10, null), division(14), division(15)],
  users: [user(1, 10), user(2, 14), user(3, 10, [14, 15]), user(4, 15), user(5, null)],
  serviceUsers: [
    { ...user(4, 15), isServiceUser: true },
    { ...user(6, 14), isServiceUser: true },
  ],
  products: [product('any', null), product('both', [14, 15]), product('other', [15])],
  requests: [14, 15, null].map((own, id) => inContainer<ApprovalRequest>(id, own)),
  balanceAdjustments: [14, 15, null].map((own, id) => inContainer<BalanceAdjustment>(id, own)),
  unitOrders: [{ id: 1003 }, { id: 1004 }] as unknown as UnitOrder[],
  customFields: [{ id: 112, label: 'Cost center', isRequired: true, isActive: true, dataType: null }],
};

function account(given: AccountData = data) {
  const certCentral = new VendorDouble([]);
  certCentral.data = given;
  const lists = createLiveLists(certCentral, clock);
  return { certCentral, lists, reader: createAccountReader(lists, createLiveFacts(certCentral, clock)) };
}
const ids = (rows: readonly { readonly id: number }[]) => rows.map(({ id }) => id);

describe('live lists', () => {
  it.each(accountListNames)('are read whole, %s in one call per 1,000 rows', async (list) => {
    const { certCentral, lists } = account();
    const read = readOf();
    const rows = await lists.all(list, read);
    expect(certCentral.count()).toBe(list === 'users' ? 2 : 1);
    expect(read.ledger.account()).toMatchObject({ source: 'live', upstreamCalls: certCentral.count() });
    expect(rows.length).toBe({ organizations: 3, domains: 0, users: 6, containers: 3, products: 3, requests: 3, balanceAdjustments: 3, unitOrders: 2, customFieldDefinitions: 1 }[list]); // prettier-ignore
  });

  it('have pages side by side', async () => {
    const requests = Array.from({ length: 2_500 }, (_, id) => inContainer<ApprovalRequest>(id, 14));
    const { certCentral, lists } = account({ requests });
    expect(ids(await lists.all('requests', readOf()))).toEqual(ids(requests));
    expect(certCentral.calls.map(({ request }) => request)).toEqual(
      [0, 1_000, 2_000].map((offset) => ({ limit: 1_000, offset })),
    );
  });

  it('show a service user once, and as what it is', async () => {
    const { reader } = account();
    const users = await reader.users(readOf());
    expect(users.filter(({ id }) => id === 4)).toMatchObject([{ isServiceUser: true }]);
  });

  it('are only counted by a read that plans', async () => {
    const { certCentral, lists, reader } = account();
    const read = readOf({ planOnly: true });
    for (const list of accountListNames) expect(await lists.all(list, read)).toEqual([]);
    await reader.balance(containerId(14), read);
    await reader.unitBundles([1003, 1004], read);
    expect(certCentral.count()).toBe(0);
    expect(read.ledger.account().expectedCalls).toBe(accountListNames.length + 1 + 3);
    expect(accountListNames.every((list) => read.ledger.isUnread(list))).toBe(true);
  });
});

describe('an account within a scope', () => {
  it('has what belongs to its divisions, and nothing that belongs to none', async () => {
    const { reader } = account();
    const read = readOf({ scope: within(14) });
    expect(ids(await reader.containers(read))).toEqual([14]);
    expect(ids(await reader.users(read))).toEqual([2, 3, 6]);
    expect((await reader.products(read)).map(({ nameId }) => nameId)).toEqual(['any', 'both']);
    expect(ids(await reader.requests(read))).toEqual([0]);
    expect(ids(await reader.balanceHistory(read))).toEqual([0]);
    expect(await reader.unitOrders(read)).toEqual([]);
    expect((await reader.unitBundles([1003], read)).size).toBe(0);
    expect(ids(await reader.customFieldDefinitions(read))).toEqual([112]);
  });

  it('names no other division on a row that it shares with one', async () => {
    const { reader } = account();
    const read = readOf({ scope: within(14) });
    const users = await reader.users(read);
    expect(users.find(({ id }) => id === 3)).toMatchObject({
      containerId: null,
      containerName: null,
      assignedContainerIds: [14],
    });
    expect((await reader.products(read)).find(({ nameId }) => nameId === 'both')).toMatchObject({
      allowedContainerIds: [14],
    });
  });

  it('is whole for an unrestricted caller', async () => {
    const { reader } = account();
    const read = readOf({ scope: everything });
    expect(ids(await reader.containers(read))).toEqual([10, 14, 15]);
    expect(ids(await reader.users(read))).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await reader.products(read)).map(({ nameId }) => nameId)).toEqual(['any', 'both', 'other']);
    expect(ids(await reader.requests(read))).toEqual([0, 1, 2]);
    expect(ids(await reader.balanceHistory(read))).toEqual([0, 1, 2]);
    expect(ids(await reader.unitOrders(read))).toEqual([1003, 1004]);
  });

  it('is empty, and costs nothing, for a scope of nothing', async () => {
    const { certCentral, reader } = account();
    const read = readOf({ scope: within() });
    const found = await Promise.all([
      reader.containers(read),
      reader.users(read),
      reader.products(read),
      reader.requests(read),
      reader.balanceHistory(read),
      reader.unitOrders(read),
      reader.customFieldDefinitions(read),
      reader.balance(containerId(14), read),
    ]);
    expect(found).toEqual([[], [], [], [], [], [], [], null]);
    expect(certCentral.count()).toBe(0);
  });
});

describe('a balance', () => {
  const asked = async (named: number | null, scope: ReadScope) => {
    const { certCentral, reader } = account();
    const balance = await reader.balance(named as ContainerId | null, readOf({ scope }));
    return { balance, calls: certCentral.calls.map(({ route, request }) => [route, request]) };
  };

  it('is that of the division named, or of an account that has none', async () => {
    expect(await asked(15, everything)).toMatchObject({
      balance: { containerId: 15, usedCreditOfOtherContainers: '7.00' },
      calls: [['balance', 15]],
    });
    expect(await asked(null, everything)).toMatchObject({ balance: { containerId: null }, calls: [['balance', null]] });
  });

  it('does not tell a limited caller what others used', async () => {
    expect((await asked(14, within(14))).balance).toMatchObject({
      containerId: 14,
      balance: '1.00',
      usedCreditOfOtherContainers: null,
    });
  });

  it('of a division outside the scope is none, and is not asked for', async () => {
    expect(await asked(15, within(14))).toEqual({ balance: null, calls: [] });
    expect(await asked(null, within(14))).toEqual({ balance: null, calls: [] });
  });
});

it('unit orders are asked for their parts once each', async () => {
  const { certCentral, reader } = account();
  const bundles = await reader.unitBundles([1003, 1004, 1003, 9], readOf());
  expect([...bundles.keys()]).toEqual([1003, 1004]);
  expect(certCentral.count('unit order')).toBe(3);
});

it('the people of organizations are a call each', async () => {
  const { certCentral } = account();
  const reader = createLiveContactReader(certCentral, clock);
  const read = readOf();
  const found = await reader.find([5001, 1, 5001, 5002] as never, read);
  expect([...found.keys()]).toEqual([5001, 5002]);
  expect([certCentral.count('organization contacts'), read.ledger.upstreamCalls]).toEqual([3, 3]);
  const plan = readOf({ planOnly: true });
  expect((await reader.find([5001, 5002] as never, plan)).size).toBe(0);
  expect(certCentral.count()).toBe(3);
});
