import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
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
