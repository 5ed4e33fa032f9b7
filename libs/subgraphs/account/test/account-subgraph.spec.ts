import { describe, expect, it } from '@jest/globals';
import { containerId } from '@certfolio/core';
import { accountAtHand, contextOf } from './account-at-hand.ts';

/** Ids of the rows that the one field of the query gives. */
const idsOf = async (source: string) => {
  const { data, codes } = await accountAtHand().run(source);
  expect(codes).toEqual([]);
  return (Object.values(data)[0] as { id: string }[]).map(({ id }) => Number(id));
};

describe('divisions', () => {
  it.each([
    ['{ containers { id } }', [10, 15, 20, 14]],
    ['{ containers(filter: {isActive: true}) { id } }', [10, 20, 14]],
    ['{ containers(filter: {nameContains: "AC"}) { id } }', [10]],
    ['{ containers(filter: null) { id } }', [10, 15, 20, 14]],
  ])('of %s are %j', async (source, expected) => {
    expect(await idsOf(source)).toEqual(expected);
  });

  it('are a tree, read by one list', async () => {
    const { run, asked } = accountAtHand();
    const { data } = await run(
      '{ container(id: "14") { name description allowedDomainNames parent { name parent { id } children { name } } children { name children { id } } } x: container(id: "x") { id } none: container(id: "1") { id } }',
    );
    expect(data).toEqual({
      container: {
        name: 'Retail',
        description: 'Shops',
        allowedDomainNames: ['acme.test'],
        parent: { name: 'Acme', parent: null, children: [{ name: 'Banking' }, { name: 'Retail' }] },
        children: [{ name: 'Online', children: [] }],
      },
      x: null,
      none: null,
    });
    expect(asked).toEqual(['containers']);
  });
});

describe('users', () => {
  it.each([
    // By name, then by id; those without a name first.
    ['{ users(filter: {isServiceUser: false}) { id } }', [4, 1, 2, 3]],
    ['{ users(filter: {status: "inactive"}) { id } }', [2]],
    ['{ users(filter: {role: "ADMINISTRATOR"}) { id } }', [1]],
    ['{ users(filter: {roleId: "102"}) { id } }', [53]],
    ['{ users(filter: {containerId: "15"}) { id } }', [3]],
    ['{ users(filter: {containerId: "10"}) { id } }', [1]],
    ['{ users(filter: {nameContains: "bo l"}) { id } }', [1, 2]],
    // User names are addresses: they are not to be found out by trying.
    ['{ users(filter: {nameContains: "@"}) { id } }', []],
    ['{ users(filter: {isServiceUser: false, lastLogin: {isNull: true}}) { id } }', [2]],
    ['{ users(filter: {lastLogin: {lt: "today-2w"}}) { id } }', [4, 1, 3]],
    ['{ users(filter: {lastLogin: {gte: "this_month", lte: "today"}, timeZone: "Europe/Berlin"}) { id } }', [4, 1, 3]],
  ])('of %s are %j', async (source, expected) => {
    expect(await idsOf(source)).toEqual(expected);
  });

  it('have roles and divisions; those that no list names are left out', async () => {
    const { run, asked } = accountAtHand();
    const { data } = await run(
      '{ user(id: "3") { name username roles { id name } container { id name } assignedContainers { name isActive } lastLogin apiKeyRestriction } }',
    );
    expect(data.user).toEqual({
      name: 'Cy Lind',
      username: 'user3@acme.test',
      roles: [{ id: '5', name: 'Standard user' }],
      container: { id: '14', name: 'Retail' },
      assignedContainers: [
        { name: 'Banking', isActive: false },
        { name: 'Retail', isActive: true },
      ],
      lastLogin: '2026-11-01T08:00:00Z',
      apiKeyRestriction: null,
    });
    expect(asked).toEqual(['users', 'containers']);
    expect((await run('{ user(id: "4") { name container { id } } }')).data.user).toEqual({
      name: null,
      container: null,
    });
  });

  it('for programs show the restriction of their key', async () => {
    const { data } = await accountAtHand().run('{ users(filter: {isServiceUser: true}) { apiKeyRestriction } }');
    expect((data.users as { apiKeyRestriction: string }[]).map((user) => user.apiKeyRestriction)).toEqual([
      'none',
      'orders',
      'orders_domains_organizations',
      'view_only',
      'user_management',
      'other',
      'none',
    ]);
  });

  it('ask for no list of divisions when the row tells enough', async () => {
    const { run, asked } = accountAtHand();
    await run('{ users { container { id name } assignedContainers { id __typename } } }');
    expect(asked).toEqual(['users']);
    await run('{ users { container { isActive } } }');
    expect(asked).toEqual(['users', 'users', 'containers']);
  });
});

