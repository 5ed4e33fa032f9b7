import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { CliError } from '../cli-error.ts';

const standalone = fileURLToPath(new URL('../../../standalone/main.mjs', import.meta.url));

/**
 * As `npm start` has it: answers are many short-lived objects, which a larger young generation lets die young, and this is the
 * largest that leaves a process below 300 MB that writes a file of 100,000 rows; and without the second, V8 first collects what a
 * start leaves behind when it has grown to hundreds of megabytes.
 */
const nodeFlags = ['--max-semi-space-size=32', '--initial-old-space-size=64'];

/** Starts everything as a child on this terminal and ends as it ends: its exit code, or 128 and the signal's number. */
export async function up(): Promise<number> {
  if (!existsSync(standalone)) {
    throw new CliError(
      'NOT_INSTALLED',
      `There is nothing to start: ${standalone} is missing. "up" works from a checkout of the repository.`,
    );
  }
  const child = spawn(process.execPath, [...nodeFlags, standalone], { stdio: 'inherit' });
  const forward = (signal: NodeJS.Signals) => void child.kill(signal);
  process.on('SIGINT', forward).on('SIGTERM', forward);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', reject);
  child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  try {
    return await promise;
  } finally {
    process.off('SIGINT', forward).off('SIGTERM', forward);
  }
}
