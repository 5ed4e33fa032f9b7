import { expect, it } from '@jest/globals';
import { createTestDatabase } from './testing.ts';

it('gives each suite a migrated database of its own', async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await one.pool.query(`insert into upstreams (name, base_url, account_id) values ('a', 'b', 1)`);
  const count = 'select count(*) as rows from upstreams';
  expect((await one.pool.query(count)).rows).toEqual([{ rows: 1 }]);
  expect((await other.pool.query(count)).rows).toEqual([{ rows: 0 }]);
  await Promise.all([one.drop(), other.drop()]);
});