describe('products', () => {
  it.each([
    ['{ products { id: nameId } }', ['ssl_basic', 'client', 'ssl_plus']],
    ['{ products(filter: {type: "client_certificate"}) { id: nameId } }', ['client']],
    ['{ products(filter: {nameContains: "ssl"}) { id: nameId } }', ['ssl_plus']],
    ['{ products(filter: {containerId: "15"}) { id: nameId } }', ['client', 'ssl_plus']],
  ])('of %s are %j', async (source, expected) => {
    const { data } = await accountAtHand().run(source);
    expect((data.products as { id: string }[]).map(({ id }) => id)).toEqual(expected);
  });

  it('tell who may order them and what replaces them', async () => {
    const { run, asked } = accountAtHand();
    const { data } = await run(
      '{ a: product(nameId: "ssl_plus") { allowedContainers { id } replacedBy { nameId name allowedContainers { name } replacedBy { nameId } } } b: product(nameId: "none") { name } }',
    );
    expect(data).toEqual({
      a: {
        allowedContainers: null,
        replacedBy: {
          nameId: 'ssl_basic',
          name: 'Basic OV',
          allowedContainers: [{ name: 'Retail' }],
          replacedBy: null,
        },
      },
      b: null,
    });
    expect(asked).toEqual(['products', 'containers']);
  });
});

describe('requests', () => {
  it.each([
    ['{ requests { id } }', [1, 4, 3, 2]],
    ['{ requests(filter: {status: ["pending", "rejected"]}) { id } }', [1, 4]],
    ['{ requests(filter: {type: ["reissue"]}) { id } }', [2]],
    ['{ requests(filter: {isOpen: true}) { id } }', [1, 2]],
    ['{ requests(filter: {isOpen: false, containerId: "15"}) { id } }', [3]],
    ['{ requests(filter: {olderThanHours: 72}) { id } }', [2]],
    ['{ requests(filter: {olderThanHours: 71}) { id } }', [4, 3, 2]],
    ['{ requests(filter: {status: []}) { id } }', []],
  ])('of %s are %j', async (source, expected) => {
    expect(await idsOf(source)).toEqual(expected);
  });

  it('lead to their order, organization, division and product without a further read', async () => {
    const { run, asked } = accountAtHand();
    const source =
      '{ requests { ageHours requester { id firstName email } processor { id } order { __typename id } organization { __typename id name } container { id name } product { nameId name } } }';
    const { data } = await run(source);
    expect(data.requests[0]).toEqual({
      ageHours: 1,
      requester: { id: '1', firstName: 'Bo', email: 'bo@acme.test' },
      processor: null,
      order: { __typename: 'Order', id: '730012' },
      organization: { __typename: 'Organization', id: '5001', name: 'Acme' },
      container: { id: '14', name: 'Retail' },
      product: { nameId: 'ssl_basic', name: 'Basic OV' },
    });
    expect(data.requests[1]).toEqual({ ageHours: 72, requester: null, processor: null, order: null, organization: null, container: null, product: null }); // prettier-ignore
    expect(asked).toEqual(['requests']);
    expect((await run('{ requests { product { type } } }')).data.requests[0]).toEqual({
      product: { type: 'ssl_certificate' },
    });
    expect(asked).toEqual(['requests', 'requests', 'products']);
  });

  it('refuse hours before now', async () => {
    expect((await accountAtHand().run('{ requests(filter: {olderThanHours: -1}) { id } }')).codes).toEqual([
      'BAD_USER_INPUT',
    ]);
  });
});

