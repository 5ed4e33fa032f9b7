import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import { Migrator } from 'kysely/migration';
import type pg from 'pg';
import { DatabaseIsNewer } from './errors.ts';
import { migrations } from './migrations/index.ts';
import type { Pool } from './pool.postgres.ts';

/** Any number that no other program on the server uses for its own advisory locks. */
export const migrationLock = 7_246_318_551;

/**
 * Brings the schema up to this release, all or nothing. Processes that start together wait for the first one.
 *
 * @returns names of the migrations applied now
 * @throws DatabaseIsNewer when a newer release has been here
 */
export async function migrate(pool: Pool): Promise<readonly string[]> {
  const client = await pool.connect();
  try {
    await client.query('set statement_timeout = 0');
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    const applied = await applyAll(client);
    await client.query('select pg_advisory_unlock($1)', [migrationLock]);
    await client.query('reset statement_timeout');
    client.release();
    return applied;
  } catch (error) {
    client.release(true); // closes the session and with it the lock
    throw error;
  }
}

async function applyAll(client: pg.PoolClient): Promise<readonly string[]> {
  const known = new Set(Object.keys(migrations));
  const unknown = (await readApplied(client)).filter((name) => !known.has(name));
  if (unknown.length > 0) throw new DatabaseIsNewer(unknown, [...known].sort().at(-1) ?? 'none');

  const migrator = new Migrator({
    db: new Kysely({ dialect: new PostgresDialect({ pool: onlyConnection(client) }) }),
    provider: { getMigrations: async () => migrations },
  });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
  return results.map((result) => result.migrationName);
}

async function readApplied(client: pg.PoolClient): Promise<readonly string[]> {
  const table = await client.query<{ present: boolean }>(
    `select to_regclass('kysely_migration') is not null as present`,
  );
  if (table.rows[0]?.present !== true) return [];
  const { rows } = await client.query<{ name: string }>('select name from kysely_migration order by name');
  return rows.map((row) => row.name);
}

/** The connection that has the lock does all the work, so a pool of one cannot wait for itself. */
export function onlyConnection(client: pg.PoolClient): PostgresPool {
  const query = client.query.bind(client) as PostgresPoolClient['query'];
  return { options: {}, connect: async () => ({ query, release() {} }), end: async () => undefined };
}
