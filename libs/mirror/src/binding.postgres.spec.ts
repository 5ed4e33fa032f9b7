import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { findMirrorOfKey, openMirror, rememberKey } from './binding.postgres.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

const us = 'https://www.digicert.com/services/v2';
const eu = 'https://certcentral.digicert.eu/services/v2';
const open = (baseUrl: string, accountId: number, name = 'default') =>
  openMirror(database.pool, { name, baseUrl, accountId });

it('gives an account of a base URL the same mirror always, and two accounts never the same', async () => {
  const first = await open(us, 1);
  expect(await open(us, 1, 'renamed')).toEqual(first);
  const others = [await open(us, 2), await open(eu, 1)];
  expect(new Set([first, ...others].map(({ upstreamId }) => upstreamId)).size).toBe(3);
  expect(others[0]).toMatchObject({ baseUrl: us, accountId: 2 });
  const { rows } = await database.pool.query('select name from upstreams where id = $1', [first.upstreamId]);
  expect(rows).toEqual([{ name: 'renamed' }]);
});

it('makes one mirror for processes that start together', async () => {
  const opened = await Promise.all(Array.from({ length: 4 }, () => open(us, 50)));
  expect(new Set(opened.map(({ upstreamId }) => upstreamId)).size).toBe(1);
});

it('finds the mirror of a key that was proven, for that key at that address and no other', async () => {
  const binding = await open(us, 3);
  await rememberKey(database.pool, binding.upstreamId, { baseUrl: us, key: 'secret' }, new Date());
  expect(await findMirrorOfKey(database.pool, { baseUrl: us, key: 'secret' })).toEqual(binding);
  expect(await findMirrorOfKey(database.pool, { baseUrl: eu, key: 'secret' })).toBeNull();
  expect(await findMirrorOfKey(database.pool, { baseUrl: us, key: 'Secret' })).toBeNull();
  // A key that belongs to another account since then.
  const other = await open(us, 4);
  await rememberKey(database.pool, other.upstreamId, { baseUrl: us, key: 'secret' }, new Date());
  expect(await findMirrorOfKey(database.pool, { baseUrl: us, key: 'secret' })).toEqual(other);
  const { rows } = await database.pool.query(`select encode(sha256, 'escape') as text from upstream_keys`);
  expect(JSON.stringify(rows)).not.toContain('secret');
});

it('takes what was read before a time for never read, and tells readers by the version', async () => {
  const { upstreamId } = await open(us, 5);
  const state = async () =>
    (
      await database.pool.query(
        `select as_of, is_complete, version from mirror_groups join mirrors using (upstream_id) where upstream_id = $1`,
        [upstreamId],
      )
    ).rows;
  const asOf = new Date('2026-11-23T12:00:00Z');
  await database.pool.query(
    `insert into mirror_groups (upstream_id, name, as_of, is_complete) values ($1, 'tracked', $2, true)`,
    [upstreamId, asOf],
  );
  const reopen = (distrustBefore: Date) =>
    openMirror(database.pool, { name: 'default', baseUrl: us, accountId: 5, distrustBefore });
  await reopen(asOf);
  expect(await state()).toEqual([{ as_of: asOf, is_complete: true, version: 0 }]);
  await reopen(new Date(asOf.getTime() + 1));
  expect(await state()).toEqual([{ as_of: null, is_complete: false, version: 1 }]);
});
