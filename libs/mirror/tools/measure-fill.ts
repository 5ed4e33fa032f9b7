import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@certfolio/core';
import { createPool, migrate } from '@certfolio/database';
import { startEmbeddedDatabase } from '@certfolio/database/embedded';
import { defaultMirror, systemClock } from '@certfolio/runtime';
import { startEmulator } from '@certfolio/testing';
import { createMirrorSync, openMirror } from '../src/postgres.ts';
import { createClient } from '../test/upstream-client.ts';

/**
 * Fills a mirror from an emulator of so many orders and prints what it took, then what a comparison and a look at the changes take.
 *
 *     node libs/mirror/tools/measure-fill.ts 100000
 */
const orders = Number(process.argv[2] ?? 10_000);
const folder = await mkdtemp(join(tmpdir(), 'certfolio-measure-'));
const emulator = await startEmulator({ orders, limits: 'off' });
const database = await startEmbeddedDatabase({ dataDir: folder, logger: silentLogger });
const pool = createPool(database.url, { applicationName: 'measure', max: 4, logger: silentLogger });
await migrate(pool);
const client = createClient(emulator.baseUrl);

let peakBytes = 0;
const sampling = setInterval(() => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())), 50);

/** Of the database server's processes; Linux only, in ticks of 10 ms. */
async function serverCpuSeconds(): Promise<number> {
  let ticks = 0;
  for (const pid of await readdir('/proc').catch(() => [])) {
    const stat = /^\d+$/.test(pid) ? await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '') : '';
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(fields[1]) === database.pid) ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / 100;
}

async function measured(what: string, work: () => Promise<unknown>): Promise<void> {
  await emulator.control('stats', { method: 'DELETE' });
  peakBytes = 0;
  const [beganMs, cpu, serverCpu] = [performance.now(), process.cpuUsage(), await serverCpuSeconds()];
  const result = await work();
  const seconds = (performance.now() - beganMs) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const { total, bytes } = (await emulator.control('stats')) as { total: number; bytes: number };
  console.log(
    `${what} (${String(result)}): ${seconds.toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} s CPU, ${((await serverCpuSeconds()) - serverCpu).toFixed(1)} s of the database, ${total} calls, ` +
      `${(bytes / 2 ** 20).toFixed(2)} MB, peak ${(peakBytes / 2 ** 20).toFixed(0)} MB`,
  );
}

try {
  // The emulator signs what it was not asked for before.
  const warming = await fetch(`${emulator.baseUrl}/report/order?limit=100000`, {
    headers: { 'x-dc-devkey': 'any-key' },
  });
  for await (const _piece of warming.body!);

  const binding = await openMirror(pool, { name: 'measure', baseUrl: emulator.baseUrl, accountId: 1 });
  const sync = createMirrorSync({
    pool,
    binding,
    feed: client,
    settings: { ...defaultMirror, roundSeconds: 0, backfill: false },
    clock: systemClock,
    random: () => 0.5,
    logger: silentLogger,
  });
  const wait = { deadline: new Date(Date.now() + 900_000), signal: new AbortController().signal };
  await measured('First fill', () => sync.round());
  await measured('List', () => sync.round());
  await measured('Nothing changed', () => sync.round());
  await measured('Comparison', () => sync.refresh(new Set(['report']), Date.now(), wait));
  console.log(JSON.stringify(await sync.status(), null, 2));
} finally {
  clearInterval(sampling);
  await client.stop();
  await pool.end();
  await database.stop();
  await emulator.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
}
