import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Logger } from '@certfolio/core';
import { EmbeddedDatabaseFailed } from './errors.ts';

const run = promisify(execFile);

/**
 * Stops a server that a killed process left behind. To be called with the data folder locked, so that it is nobody's.
 * Takes up to 10 s for a busy server, a few milliseconds else.
 *
 * @throws EmbeddedDatabaseFailed when it does not end
 */
export async function stopLeftoverServer(pgData: string, logger: Logger): Promise<void> {
  const pid = await readPostmasterPid(pgData);
  if (pid === null || !(await isServerOf(pid, pgData))) return;
  logger.warn({ pid }, 'Stopping the database server that an earlier process left behind.');
  // Fast shutdown, then immediate, which recovery heals; https://www.postgresql.org/docs/current/server-shutdown.html
  for (const [signal, waitMs] of [
    ['SIGINT', 5_000],
    ['SIGQUIT', 5_000],
  ] as const) {
    kill(pid, signal);
    for (let waitedMs = 0; waitedMs < waitMs; waitedMs += 20) {
      if (!(await isServerOf(pid, pgData))) return;
      await sleep(20);
    }
  }
  throw new EmbeddedDatabaseFailed(`the server ${pid} of an earlier process does not end; stop it with kill ${pid}.`);
}

async function readPostmasterPid(pgData: string): Promise<number | null> {
  try {
    const pid = Number.parseInt(await readFile(join(pgData, 'postmaster.pid'), 'utf8'), 10);
    return Number.isSafeInteger(pid) && pid > 1 ? pid : null;
  } catch {
    return null;
  }
}

/** A process id may have gone to another program since; a server works in its data folder. */
async function isServerOf(pid: number, pgData: string): Promise<boolean> {
  if (process.platform === 'linux') return (await readlink(`/proc/${pid}/cwd`).catch(() => null)) === pgData;
  const command = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return command.stdout.includes(pgData);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended meanwhile.
  }
}
