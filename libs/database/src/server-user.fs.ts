import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from '@certfolio/core';
import { EmbeddedDatabaseFailed } from './errors.ts';

const run = promisify(execFile);

interface Ids {
  readonly uid: number;
  readonly gid: number;
}

/** How the server's programs are run: PostgreSQL refuses to work as root. */
export interface ServerUser {
  spawn(program: string, args: readonly string[]): ChildProcess;
  /** Gives a file or folder to the user the server runs as. */
  own(path: string): Promise<void>;
}

/**
 * The user to run PostgreSQL as: the present one, or for root the system's `postgres`, made when there is none.
 * Root's own folders are often closed to others (`/root` is 0700); the server is then started with the one capability
 * that lets it through, since opening the user's folders is not ours to do.
 *
 * @param existingDataDir its owner goes on running it; null before the first start
 * @param needed files and folders that the server must reach
 */
export async function chooseServerUser(
  existingDataDir: string | null,
  needed: readonly string[],
  logger: Logger,
): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return { spawn: (program, args) => start(program, args), own: async () => undefined };

  const ids = (existingDataDir === null ? null : await ownerOf(existingDataDir)) ?? (await findSystemUser());
  const own = (path: string) => chown(path, ids.uid, ids.gid);
  const closed = await findClosed(needed, ids);
  if (closed === null) return { spawn: (program, args) => start(program, args, ids), own };

  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));
  if (setpriv === undefined) {
    throw new EmbeddedDatabaseFailed(
      `started as root, PostgreSQL runs as user ${ids.uid}, which may not enter ${closed}. Start as another user, open that folder (chmod o+x), or install util-linux.`,
    );
  }
  logger.debug(
    { folder: closed, uid: ids.uid },
    'The folder is closed to the database user; the server gets the capability to pass.',
  );
  const capability = [
    `--reuid=${ids.uid}`,
    `--regid=${ids.gid}`,
    '--clear-groups',
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
  ];
  return { spawn: (program, args) => start(setpriv, [...capability, '--', program, ...args]), own };
}

function start(program: string, args: readonly string[], ids?: Ids): ChildProcess {
  return spawn(program, [...args], {
    ...ids,
    cwd: '/',
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' }, // no PGDATA, PGPORT or PGOPTIONS of the user
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function ownerOf(path: string): Promise<Ids | null> {
  const { uid, gid } = await stat(path);
  return uid === 0 ? null : { uid, gid };
}

async function findSystemUser(): Promise<Ids> {
  const known = await lookUp('postgres');
  if (known !== null) return known;
  try {
    await run('/usr/sbin/useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      'postgres',
    ]);
  } catch {
    // Systems without useradd have `nobody`; a second process may also have been first.
  }
  const ids = (await lookUp('postgres')) ?? (await lookUp('nobody'));
  if (ids === null)
    throw new EmbeddedDatabaseFailed(
      'started as root, and there is no user "postgres" or "nobody" to run PostgreSQL as.',
    );
  return ids;
}

async function lookUp(name: string): Promise<Ids | null> {
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((text) => text.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? null : { uid: Number(uid), gid: Number(gid) };
}

/** The first path, or folder above one, that the user may not pass. */
async function findClosed(paths: readonly string[], ids: Ids): Promise<string | null> {
  for (const path of paths) {
    for (let at = resolve(path); ; at = dirname(at)) {
      const { mode, uid, gid } = await stat(at);
      const passes = uid === ids.uid ? mode & 0o100 : gid === ids.gid ? mode & 0o010 : mode & 0o001;
      if (!passes) return at;
      if (at === dirname(at)) break;
    }
  }
  return null;
}
