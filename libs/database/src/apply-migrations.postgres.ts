import { Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import { migrations } from './migrations/index.ts';
import { onlyConnection } from './migrate.postgres.ts';

/** Names of all migrations of this release, in their order. */
export const knownMigrations: readonly string[] = Object.keys(migrations).sort();

/**
 * Runs migrations on this connection, in its transaction and its search path, and writes nothing down of it: for a schema that
 * is being built beside the one in use.
 */
export async function applyMigrations(client: pg.PoolClient, names: readonly string[]): Promise<void> {
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: onlyConnection(client) }) });
  for (const name of names) await migrations[name]!.up(db);
}
