import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedDatabase } from '../../libs/database/src/embedded.ts';
import { createTemplateDatabase, startTestRedis } from '../../libs/database/src/testing.ts';

const prefix = 'certfolio-test-';
const onlyProblems = { debug() {}, info() {}, warn: console.warn, error: console.error };

/** One database server and one Redis for the whole run, in a folder and at ports of their own: runs side by side do not meet. */
export default async function startServers() {
  await removeLeftovers();
  const dataDir = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  await chmod(dataDir, 0o711); // for root's run the server has another user
  const [database, redis] = await Promise.all([
    startEmbeddedDatabase({ dataDir, logger: onlyProblems, durable: false }),
    startTestRedis(),
  ]);
  await createTemplateDatabase(database.url);
  process.env.CERTFOLIO_TEST_DATABASE_URL = database.url;
  if (redis !== null) process.env.CERTFOLIO_TEST_REDIS_URL = redis.url;
  globalThis.certfolioTestServers = { database, redis, dataDir };
}

/** Folders of runs that were killed. */
async function removeLeftovers() {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix) || isAlive(Number.parseInt(name.slice(prefix.length), 10))) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
