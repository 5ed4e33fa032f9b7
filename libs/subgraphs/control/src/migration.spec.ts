import { buildSubgraphSchema } from '@apollo/subgraph';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { graphql, type GraphQLSchema } from 'graphql';
import type { Key } from '@certfolio/access';
import type { Act } from '@certfolio/audit';
import { containerId, everything, ReadLedger, type Principal } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { appErrorOf } from '@certfolio/graph-kit';
import type { ComparisonStore, RestUse } from '@certfolio/migration';
import { createComparisonStore, createRestUsageStore, createRouteStateStore } from '@certfolio/migration/postgres';
import { createControlSubgraph } from './create-control-subgraph.ts';
import type { ControlPorts } from './ports.ts';

const clock = new FakeClock('2026-11-23T12:00:00Z');
const orders = 'GET /order/certificate';
const today = new Date('2026-11-23T00:00:00Z');
const limits = { requestsPerMinute: 1, burst: 1, costPerMinute: 1, rows: 1, concurrent: 1, mode: 'enforce' } as const;

function principal(keyId: string, scopes: readonly string[], more: Partial<Principal> = {}): Principal {
  return {
    ...{ keyId, keyName: `name of ${keyId}`, owner: 'team', level: 'open', templates: 'all', account: 'default' },
    ...{
      scopes: new Set(scopes) as Principal['scopes'],
      scope: everything,
      fields: 'all',
      limits,
      lane: 'interactive',
    },
    ...more,
  };
}
const mover = principal('mover', ['migration:write']);
const script = principal('key1', ['templates:run']);

let database: TestDatabase;
let comparisons: ComparisonStore;
let schema: GraphQLSchema;
let acts: Act[];
let ids = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  comparisons = createComparisonStore(database.pool);
  const keys = ['key1', 'key2', 'key3', 'mover', 'far'].map(
    (id) =>
      ({ id, name: `name of ${id}`, owner: `owner of ${id}`, account: id === 'far' ? 'second' : 'default' }) as Key,
  );
  const ports = {
    keys: {
      list: async () => keys,
      show: async (id: string) => keys.find((key) => key.id === id || key.name === id) ?? null,
    },
    migration: {
      states: createRouteStateStore(database.pool, { clock }),
      usage: createRestUsageStore(database.pool),
      comparisons,
      isServed: (route: string) => route === orders || route === 'GET /report/order',
      newRuleId: () => `rule${++ids}`,
    },
    audit: {
      trail: {
        async act<T>(act: Act, work: () => T | Promise<T>) {
          acts.push(act);
          return work();
        },
      },
    },
    ...{ templates: { changes: {} }, schedules: {}, seen: {}, upstream: {} },
  } as unknown as ControlPorts; // the other nouns have specs of their own
  const { typeDefs, resolvers } = createControlSubgraph({ ...ports, clock });
  schema = buildSubgraphSchema([{ typeDefs, resolvers: resolvers as never }]);
});
beforeEach(async () => {
  acts = [];
  await database.pool.query(
    'truncate route_states, rest_uses, rest_fallbacks, migration_parity, migration_windows, migration_samples, migration_ignore_rules',
  );
});
afterAll(() => database.drop());

async function ask(caller: Principal, source: string) {
  const contextValue = {
    ...{ requestId: 'r1', principal: caller, deadline: new Date(clock.nowMs() + 1_000), maxAgeMs: 0, planOnly: false },
    ...{ signal: new AbortController().signal, run: null, ledger: new ReadLedger() },
  };
  const { data, errors } = await graphql({ schema, source, contextValue });
  return {
    data: JSON.parse(JSON.stringify(data ?? null)),
    codes: errors?.map((error) => appErrorOf(error)?.code ?? error.message),
    message: errors?.[0]?.message,
  };
}
const change = async (source: string, caller = mover) => {
  const { data, codes, message } = await ask(caller, `mutation { it: ${source} }`);
  if (codes !== undefined) throw new Error(message);
  return data.it;
};
const use = (keyId: string, more: Partial<RestUse> = {}): RestUse => ({
  ...{ keyId, route: orders, shape: 'limit', userAgent: 'curl/8', isTest: false, calls: 10, fromGraph: 0, refused: 0 },
  ...{ failed: 0, upstreamCalls: 10, firstUsedAt: new Date(clock.nowMs()), lastUsedAt: new Date(clock.nowMs()) },
  ...more,
});
const called = (...uses: readonly RestUse[]) => createRestUsageStore(database.pool).add(uses, []);
const parity = (keyId: string, field: string, compared: number, different: number) => ({
  ...{ route: orders, keyId, field, compared, different, passed: 0, day: today },
});
const sample = (id: string, keyId: string) => ({
  ...{ id, route: orders, keyId, owner: `owner of ${keyId}`, at: new Date(clock.nowMs()), requestId: 'r', field: 'a' },
  ...{ call: 'GET /order/certificate?limit=40', place: 'a', legacy: '1', graph: '2', expiredRule: null },
});

