import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { createRestUsageStore } from './rest-usage.postgres.ts';
import type { RestUsageStore, RestUse } from './rest-usage.ts';

let database: TestDatabase;
let store: RestUsageStore;
beforeAll(async () => {
  database = await createTestDatabase();
  store = createRestUsageStore(database.pool);
});
afterAll(() => database.drop());

const at = (day: string) => new Date(`${day}T12:00:00Z`);
const use = (day: string, more: Partial<RestUse> = {}): RestUse => ({
  ...{ keyId: 'a', route: 'GET /domain', shape: 'limit', userAgent: 'script/1', isTest: false },
  ...{ calls: 2, fromGraph: 1, refused: 0, failed: 0, upstreamCalls: 1, firstUsedAt: at(day), lastUsedAt: at(day) },
  ...more,
});
const fallback = { keyId: 'a', route: 'GET /domain', reason: 'sort', calls: 3, lastUsedAt: at('2026-11-21') };

it('adds up over days and writings, and tells them apart by day', async () => {
  await store.add([use('2026-11-20'), use('2026-11-21'), use('2026-11-21', { keyId: 'b', isTest: true })], [fallback]);
  await store.add([use('2026-11-21', { calls: 5, failed: 1 })], [fallback]);
  expect(await store.uses({ keyIds: ['a'] })).toEqual([
    use('2026-11-20', { calls: 9, fromGraph: 3, failed: 1, upstreamCalls: 3, lastUsedAt: at('2026-11-21') }),
  ]);
  expect(await store.fallbacks({})).toEqual([{ ...fallback, calls: 6 }]);
  expect(
    (await store.days({ route: 'GET /domain' })).map(({ keyId, day, isTest, calls }) => [keyId, day, isTest, calls]),
  ).toEqual([
    ['a', '2026-11-21', false, 7],
    ['b', '2026-11-21', true, 2],
    ['a', '2026-11-20', false, 2],
  ]);
  expect(
    (await store.uses({ since: new Date('2026-11-21T00:00:00Z') })).map(({ keyId, calls }) => [keyId, calls]),
  ).toEqual([
    ['a', 7],
    ['b', 2],
  ]);
  expect(await store.uses({ route: 'GET /user' })).toEqual([]);
});

it('forgets the days before', async () => {
  expect(await store.forget(new Date('2026-11-21T00:00:00Z'))).toBe(1);
  expect((await store.days({})).map(({ day }) => day)).toEqual(['2026-11-21', '2026-11-21']);
});
