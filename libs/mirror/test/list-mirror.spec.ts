import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Product } from '@certfolio/core';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { createListMirror } from '../src/postgres.ts';

let database: TestDatabase;
let upstreamId: number;

beforeAll(async () => {
  database = await createTestDatabase();
  const { rows } = await database.pool.query<{ id: number }>(
    `insert into upstreams (name, base_url, account_id) values ('test', 'https://test', 1) returning id`,
  );
  upstreamId = rows[0]!.id;
});
afterAll(() => database.drop());

const product = (name: string) => ({ nameId: 'ssl_basic', name }) as unknown as Product;

it('gives a list as it was kept last, to every process', async () => {
  const [ours, theirs] = [createListMirror(database.pool, upstreamId), createListMirror(database.pool, upstreamId)];
  expect(await ours.find('products')).toBeNull();
  await ours.keep('products', [product('Basic')], 1_000);
  expect(await theirs.find('products')).toEqual({ items: [product('Basic')], asOfMs: 1_000 });
  await theirs.keep('products', [product('Pro \0')], 2_000);
  expect(await ours.find('products')).toEqual({ items: [product('Pro \u{fffd}')], asOfMs: 2_000 });
  expect(await ours.find('users')).toBeNull();
});

it('is not set back by an older reading that ended later', async () => {
  const lists = createListMirror(database.pool, upstreamId);
  await lists.keep('containers', [], 2_000);
  await lists.keep('containers', [{} as never], 1_000);
  expect(await lists.find('containers')).toEqual({ items: [], asOfMs: 2_000 });
});

it('parses a list once, and again only when there is a younger one', async () => {
  const lists = createListMirror(database.pool, upstreamId);
  await lists.keep('domains', [{} as never], 1_000);
  const first = await lists.find('domains');
  expect((await lists.find('domains'))!.items).toBe(first!.items);
  await lists.keep('domains', [{} as never], 1_001);
  expect((await lists.find('domains'))!.items).not.toBe(first!.items);
});

it('keeps the order of a list that is sent in several pieces, and tells its age without its items', async () => {
  const lists = createListMirror(database.pool, upstreamId);
  expect(await lists.asOfMs('unitOrders')).toBeNull();
  const items = Array.from({ length: 4_321 }, (_, id) => ({ id }));
  await lists.keep('unitOrders', items as never, 3_000);
  expect(await lists.find('unitOrders')).toEqual({ items, asOfMs: 3_000 });
  expect(await lists.asOfMs('unitOrders')).toBe(3_000);
});
