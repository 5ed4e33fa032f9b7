import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { readyWord } from './ready.ts';

export interface StartedProcess {
  readonly pid: number;
  /** What it told when it was ready. */
  readonly facts: Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Below `tools/bench`. */
  readonly entry: string;
  readonly args: readonly string[];
  /** Writes a CPU profile into this folder when it ends. */
  readonly cpuProfileDir: string | null;
  /** Of Node, before the entry. */
  readonly nodeFlags: readonly string[];
  /** The number of the one that it runs on, with whatever it starts; null leaves it to the system. */
  readonly processor: number | null;
}

/** `production` for all: Apollo Server builds stack traces into errors without it, and graphql-js checks more. */
const environment = { ...process.env, NODE_ENV: 'production', APOLLO_TELEMETRY_DISABLED: 'true' };
const startLimitMs = 60_000;
const stopLimitMs = 10_000;

/** Starts a process of the benchmark; it ends with this one, however that ends. */
export async function startProcess(options: StartOptions): Promise<StartedProcess> {
  const { entry, args, cpuProfileDir, nodeFlags, processor } = options;
  const profile = cpuProfileDir === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${cpuProfileDir}`];
  const path = fileURLToPath(new URL(`../${entry}`, import.meta.url));
  const pinned = processor === null ? [] : ['taskset', '--cpu-list', String(processor)];
  const [command, ...words] = [...pinned, process.execPath, ...nodeFlags, ...profile, path, ...args];
  const child = spawn(command!, words, {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const facts = await new Promise<Readonly<Record<string, unknown>>>((resolve, reject) => {
    const failed = (what: string) => reject(new Error(`${entry} ${what}`));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      failed(`was not ready within ${startLimitMs} ms.`);
    }, startLimitMs);
    child.once('exit', (code) => failed(`ended with ${code} before it was ready.`));
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (!line.startsWith(`${readyWord} `)) return;
      clearTimeout(timer);
      resolve(JSON.parse(line.slice(readyWord.length + 1)) as Readonly<Record<string, unknown>>);
    });
  });
  child.removeAllListeners('exit');
  return { pid: child.pid!, facts, stop: () => stopChild(child) };
}

function stopChild(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const timer = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
