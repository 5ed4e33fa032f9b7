import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { silentLogger } from '@certfolio/core';
import { DataFolderInUse, startEmbeddedDatabase } from './embedded.ts';
import { createPool } from './pool.postgres.ts';

let dataDir: string;
const owners: ChildProcess[] = [];

beforeAll(async () => {
  dataDir = await makeFolder();
});

afterEach(async () => {
  for (const owner of owners.splice(0)) {
    owner.kill('SIGKILL');
    if (owner.signalCode === null) await once(owner, 'exit');
  }
});

afterAll(() => rm(dataDir, { recursive: true, force: true, maxRetries: 10 }));

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `certfolio-test-${process.pid}-embedded-`));
  await chmod(folder, 0o711);
  return folder;
}

const start = (dir = dataDir) => startEmbeddedDatabase({ dataDir: dir, logger: silentLogger });

async function query(url: string, text: string): Promise<unknown[]> {
  const pool = createPool(url, { applicationName: 'spec', max: 1, logger: silentLogger });
  try {
    return (await pool.query(text)).rows;
  } finally {
    await pool.end();
  }
}

/** A process that has the folder until it is killed; it prints the server's process id. */
async function startElsewhere(): Promise<{ readonly owner: ChildProcess; readonly serverPid: number }> {
  const script = `
    const { startEmbeddedDatabase } = await import(${JSON.stringify(join(import.meta.dirname, 'embedded.ts'))});
    const quiet = { debug() {}, info() {}, warn() {}, error() {} };
    const database = await startEmbeddedDatabase({ dataDir: ${JSON.stringify(dataDir)}, logger: quiet });
    console.log(database.pid);
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  owners.push(owner);
  const [pid] = (await once(owner.stdout, 'data')) as [Buffer];
  return { owner, serverPid: Number(pid.toString()) };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function hasEnded(pid: number, withinMs: number): Promise<boolean> {
  for (let waitedMs = 0; isAlive(pid) && waitedMs < withinMs; waitedMs += 20) await sleep(20);
  return !isAlive(pid);
}

it('is durable, UTF-8, sorts by code point, listens on loopback only and keeps its rows between starts', async () => {
  const first = await start();
  await query(first.url, `create table kept as select 'ä' as word`);
  const facts = await query(
    first.url,
    `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
       current_setting('server_encoding') as encoding, current_setting('listen_addresses') as addresses,
       (select string_agg(w, '' order by w) from (values ('b'), ('B'), ('a'), ('ä')) as words (w)) as sorted, upper('ä') as upper`,
  );
  expect(facts).toEqual([
    { fsync: 'on', commit: 'on', encoding: 'UTF8', addresses: '127.0.0.1', sorted: 'Babä', upper: 'Ä' },
  ]);
  await first.stop();
  expect(isAlive(first.pid)).toBe(false);

  const second = await start();
  expect(await query(second.url, 'select word from kept')).toEqual([{ word: 'ä' }]);
  await second.stop();
});

it('keeps its password to itself and lets nobody in without it', async () => {
  const database = await start();
  const file = join(dataDir, 'postgres-password');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const password = (await readFile(file, 'utf8')).trim();
  expect(password).toMatch(/^[0-9a-f]{48}$/);
  await expect(query(database.url.replace(password, 'guessed'), 'select 1')).rejects.toThrow(
    'password authentication failed',
  );
  await database.stop();
});

it('tells a second process which folder is in use and by whom', async () => {
  const { owner } = await startElsewhere();
  await expect(start()).rejects.toMatchObject({ name: 'DataFolderInUse', dataDir, pid: owner.pid });
});

it('tells a second start in the same process too, and gives the folder free on stop', async () => {
  const database = await start();
  await expect(start()).rejects.toThrow(DataFolderInUse);
  await database.stop();
  await (await start()).stop();
});

it('does not outlive a process that is killed', async () => {
  const { owner, serverPid } = await startElsewhere();
  expect(isAlive(serverPid)).toBe(true);
  owner.kill('SIGKILL');
  expect(await hasEnded(serverPid, 5_000)).toBe(true);
});

it('stops a server that was left behind all the same, then starts on its files', async () => {
  const { owner, serverPid } = await startElsewhere();
  await killWatchdogOf(serverPid);
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  expect(await hasEnded(serverPid, 300)).toBe(false);

  const database = await start();
  expect(await hasEnded(serverPid, 5_000)).toBe(true);
  expect(await query(database.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await database.stop();
});

it('recovers when the server itself was killed', async () => {
  const first = await start();
  await query(first.url, 'create table survived as select 1 as one');
  process.kill(first.pid, 'SIGKILL');
  await first.ended;
  const second = await start();
  expect(await query(second.url, 'select one from survived')).toEqual([{ one: 1 }]);
  await second.stop();
});

it('begins again where a first start was killed midway', async () => {
  const folder = await makeFolder();
  await mkdir(join(folder, 'initialising-0123456789ab', 'postgres'), { recursive: true });
  await writeFile(join(folder, 'initialising-0123456789ab', 'postgres', 'PG_VERSION'), '18\n');
  await (await start(folder)).stop();
  expect((await readdir(folder)).sort()).toEqual(['lock', 'lock-owner', 'postgres', 'postgres-password']);
  await rm(folder, { recursive: true });
});

it('refuses the files of another PostgreSQL release and says what to do', async () => {
  await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '17\n');
  await expect(start()).rejects.toThrow(/made by PostgreSQL 17 and this release brings 18\. Back up/);
});

async function killWatchdogOf(serverPid: number): Promise<void> {
  for (const name of await readdir('/proc')) {
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (command.endsWith(`certfolio-watchdog\0${serverPid}\0`)) process.kill(Number(name), 'SIGKILL');
  }
}