describe('money', () => {
  it('has a balance by division', async () => {
    const { run, asked } = accountAtHand();
    const { data } = await run(
      '{ a: balance(containerId: "14") { balance hasUnlimitedCredit creditLimit container { id } } b: balance(containerId: "99") { balance } c: balance { container { name } } d: balance(containerId: "x") { balance } }',
    );
    expect(data).toEqual({
      a: { balance: '1200.00', hasUnlimitedCredit: true, creditLimit: null, container: { id: '14' } },
      b: null,
      c: { container: { name: 'Retail' } },
      d: null,
    });
    expect(asked.toSorted()).toEqual(['balance of 10', 'balance of 14', 'balance of 99', 'containers']);
  });

  it('has the balance of the only division that a key sees', async () => {
    const { run, asked } = accountAtHand();
    const within = (...ids: number[]) =>
      contextOf({ principal: { ...contextOf().principal, scope: { containers: new Set(ids.map(containerId)) } } });
    const query = '{ balance { balance } }';
    expect((await run(query, {}, within(15))).data).toEqual({ balance: { balance: '1200.00' } });
    expect(await run(query, {}, within(14, 15))).toEqual({ data: { balance: null }, codes: ['BAD_USER_INPUT'] });
    expect(await run(query, {}, within())).toEqual({ data: { balance: null }, codes: [] });
    expect(asked).toEqual(['balance of 15']);
  });

  it.each([
    ['{ balanceHistory { id } }', [3, 2, 1]],
    ['{ balanceHistory(filter: {transactionType: ["deposit"]}) { id } }', [2]],
    ['{ balanceHistory(filter: {containerId: "14"}) { id } }', [1]],
    ['{ balanceHistory(filter: {transactionDate: {period: "this_month"}}) { id } }', [3, 2]],
    // It was November in Berlin already.
    [
      '{ balanceHistory(filter: {transactionDate: {period: "this_month"}, timeZone: "Europe/Berlin"}) { id } }',
      [3, 2, 1],
    ],
    ['{ balanceHistory(filter: {transactionDate: {gte: "2026-11-01", lt: "2026-11-03"}}) { id } }', [2]],
  ])('has a history; of %s it is %j', async (source, expected) => {
    expect(await idsOf(source)).toEqual(expected);
  });

  it('resolves relative dates at the start of a run', async () => {
    const run = { id: 'run', rowCap: 10, startedAtMs: Date.parse('2026-10-15T00:00:00Z'), zone: 'UTC' };
    const { data } = await accountAtHand().run(
      '{ balanceHistory(filter: {transactionDate: {period: "this_month"}}) { id } }',
      {},
      contextOf({ run }),
    );
    expect(data.balanceHistory).toEqual([{ id: '1' }]);
  });

  it('refuses a date that is none', async () => {
    const { codes } = await accountAtHand().run('{ balanceHistory(filter: {transactionDate: {gte: "soon"}}) { id } }');
    expect(codes).toEqual(['BAD_USER_INPUT']);
  });

  it('has units, with their bundles in one batch', async () => {
    const { run, asked } = accountAtHand();
    const { data } = await run('{ unitOrders { id cost bundles { units cost product { nameId name } } } }');
    expect(data.unitOrders).toEqual([
      { id: '1004', cost: '10.00', bundles: [] },
      {
        id: '1003',
        cost: '10.00',
        bundles: [{ units: 5, cost: '10.00', product: { nameId: 'ssl_basic', name: 'Basic OV' } }],
      },
    ]);
    expect(asked).toEqual(['unit orders', 'bundles of 1004,1003']);
    expect(await idsOf('{ unitOrders(filter: {status: ["canceled"]}) { id } }')).toEqual([1004]);
    expect(await idsOf('{ unitOrders(filter: {unitAccountId: "900200"}) { id } }')).toEqual([1003]);
  });
});

