import { spawn, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface EmulatorProcessOptions {
  readonly orders?: number;
  readonly seed?: number;
  /** As on the command line: `a,b:view-only`. */
  readonly keys?: string;
  /** Milliseconds per answer, `50-200`. */
  readonly latency?: string;
  readonly limits?: 'on' | 'off';
  /** Further arguments. */
  readonly args?: readonly string[];
}

export interface EmulatorProcess {
  /** Ends in /services/v2. */
  readonly baseUrl: string;
  /** Calls a control route, for example `control('stats')`; the parsed body, undefined when there is none. */
  control(path: string, init?: { readonly method?: string; readonly body?: unknown }): Promise<unknown>;
  stop(): Promise<void>;
}

const root = join(import.meta.dirname, '../../..');
/** Making certificates for the first time takes longer than anything else. */
const startWithinMs = 60_000;

/**
 * Starts the emulator of CertCentral as a process of its own, on a free port. It ends with `stop`, or with this process.
 *
 * @throws Error with what it printed when it does not become ready
 */
export async function startEmulator(options: EmulatorProcessOptions = {}): Promise<EmulatorProcess> {
  const { orders = 200, seed = 1, keys, latency, limits, args = [] } = options;
  const child = spawn(
    process.execPath,
    [
      join(root, 'apps/emulator/main.mjs'),
      ...['--port', '0', '--orders', String(orders), '--seed', String(seed)],
      ...['--cache', join(tmpdir(), 'certfolio-emulator-cache')],
      ...(keys === undefined ? [] : ['--keys', keys]),
      ...(latency === undefined ? [] : ['--latency', latency]),
      ...(limits === undefined ? [] : ['--limits', limits]),
      ...args,
    ],
    // The channel is how the emulator notices that its parent is gone.
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  );
  const baseUrl = await readyUrl(child);
  child.stdout!.resume();
  child.stderr!.resume();
  const controlUrl = `${new URL(baseUrl).origin}/__emulator`;

  return {
    baseUrl,
    async control(path, { method = 'GET', body } = {}) {
      const response = await fetch(`${controlUrl}/${path.replace(/^\//, '')}`, {
        method,
        ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`The emulator answered ${method} ${path} with ${response.status}: ${text}`);
      return text === '' ? undefined : (JSON.parse(text) as unknown);
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    const fails = (why: string) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`The emulator ${why}. It printed: ${printed.trim().slice(-2_000)}`));
    };
    const reads = (piece: Buffer) => {
      printed += piece.toString();
      const ready = /Emulator ready: (\S+)/.exec(printed);
      if (ready === null) return;
      clearTimeout(timer);
      child.stdout!.off('data', reads);
      child.off('exit', exits);
      resolve(ready[1]!);
    };
    const exits = (code: number | null) => fails(`ended with ${code} before it was ready`);
    const timer = setTimeout(() => fails(`was not ready within ${startWithinMs} ms`), startWithinMs);
    child.once('error', (error) => fails(`could not be started (${error.message})`));
    child.once('exit', exits);
    child.stdout!.on('data', reads);
    child.stderr!.on('data', (piece: Buffer) => (printed += piece.toString()));
  });
}
