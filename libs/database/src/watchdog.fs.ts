import { spawn } from 'node:child_process';

export interface Watchdog {
  cancel(): void;
}

/**
 * Lets the process `pid` not outlive this one, however this one ends. A shell waits at a pipe whose other end is ours:
 * the kernel closes it when we die, kill -9 included, and the shell interrupts `pid`. Its own session keeps both away
 * from Ctrl-C, which would stop the server before the work that needs it.
 */
export function tieToThisProcess(pid: number): Watchdog {
  if (process.platform === 'win32') return { cancel() {} };
  const shell = spawn('/bin/sh', ['-c', 'read -r _; kill -INT "$1"', 'certfolio-watchdog', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
    env: {},
  });
  shell.on('error', () => undefined); // without a shell the next start stops the server that was left
  shell.unref();
  const pipe = shell.stdin;
  pipe.on('error', () => undefined);
  if ('unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
  return {
    cancel() {
      shell.kill('SIGKILL');
    },
  };
}
