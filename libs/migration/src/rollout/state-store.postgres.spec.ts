import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { FakeClock } from '@certfolio/core/testing';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { createRouteStateStore } from './state-store.postgres.ts';
import type { RouteStateStore } from './state-store.ts';

let database: TestDatabase;
let store: RouteStateStore;
const clock = new FakeClock();
const route = 'GET /order/certificate';
const change = { route, keyId: null, changedBy: 'k1', reason: 'because' } as const;

beforeAll(async () => {
  database = await createTestDatabase();
  store = createRouteStateStore(database.pool, { clock });
});
afterAll(() => database.drop());

it('keeps what a change says and leaves the rest, each change with a new revision', async () => {
  const before = await store.revision();
  const brownouts = [{ from: new Date('2027-01-01T00:00:00Z'), to: new Date('2027-01-01T01:00:00Z') }];
  const first = await store.change({ ...change, state: 'ramping', percent: 12.5, plan: { steps: [1] }, brownouts });
  const second = await store.change({ ...change, percent: 25, changedBy: 'ramp', reason: 'gates passed' });
  expect(first).toMatchObject({ version: 1, previous: 'proxied', percent: 12.5 });
  expect(second).toEqual({
    ...first,
    version: 2,
    percent: 25,
    changedBy: 'ramp',
    reason: 'gates passed',
    changedAt: new Date(clock.nowMs()),
  });
  expect(await store.all()).toEqual({ revision: before + 2, states: [second] });
});

it('a change that was decided on an older version changes nothing', async () => {
  expect(await store.change({ ...change, state: 'served' }, 1)).toBeNull();
  expect(await store.change({ ...change, state: 'served' }, 2)).toMatchObject({ version: 3, previous: 'ramping' });
  expect(await store.change({ ...change, route: 'GET /domain', state: 'shadowed' }, 1)).toBeNull();
  expect(await store.change({ ...change, route: 'GET /domain', state: 'shadowed' }, 0)).toMatchObject({ version: 1 });
});

it('of changes at the same moment none is lost', async () => {
  const changes = Array.from({ length: 8 }, (_each, nth) =>
    store.change({ ...change, keyId: `key-${nth % 2}`, percent: nth }),
  );
  await Promise.all(changes);
  const { states } = await store.all();
  expect(states.filter(({ keyId }) => keyId !== null).map(({ version }) => version)).toEqual([4, 4]);
});

it('an override ends, the state of a route does not', async () => {
  expect(await store.removeOverride(route, 'key-0')).toBe(true);
  expect(await store.removeOverride(route, 'key-0')).toBe(false);
  expect(await store.removeOverride(route, '')).toBe(false);
  expect((await store.all()).states.map(({ keyId }) => keyId)).toEqual([null, null, 'key-1']);
});

it('a database that was replaced has a revision that nobody has seen', async () => {
  const before = await store.revision();
  await store.replaced();
  expect((await store.revision()) - before).toBeGreaterThan(1_000_000);
});
