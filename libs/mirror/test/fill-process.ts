import { silentLogger } from '@certfolio/core';
import { createPool } from '@certfolio/database';
import { defaultMirror, systemClock } from '@certfolio/runtime';
import { createMirrorSync, openMirror } from '../src/postgres.ts';
import { createClient } from './upstream-client.ts';

/** One round in a process of its own, to be killed in the middle. Arguments: database URL, base URL. */
const [databaseUrl, baseUrl] = process.argv.slice(2) as [string, string];
const pool = createPool(databaseUrl, { applicationName: 'fill-process', max: 4, logger: silentLogger });
const sync = createMirrorSync({
  pool,
  binding: await openMirror(pool, { name: 'spec', baseUrl, accountId: 1 }),
  feed: createClient(baseUrl),
  settings: defaultMirror,
  clock: systemClock,
  random: () => 0.5,
  logger: silentLogger,
});
await sync.round();
await new Promise(() => undefined);
