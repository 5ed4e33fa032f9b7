import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { KeyLimits } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { parseKeyPolicy } from './key-policy.ts';
import { describeKeyStore } from './key-store.contract.ts';
import { createKeyStore } from './key-store.postgres.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

async function open() {
  await database.pool.query('truncate api_keys cascade');
  const clock = new FakeClock();
  return { store: createKeyStore(database.pool, { clock, randomBytes }), clock };
}

describeKeyStore(open);

it('keeps no secret: nothing in the tables holds the text of a key', async () => {
  const { store, clock } = await open();
  const { text } = await store.create(parseKeyPolicy({ name: 'a', owner: 'b' }, clock.nowMs()), 'tester');
  const { rows } = await database.pool.query<{ dump: string }>(
    `select json_agg(k)::text || json_agg(s)::text as dump from api_keys k, key_secrets s`,
  );
  expect(rows[0]!.dump).not.toContain(text.slice(15));
  expect(rows[0]!.dump).not.toContain(Buffer.from(text).toString('hex'));
});

it('gives a key the limits that its tier has now, and the last ones when the tier is gone', async () => {
  const bronze = {
    requestsPerMinute: 10,
    burst: 10,
    costPerMinute: 5_000_000,
    rows: 100,
    concurrent: 1,
    mode: 'enforce',
  } as const;
  const { clock } = await open();
  const restarted = (tiers: ReadonlyMap<string, KeyLimits>) =>
    createKeyStore(database.pool, { clock, randomBytes, tiers });
  const policy = (tier: string) => parseKeyPolicy({ name: 'a', owner: 'b', tier }, clock.nowMs());
  const store = restarted(new Map([['bronze', bronze]]));
  const { key } = await store.create(policy('bronze'), 'tester');
  expect(key).toMatchObject({ tier: 'bronze', limits: bronze });
  const faster = { ...bronze, requestsPerMinute: 20 };
  expect(await restarted(new Map([['bronze', faster]])).show('a')).toMatchObject({ limits: faster });
  expect(await restarted(new Map()).show('a')).toMatchObject({ tier: 'bronze', limits: bronze });
  await expect(store.create(policy('bronce'), 'tester')).rejects.toThrow('no tier "bronce"; the nearest is "bronze"');
  await expect(restarted(new Map()).create(policy('gold'), 'tester')).rejects.toThrow('the configuration has no tiers');
});
