import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { silentLogger } from '@certfolio/core';
import { DatabaseIsNewer } from './errors.ts';
import { migrate } from './migrate.postgres.ts';
import { migrations } from './migrations/index.ts';
import { createPool } from './pool.postgres.ts';
import { createEmptyDatabase, type TestDatabase } from './testing.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createEmptyDatabase();
});

afterEach(() => database.drop());

it('applies every migration once, in order, and tells which', async () => {
  expect(await migrate(database.pool)).toEqual(Object.keys(migrations).sort());
  expect(await migrate(database.pool)).toEqual([]);
});

it('lets processes that start together all succeed, also with a pool of one connection', async () => {
  const pools = [1, 2, 3, 4].map(() =>
    createPool(database.url, { applicationName: 'spec', max: 1, logger: silentLogger }),
  );
  const applied = await Promise.all(pools.map(migrate));
  expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
  await Promise.all(pools.map((pool) => pool.end()));
});

it('refuses a database that a newer release has migrated', async () => {
  await migrate(database.pool);
  await database.pool.query(`insert into kysely_migration (name, timestamp) values ('9999-later', '2030-01-01')`);
  const refusal = migrate(database.pool);
  await expect(refusal).rejects.toThrow(DatabaseIsNewer);
  await expect(refusal).rejects.toThrow(/it has 9999-later, and the newest that this release knows is /);
});

it('leaves a pool whose statements time out as before', async () => {
  const pool = createPool(database.url, {
    applicationName: 'spec',
    max: 1,
    logger: silentLogger,
    statementTimeoutMs: 250,
  });
  await migrate(pool);
  expect((await pool.query('show statement_timeout')).rows).toEqual([{ statement_timeout: '250ms' }]);
  await pool.end();
});