it('shows three keys at three stages of a route, with names, owners and parity', async () => {
  await called(use('key1'), use('key2', { calls: 8 }), use('key3', { calls: 5 }));
  await comparisons.add({ parity: [parity('key1', '', 10, 1), parity('key1', 'a', 10, 1)], windows: [], samples: [] });
  await change('rampRoute(route: "list-orders", percent: 50) { route }');
  await change('setRoute(route: "list-orders", state: SERVED, keyId: "name of key2") { route }');
  await change(
    `setRoute(route: "${orders}", state: SUNSET, keyId: "key3", deadline: "2027-01-31T00:00:00Z") { route }`,
  );
  const { data } = await ask(
    mover,
    `{ migration { routes { route name isServed state percent calls template parity { compared different equalRate }
       fields { field parity { different } }
       keys { keyId keyName owner state percent isOverride deadline calls parity { equalRate } } } } }`,
  );
  const key = (keyId: string, more: object) => ({
    ...{ keyId, keyName: `name of ${keyId}`, owner: `owner of ${keyId}`, percent: 0, isOverride: true, deadline: null },
    parity: { equalRate: null },
    ...more,
  });
  expect(data.migration.routes).toEqual([
    {
      ...{ route: orders, name: 'list-orders', isServed: true, state: 'RAMPING', percent: 50, calls: 23 },
      template: 'inventory-full',
      parity: { compared: 10, different: 1, equalRate: 0.9 },
      fields: [{ field: 'a', parity: { different: 1 } }],
      keys: [
        key('key1', { state: 'RAMPING', percent: 50, isOverride: false, calls: 10, parity: { equalRate: 0.9 } }),
        key('key2', { state: 'SERVED', calls: 8 }),
        key('key3', { state: 'SUNSET', calls: 5, deadline: '2027-01-31T00:00:00.000Z' }),
      ],
    },
  ]);
});

it('shows a key without the scope its own rows and samples alone', async () => {
  await called(use('key1', { calls: 1 }), use('key2', { calls: 90 }));
  const counts = [parity('key1', '', 10, 0), parity('key2', '', 100, 50)];
  await comparisons.add({ parity: counts, windows: [], samples: [sample('s1', 'key1'), sample('s2', 'key2')] });
  const query = `{ migration { routes { calls parity { compared } keys { keyId } samples { keyId legacy isShown } } } }`;
  expect((await ask(script, query)).data.migration.routes).toEqual([
    {
      calls: 1,
      parity: { compared: 10 },
      keys: [{ keyId: 'key1' }],
      samples: [{ keyId: 'key1', legacy: '1', isShown: true }],
    },
  ]);
  expect((await ask(mover, query)).data.migration.routes[0]).toMatchObject({ calls: 91, samples: [{}, {}] });
  const ofOther = query.replace('migration', 'migration(keyId: "key2")');
  expect((await ask(script, ofOther)).data.migration.routes).toEqual([]);
});

it("leaves values of other keys' samples out where the caller may not see all rows", async () => {
  await comparisons.add({ parity: [parity('key1', '', 1, 1)], windows: [], samples: [sample('s1', 'key1')] });
  const bound = principal('mover', ['migration:write'], { scope: { containers: new Set([containerId(1)]) } });
  const { data } = await ask(bound, '{ migration { routes { samples { call legacy graph isShown field } } } }');
  expect(data.migration.routes[0].samples).toEqual([
    { call: orders, legacy: null, graph: null, isShown: false, field: 'a' },
  ]);
});

it('shows keys of another account to administrators alone', async () => {
  await called(use('key1'), use('far'));
  const query = '{ migration { routes { keys { keyId } } } }';
  expect((await ask(mover, query)).data.migration.routes[0].keys).toEqual([{ keyId: 'key1' }]);
  expect((await ask(principal('x', ['admin']), query)).data.migration.routes[0].keys).toHaveLength(2);
});

it('goes back in one step, with all keys that are ahead, and says so', async () => {
  await change('setRoute(route: "list-orders", state: SERVED) { route }');
  await change('setRoute(route: "list-orders", state: SERVED, keyId: "key1") { route }');
  await change('setRoute(route: "list-orders", state: PROXIED, keyId: "key2") { route }');
  const row = await change(
    'rollBackRoute(route: "list-orders") { state previous reason changedBy keys { keyId state } }',
  );
  expect(row).toEqual({
    ...{ state: 'SHADOWED', previous: 'SERVED', reason: 'Rolled back from served.', changedBy: 'mover' },
    keys: [
      { keyId: 'key1', state: 'SHADOWED' },
      { keyId: 'key2', state: 'PROXIED' },
    ],
  });
  await expect(change('rollBackRoute(route: "list-orders") { route }')).rejects.toThrow(
    'answered by CertCentral already',
  );
});

