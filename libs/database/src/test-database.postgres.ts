import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { silentLogger } from '@certfolio/core';
import { migrate } from './migrate.postgres.ts';
import { createPool, type Pool } from './pool.postgres.ts';

export interface TestDatabase {
  readonly url: string;
  readonly pool: Pool;
  /** Ends the pool and drops the database, whoever else is connected. */
  drop(): Promise<void>;
}

const template = 'certfolio_template';

/** Migrates the database that every suite's is copied from. */
export async function createTemplateDatabase(serverUrl: string): Promise<void> {
  await onServer(serverUrl, `create database ${template}`);
  const pool = createPool(withDatabase(serverUrl, template), {
    applicationName: 'test-template',
    max: 1,
    logger: silentLogger,
  });
  await migrate(pool);
  await pool.end();
}

/** @param from the migrated template, or null for an empty database */
export async function createDatabaseCopy(
  serverUrl: string,
  from: typeof template | null = template,
): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(serverUrl, `create database ${name}${from === null ? '' : ` template ${from}`}`);
  const url = withDatabase(serverUrl, name);
  const pool = createPool(url, { applicationName: 'test', max: 4, logger: silentLogger });
  return {
    url,
    pool,
    async drop() {
      if (!pool.ended) await pool.end();
      await onServer(serverUrl, `drop database if exists ${name} with (force)`);
    },
  };
}

async function onServer(serverUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function withDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
