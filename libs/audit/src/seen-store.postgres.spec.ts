import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { silentLogger, type RequestRecord } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { createSeenRecorder } from './seen-recorder.ts';
import { createSeenStore } from './seen-store.postgres.ts';
import type { SeenLimits, SeenStore } from './seen-store.ts';

let database: TestDatabase;
let store: SeenStore;
const clock = new FakeClock();

beforeAll(async () => {
  database = await createTestDatabase();
  store = createSeenStore(database.pool);
});
beforeEach(() => database.pool.query('truncate seen_operations, seen_dropped'));
afterAll(() => database.drop());

function ran(
  text: string,
  more: { keyId?: string; level?: string; template?: object | null; name?: string; at?: number; client?: string } = {},
) {
  const { keyId = 'key1', level = 'audit', template = null, name = null, at = 0, client = null } = more;
  return {
    principal: { keyId, level },
    operation: { template, text, hash: text, name },
    clientName: client,
    atMs: clock.nowMs() + at,
  } as unknown as RequestRecord;
}
const recorder = (limits?: SeenLimits) =>
  createSeenRecorder({ store, clock, logger: silentLogger, ...(limits === undefined ? {} : { limits }) });
const list = async (key: string | null = null) => (await store.list(key, { first: 100, after: null })).operations;

it('counts spellings of one operation as one, by key, with the first and the last time', async () => {
  const seen = recorder();
  seen.record(ran('query A { me { name } }', { name: 'A', client: 'dash' }));
  seen.record(ran('query A {\n me { name } } # again', { name: 'A', at: 1_000 }));
  seen.record(ran('query A { me { name } }', { name: 'A', keyId: 'key2' }));
  await seen.flush();
  seen.record(ran('query A { me { name } }', { name: 'A', at: 2_000 }));
  await seen.flush();
  expect(await list()).toMatchObject([
    { keyId: 'key1', runs: 3, operationName: 'A', clientName: 'dash', text: 'query A {\n  me {\n    name\n  }\n}\n' },
    { keyId: 'key2', runs: 1 },
  ]);
  const [first] = await list('key1');
  expect([first!.firstSeenAt, first!.lastSeenAt]).toEqual([new Date(clock.nowMs()), new Date(clock.nowMs() + 2_000)]);
  expect(await store.find(first!.hash)).toMatchObject({ keyId: 'key1' });
});

it('keeps neither templates nor what keys of other levels ran', async () => {
  const seen = recorder();
  seen.record(ran('{ a }', { level: 'open' }));
  seen.record(ran('{ b }', { template: {} }));
  await seen.flush();
  expect(await list()).toEqual([]);
});

it('lets the rarest and the oldest give way when the list of a key is full, and says so', async () => {
  const seen = recorder({ operationsPerKey: 2, totalChars: 1_000_000 });
  for (const [text, at] of [
    ['{ often }', 0],
    ['{ often }', 1],
    ['{ old }', 2],
    ['{ young }', 3],
  ] as const)
    seen.record(ran(text, { at }));
  seen.record(ran('{ other }', { keyId: 'key2' }));
  await seen.flush();
  expect((await list('key1')).map(({ text }) => text)).toEqual(['{\n  often\n}\n', '{\n  young\n}\n']);
  expect(await list('key2')).toHaveLength(1);
  expect(await store.dropped()).toEqual(new Map([['key1', 1]]));
});

// 8 characters each as they are printed.
it('keeps the characters of all texts below their bound', async () => {
  const seen = recorder({ operationsPerKey: 100, totalChars: 30 });
  for (const name of ['a', 'b', 'c', 'd', 'e']) seen.record(ran(`{ ${name} }`));
  await seen.flush();
  expect(await list()).toHaveLength(3);
});

it('does not keep a text that is longer than any that is approved', async () => {
  const seen = recorder();
  seen.record(ran(`{ ${'a '.repeat(60_000)} }`));
  await seen.flush();
  expect(await list()).toEqual([]);
  expect(await store.dropped()).toEqual(new Map([['key1', 1]]));
});

it('pages through everything once', async () => {
  const seen = recorder();
  for (let index = 0; index < 7; index += 1) seen.record(ran(`{ field${index} }`));
  await seen.flush();
  const texts: string[] = [];
  let after: string | null = null;
  do {
    const page = await store.list(null, { first: 3, after });
    texts.push(...page.operations.map(({ text }) => text));
    after = page.next;
  } while (after !== null);
  expect(new Set(texts).size).toBe(7);
  expect(texts).toHaveLength(7);
  await expect(store.list(null, { first: 3, after: 'nonsense' })).rejects.toThrow(/"after"/);
});

it('keeps counts while the database is away', async () => {
  let isAway = true;
  const seen = createSeenRecorder({
    store: { add: (...args) => (isAway ? Promise.reject(new Error('away')) : store.add(...args)) },
    clock,
    logger: silentLogger,
  });
  seen.record(ran('{ a }'));
  await seen.flush();
  seen.record(ran('{ a }', { at: 5 }));
  isAway = false;
  await seen.flush();
  expect(await list()).toMatchObject([{ runs: 2, firstSeenAt: new Date(clock.nowMs()) }]);
});
