import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from './free-port.http.ts';
import { tieToThisProcess } from './watchdog.fs.ts';

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

/**
 * A Redis server of its own that keeps nothing on disk and ends with this process. About 0.1 s.
 *
 * @param port the port to have again after a `kill`; default any free one
 * @returns null when the machine has no `redis-server`
 */
export async function startTestRedis(port?: number): Promise<TestRedis | null> {
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const chosen = port ?? (await findFreePort());
    const child = spawn(
      'redis-server',
      ['--port', String(chosen), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
      {
        stdio: 'ignore',
        detached: true,
      },
    );
    let isMissing = false;
    let hasEnded = false;
    const ended = new Promise<void>((resolve) => {
      child.once('error', () => {
        isMissing = true;
        resolve();
      });
      child.once('exit', () => {
        hasEnded = true;
        resolve();
      });
    });
    while (!isMissing && !hasEnded && !(await answers(chosen))) await sleep(10);
    if (isMissing) return null;
    if (hasEnded) continue;

    const pid = child.pid!;
    const watchdog = tieToThisProcess(pid);
    void ended.then(() => watchdog.cancel());
    child.unref();
    const kill = async () => {
      child.kill('SIGKILL');
      await ended;
    };
    return { url: `redis://127.0.0.1:${chosen}`, port: chosen, pid, kill };
  }
  throw new Error('redis-server did not start at five ports.');
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setTimeout(500, () => socket.destroy());
    socket.once('data', (bytes) => {
      resolve(bytes.toString().startsWith('+PONG'));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
