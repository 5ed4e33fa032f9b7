import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
} from 'kysely';
import type { PoolClient } from 'pg';
import type { Pool } from '@certfolio/database';

/** Compiles only; statements are sent by hand, since rows as arrays and cursors are not Kysely's. */
export const compiler = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** Rows as arrays: no object of names is made for each of 100,000. */
export async function rowsOf<Row extends unknown[]>(
  client: Pick<Pool | PoolClient, 'query'>,
  statement: RawBuilder<unknown>,
): Promise<readonly Row[]> {
  const { sql: text, parameters } = statement.compile(compiler);
  const { rows } = await client.query<Row>({ text, values: [...parameters], rowMode: 'array' });
  return rows;
}

/** Runs statements that must see the same data. */
export async function inSnapshot<T>(pool: Pool, run: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin isolation level repeatable read, read only');
    const result = await run(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    // A connection that does not even roll back is no use to anybody.
    await client.query('rollback').then(
      () => client.release(),
      (failure: Error) => client.release(failure),
    );
    throw error;
  }
}
