import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Logger } from '@certfolio/core';
import { typeParsers } from './type-parsers.postgres.ts';

export type Pool = pg.Pool;

export interface PoolOptions {
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Connections at most. */
  readonly max: number;
  readonly logger: Logger;
  /** How long the server may take to accept a new connection. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** How long to wait for a connection of the pool to be free; at least `connectTimeoutMs`, which is the default. */
  readonly freeTimeoutMs?: number;
  /** After this the server ends a statement; 0 never does. Default 30,000. */
  readonly statementTimeoutMs?: number;
}

/**
 * A pool of connections; none is opened before the first query. Dates come as `yyyy-MM-dd`, timestamps as Date, numeric
 * as text, bigint as number (one that a number cannot hold exactly fails the query).
 */
export function createPool(url: string, options: PoolOptions): Pool {
  const { applicationName, max, logger, connectTimeoutMs = 5_000, statementTimeoutMs = 30_000 } = options;
  const pool = new pg.Pool({
    connectionString: url,
    application_name: applicationName,
    max,
    // The pool takes this for both waits; the shorter one is each connection's own.
    connectionTimeoutMillis: Math.max(connectTimeoutMs, options.freeTimeoutMs ?? connectTimeoutMs),
    Client: clientThatConnectsWithin(connectTimeoutMs),
    statement_timeout: statementTimeoutMs,
    // The server's own limit answers first; this one is for a server that is gone without a word.
    ...(statementTimeoutMs === 0 ? {} : { query_timeout: statementTimeoutMs + 5_000 }),
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
    types: typeParsers,
  });
  // Without a listener an idle connection that the server drops would end this process.
  pool.on('error', (error) => {
    // `end` resolves before the last socket is closed, and a server that stops next may still cut it off.
    if (!pool.ending) logger.warn({ applicationName, reason: error.message }, 'An idle database connection was lost.');
  });
  // Nor may one that is in use: its statement fails with the same error, and whoever waits for it is told.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

const clientThatConnectsWithin = (connectTimeoutMs: number) =>
  class extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, connectionTimeoutMillis: connectTimeoutMs });
    }
  };

/** Kysely over a pool. `Tables` is stated by the lib that owns the queries. `destroy()` ends the pool. */
export function createQueries<Tables>(pool: Pool): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}
