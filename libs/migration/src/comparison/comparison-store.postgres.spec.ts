import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { silentLogger } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { createComparisonStore } from './comparison-store.postgres.ts';
import type { ComparisonCounts, ComparisonStore, SamplePair } from './comparison-store.ts';
import { createCountRecorder } from './count-recorder.ts';
import type { Verdict } from './judge.ts';

let database: TestDatabase;
let store: ComparisonStore;
const clock = new FakeClock('2026-11-23T12:00:30Z');
const route = 'GET /order/certificate';
const today = new Date('2026-11-23T00:00:00Z');

beforeAll(async () => {
  database = await createTestDatabase();
  store = createComparisonStore(database.pool, { perField: 2, total: 3 });
});
beforeEach(() =>
  database.pool.query('truncate migration_parity, migration_windows, migration_samples, migration_ignore_rules'),
);
afterAll(() => database.drop());

const recorder = (to: Pick<ComparisonStore, 'add' | 'forget'> = store) =>
  createCountRecorder({ store: to, clock, logger: silentLogger });
const verdict = (different: readonly string[], passed: readonly string[] = []): Verdict => ({
  fields: new Set(['status', 'a', 'b']),
  different: different.map((field) => ({ field, place: field, legacy: 1, graph: 2, places: 1, expiredRule: null })),
  passed,
  noise: [],
  ignored: [],
});
const pair = (id: string, more: Partial<SamplePair> = {}): SamplePair => ({
  ...{
    id,
    route,
    keyId: 'key1',
    owner: 'pki',
    requestId: 'r1',
    call: 'GET /order/certificate',
    field: 'a',
    place: 'a',
  },
  ...{ at: new Date(clock.nowMs() + Number(id)), legacy: '1', graph: null, expiredRule: null },
  ...more,
});
const only = (counts: Partial<ComparisonCounts>) => store.add({ parity: [], windows: [], samples: [], ...counts });

it('adds what several processes counted, by route, key and field', async () => {
  const [one, two] = [recorder(), recorder()];
  const call = { route, version: 3, keyId: 'key1' };
  one.compared(call, verdict(['a']), []);
  one.compared(call, verdict([], ['b']), []);
  two.compared(call, verdict([]), []);
  two.compared({ ...call, keyId: 'key2' }, verdict([]), []);
  await Promise.all([one.flush(), two.flush()]);
  await one.flush();

  const count = (keyId: string, field: string, ...[compared, different, passed]: readonly number[]) => ({
    ...{ route, keyId, field, compared, different, passed },
  });
  expect(await store.parity({ route, since: today })).toEqual([
    count('key1', '', 3, 1, 1),
    count('key1', 'a', 3, 1, 0),
    count('key1', 'b', 3, 0, 1),
    count('key1', 'status', 3, 0, 0),
    count('key2', '', 1, 0, 0),
    count('key2', 'a', 1, 0, 0),
    count('key2', 'b', 1, 0, 0),
    count('key2', 'status', 1, 0, 0),
  ]);
  expect(await store.parity({ since: today, keyIds: ['key2'], wholeOnly: true })).toEqual([count('key2', '', 1, 0, 0)]);
  expect(await store.parity({ since: new Date('2026-11-24T00:00:00Z') })).toEqual([]);
});

it('keeps the windows of one version apart from those of the next, latencies added class by class', async () => {
  const [one, two] = [recorder(), recorder()];
  for (const each of [one, two]) {
    each.answered({ route, version: 1, by: 'graph', durationMs: 1, isFailed: true });
    each.answered({ route, version: 1, by: 'legacy', durationMs: 1.1, isFailed: false });
    each.answered({ route, version: 2, by: 'graph', durationMs: 1, isFailed: false });
    await each.flush();
  }
  const [window, ...more] = await store.windows(route, 1, today);
  expect(more).toEqual([]);
  expect(window).toMatchObject({
    minute: new Date('2026-11-23T12:00:00Z'),
    graphCalls: 2,
    graphErrors: 2,
    legacyCalls: 2,
  });
  expect([window!.graphLatency.slice(0, 3), window!.legacyLatency.slice(0, 3)]).toEqual([
    [2, 0, 0],
    [0, 2, 0],
  ]);
  expect(await store.windows(route, 2, today)).toMatchObject([{ graphCalls: 2, graphErrors: 0 }]);
});

it('keeps the newest samples of a field, and of all', async () => {
  await only({ samples: ['1', '2', '3'].map((id) => pair(id)) });
  expect((await store.samples({ limit: 10 })).map(({ id }) => id)).toEqual(['3', '2']);
  await only({ samples: [pair('4', { field: 'b' }), pair('5', { field: 'c', keyId: 'key2' })] });
  expect((await store.samples({ limit: 10 })).map(({ id }) => id)).toEqual(['5', '4', '3']);
  expect(await store.samples({ keyIds: ['key2'], limit: 10 })).toEqual([pair('5', { field: 'c', keyId: 'key2' })]);
});

it('keeps counts while the database is away, and writes them once', async () => {
  let isAway = true;
  const flaky: Pick<ComparisonStore, 'add' | 'forget'> = {
    add: (counts) => (isAway ? Promise.reject(new Error('away')) : store.add(counts)),
    forget: (before) => store.forget(before),
  };
  const counts = recorder(flaky);
  const call = { route, version: 1, keyId: 'key1' };
  counts.compared(call, verdict(['a']), [pair('1')]);
  await counts.flush();
  counts.compared(call, verdict([]), []);
  isAway = false;
  await counts.flush();
  expect(await store.parity({ since: today, wholeOnly: true })).toMatchObject([{ compared: 2, different: 1 }]);
  expect(await store.windows(route, 1, today)).toMatchObject([{ compared: 2, different: 1 }]);
  expect(await store.samples({ limit: 9 })).toHaveLength(1);
});

it('forgets what is older than it is kept', async () => {
  const old = new Date('2026-11-01T00:00:00Z');
  await only({
    parity: [{ route, keyId: 'key1', field: '', compared: 1, different: 0, passed: 0, day: old }],
    samples: [pair('1', { at: old })],
  });
  const counts = recorder();
  counts.compared({ route, version: 1, keyId: 'key1' }, verdict([]), []);
  await counts.flush();
  expect(await store.parity({ since: new Date(0), wholeOnly: true })).toMatchObject([{ compared: 1 }]);
  expect(await store.samples({ limit: 9 })).toEqual([]);
});

it('adds and removes ignore rules', async () => {
  const rule = {
    ...{ id: 'r1', route: null, field: 'orders[*].price', reason: 'rounding', createdBy: 'key1' },
    ...{ expiresAt: new Date('2026-12-01T00:00:00Z'), createdAt: today },
  };
  await store.addRule(rule);
  expect(await store.rules()).toEqual([rule]);
  expect([await store.removeRule('r1'), await store.removeRule('r1')]).toEqual([true, false]);
});
