import { createDatabaseCopy, createTemplateDatabase, type TestDatabase } from './test-database.postgres.ts';

export { startTestRedis, type TestRedis } from './test-redis.fs.ts';
export { createDatabaseGate, type DatabaseGate } from './test-gate.http.ts';
export { createTemplateDatabase, type TestDatabase };

/** A migrated database for one suite, copied from the template of this test run. Under 100 ms. */
export function createTestDatabase(): Promise<TestDatabase> {
  return createDatabaseCopy(serverUrl());
}

/** A database without any table. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return createDatabaseCopy(serverUrl(), null);
}

/** The Redis server of this test run; tests keep apart by key prefixes of their own. */
export function testRedisUrl(): string {
  const url = process.env.CERTFOLIO_TEST_REDIS_URL;
  if (url === undefined)
    throw new Error('This test needs Redis: install redis-server (apt-get install redis-server) and run jest again.');
  return url;
}

function serverUrl(): string {
  const url = process.env.CERTFOLIO_TEST_DATABASE_URL;
  if (url === undefined)
    throw new Error('No test database: run from the workspace root, where jest starts one (npm run jest).');
  return url;
}