it('custom fields are defined in the order of their ids', async () => {
  expect(await idsOf('{ customFieldDefinitions { id label isRequired dataType } }')).toEqual([112, 113]);
});

describe('references', () => {
  it('of each kind are one list, whatever their number', async () => {
    const { run, asked } = accountAtHand();
    const representations = [
      ...['14', '10', '99', 'x', '14'].map((id) => ({ __typename: 'Container', id })),
      ...['1', '9', '2'].map((id) => ({ __typename: 'User', id })),
      ...['ssl_basic', 'none'].map((nameId) => ({ __typename: 'Product', nameId })),
    ];
    const { data, codes } = await run(
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Container { name } ... on User { n: name } ... on Product { p: name } } }',
      { r: representations },
    );
    expect(codes).toEqual([]);
    expect(data._entities).toEqual([
      { name: 'Retail' },
      { name: 'Acme' },
      null,
      null,
      { name: 'Retail' },
      { n: 'Bo Lind' },
      null,
      { n: 'Bo Lind' },
      { p: 'Basic OV' },
      null,
    ]);
    expect(asked.toSorted()).toEqual(['containers', 'products', 'users']);
  });

  it('are read with the caller’s own scope and deadline, and not kept for the next request', async () => {
    const { run, asked, reads, accounts } = accountAtHand();
    const scope = { containers: new Set([containerId(14)]) };
    const context = contextOf({ principal: { ...contextOf().principal, scope, account: 'eu' } });
    await run('{ containers { id } user(id: "1") { id } }', {}, context);
    await run('{ containers { id } }');
    expect(accounts).toEqual(['eu', 'default']);
    expect(asked).toEqual(['containers', 'users', 'containers']);
    expect(reads[1]).toMatchObject({ scope, deadline: context.deadline, onBehalfOf: 'caller0001' });
  });
});

describe("CertCentral's own lists", () => {
  it('keep its order and page by rows to skip', async () => {
    const { run, asked } = accountAtHand();
    const { data, codes } = await run(
      '{ restOrganizations { total documents } restRequests(status: ["pending"], first: 1, offset: 1) { total documents } restContainers { total } }',
    );
    expect(codes).toEqual([]);
    expect(data).toEqual({
      restOrganizations: { total: 3, documents: ['{"id":7}', '{"id":3}', '{"id":5}'] },
      restRequests: { total: 2, documents: ['{"id":5}'] },
      restContainers: null,
    });
    expect(asked).toEqual(['restOrganizations', 'restRequests', 'restContainers']);
  });

  it('refuse to skip less than no rows', async () => {
    expect((await accountAtHand().run('{ restUsers(offset: -1) { total } }')).codes).toEqual(['BAD_USER_INPUT']);
  });
});

describe('status changes', () => {
  it('are asked for in the last seconds or between two instants', async () => {
    const { run, asked } = accountAtHand();
    const { data } = await run(
      '{ statusChanges(lastSeconds: 60) { orderId certificateId status } window: statusChanges(from: "2026-11-20T00:00:00Z", to: "2026-11-21T00:00:00Z") { orderId } }',
    );
    expect(data).toEqual({
      statusChanges: [{ orderId: '730012', certificateId: null, status: 'issued' }],
      window: [{ orderId: '730012' }],
    });
    expect(asked).toEqual([
      'status changes of {"lastSeconds":60}',
      'status changes of {"from":"2026-11-20T00:00:00.000Z","to":"2026-11-21T00:00:00.000Z"}',
    ]);
  });

  it.each([
    '',
    '(lastSeconds: 0)',
    '(lastSeconds: 604801)',
    '(from: "2026-11-20T00:00:00Z")',
    '(from: "2026-11-10T00:00:00Z", to: "2026-11-20T00:00:00Z")',
    '(lastSeconds: 5, from: "2026-11-20T00:00:00Z", to: "2026-11-21T00:00:00Z")',
  ])('are no list of %s', async (args) => {
    expect((await accountAtHand().run(`{ statusChanges${args} { orderId } }`)).codes).toEqual(['BAD_USER_INPUT']);
  });
});
