import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

/** Apps that are started as a user starts them. */
export type CertfolioApp = 'standalone' | 'gateway' | 'subgraphs';

export interface CertfolioOptions {
  readonly app?: CertfolioApp;
  /** Added to an environment without anything of ours; `PORT` and `EMULATOR_PORT` are 0 unless given. */
  readonly env?: Readonly<Record<string, string>>;
  /** Of Node, before the app. */
  readonly nodeFlags?: readonly string[];
  /** Where it is started; default the workspace. */
  readonly cwd?: string;
  readonly startWithinMs?: number;
  /** Leads a process group, as a command typed into a terminal does; `process.kill(-pid, …)` reaches all of it. */
  readonly ownGroup?: boolean;
}

export interface EndedProcess {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CertfolioProcess {
  /** As the greeting says it, with the real port. */
  readonly url: string;
  readonly pid: number;
  /** From the start to the greeting. */
  readonly startMs: number;
  stdout(): string;
  stderr(): string;
  /** SIGTERM unless another is given; resolves when the process has ended. */
  stop(signal?: NodeJS.Signals): Promise<EndedProcess>;
}

const root = join(import.meta.dirname, '../../..');
/** Settings of ours that the caller's environment may hold. */
const ours = /^(CERTFOLIO_|CERTCENTRAL_|EMULATOR_|PORT$|HOST$|LOG_LEVEL$|NODE_ENV$|NODE_OPTIONS$|JEST_)|_proxy$/i;

/** Started and not yet greeting; for starts that are expected to fail. */
export function spawnCertfolio({
  app = 'standalone',
  env = {},
  nodeFlags = [],
  cwd = root,
  ownGroup = false,
}: CertfolioOptions = {}): {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<EndedProcess>;
} {
  // eslint-disable-next-line no-restricted-syntax -- a process is started with what this one has, but for settings of ours
  const inherited = Object.entries(process.env).filter(([name]) => !ours.test(name));
  const child = spawn(process.execPath, [...nodeFlags, join(root, 'apps', app, 'main.mjs')], {
    cwd,
    env: { ...Object.fromEntries(inherited), PORT: '0', EMULATOR_PORT: '0', LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: ownGroup,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<EndedProcess>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, stdout: () => stdout, stderr: () => stderr, ended };
}

/**
 * Starts an app of ours as a process of its own, on a free port.
 *
 * @throws Error with what it printed when it does not become ready
 */
export async function startCertfolio(options: CertfolioOptions = {}): Promise<CertfolioProcess> {
  const startedMs = performance.now();
  const { child, stdout, stderr, ended } = spawnCertfolio(options);
  const startWithinMs = options.startWithinMs ?? 50_000;
  const url = await new Promise<string>((resolve, reject) => {
    const fails = (why: string) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`The process ${why}. It printed: ${stdout().slice(-2_000)}\n${stderr().slice(-4_000)}`));
    };
    const timer = setTimeout(() => fails(`was not ready within ${startWithinMs} ms`), startWithinMs);
    const look = () => {
      const ready = /\b(?:is|are) ready at (https?:\/\/[^\s/]+)/.exec(stdout());
      if (ready === null) return;
      clearTimeout(timer);
      child.stdout!.off('data', look);
      resolve(ready[1]!);
    };
    child.stdout!.on('data', look);
    void ended.then(
      ({ code }) => fails(`ended with ${code} before it was ready`),
      (error: Error) => fails(`could not be started (${error.message})`),
    );
  });
  return {
    url,
    pid: child.pid!,
    startMs: performance.now() - startedMs,
    stdout,
    stderr,
    stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return ended;
    },
  };
}