it('takes one key back, and leaves the route', async () => {
  await change('setRoute(route: "list-orders", state: SERVED) { route }');
  expect(
    await change('rollBackRoute(route: "list-orders", keyId: "key1") { state keys { keyId state isOverride } }'),
  ).toEqual({
    state: 'SERVED',
    keys: [{ keyId: 'key1', state: 'SHADOWED', isOverride: true }],
  });
  expect(await change('inheritRoute(route: "list-orders", keyId: "key1") { keys { keyId } }')).toEqual({ keys: [] });
});

it('tells what a ramp waits for', async () => {
  const steps = '[{ percent: 5, minSamples: 10, minMinutes: 0 }, { percent: 100 }]';
  const row = await change(
    `rampRoute(route: "list-orders", plan: { steps: ${steps}, auto: true }) { percent ramp { auto waitingFor steps { percent minSamples maxMismatchRate } } }`,
  );
  expect(row).toEqual({
    percent: 5,
    ramp: {
      auto: true,
      waitingFor: ['10 more samples'],
      steps: [
        { percent: 5, minSamples: 10, maxMismatchRate: 0.001 },
        { percent: 100, minSamples: 200, maxMismatchRate: 0.001 },
      ],
    },
  });
});

it.each([
  ['setRoute(route: "list-order", state: SERVED) { route }', 'Did you mean "list-orders"?'],
  ['setRoute(route: "PUT /order/certificate/{id}/revoke", state: SERVED) { route }', 'stays "proxied"'],
  ['setRoute(route: "list-domains", state: SHADOWED) { route }', 'stays "proxied"'],
  ['setRoute(route: "list-orders", state: SUNSET) { route }', 'needs a deadline'],
  ['setRoute(route: "list-orders", state: RAMPING) { route }', 'migrate ramp'],
  ['setRoute(route: "list-orders", state: SERVED, keyId: "nobody") { route }', 'no key'],
  ['rampRoute(route: "list-orders") { route }', 'no plan'],
  ['rampRoute(route: "list-orders", percent: 101) { route }', '101 %'],
  ['addIgnoreRule(field: "**", reason: "x", expiresAt: "2026-12-01T00:00:00Z") { id }', 'everything'],
  ['addIgnoreRule(field: "a", reason: " ", expiresAt: "2026-12-01T00:00:00Z") { id }', 'a reason is needed'],
  ['addIgnoreRule(field: "a", reason: "x", expiresAt: "2026-11-01T00:00:00Z") { id }', 'expired already'],
  ['addIgnoreRule(field: "a", reason: "x", expiresAt: "2028-11-01T00:00:00Z") { id }', 'within a year'],
])('refuses %s', async (source, message) => {
  const { codes, message: told } = await ask(mover, `mutation { ${source} }`);
  expect([codes, told]).toEqual([['BAD_USER_INPUT'], expect.stringContaining(message)]);
});

it('adds and removes ignore rules, and says which have expired', async () => {
  const { id } = await change(
    'addIgnoreRule(route: "list-orders", field: "orders[*].price", reason: "rounding", expiresAt: "2026-12-01T00:00:00Z") { id }',
  );
  const [rule] = await comparisons.rules();
  await comparisons.addRule({ ...rule!, id: 'old', expiresAt: new Date('2026-11-01T00:00:00Z') });
  const { data } = await ask(script, '{ migration { rules { id route field isExpired createdBy } } }');
  const shown = { route: orders, field: 'orders[*].price', createdBy: 'mover' };
  expect(data.migration.rules).toContainEqual({ id, ...shown, isExpired: false });
  expect(data.migration.rules).toContainEqual({ id: 'old', ...shown, isExpired: true });
  expect(await change(`removeIgnoreRule(id: "${id}")`)).toBe(true);
});

it('writes changes into the audit log, the route and reason readable', async () => {
  await change('setRoute(route: "list-orders", state: SHADOWED, reason: "look") { route }');
  expect(acts).toMatchObject([
    {
      act: 'setRoute',
      arguments: { route: 'list-orders', state: 'SHADOWED', reason: 'look' },
      principal: { keyId: 'mover' },
    },
  ]);
});

it.each([
  'setRoute(route: "list-orders", state: SERVED) { route }',
  'inheritRoute(route: "list-orders", keyId: "key1") { route }',
  'rampRoute(route: "list-orders", percent: 5) { route }',
  'rollBackRoute(route: "list-orders") { route }',
  'addIgnoreRule(field: "a", reason: "x", expiresAt: "2026-12-01T00:00:00Z") { id }',
  'removeIgnoreRule(id: "x")',
])('needs the scope for %s', async (source) =>
  expect((await ask(script, `mutation { ${source} }`)).codes).toEqual(['FORBIDDEN']),
);
