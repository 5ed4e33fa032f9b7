import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCaller, type Caller } from './caller.ts';

export interface ProductOptions {
  /** Of the variables in the README; nothing of the test's own environment gets through but PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: a new empty folder. */
  readonly dataDir?: string;
  /** Another file that starts it, with arguments; it has a channel for messages. Default: what `npm start` runs. */
  readonly main?: readonly [file: string, ...args: string[]];
}

export interface ProductProcess {
  /** As the greeting says it. */
  readonly url: string;
  readonly dataDir: string;
  readonly pid: number;
  /** The key that `CERTFOLIO_ADMIN_KEY` named. */
  readonly adminKey: string;
  readonly admin: Caller;
  /** A client with this key. */
  as(key: string): Caller;
  /** Makes a key through the control graph and gives a client with it. */
  createKey(input: Readonly<Record<string, unknown>>): Promise<CreatedCaller>;
  /** All that was printed, log lines included. */
  output(): string;
  /** Sends a message to a `main` of the test's own and waits for its answer. */
  ask(message: string): Promise<unknown>;
  /** It still runs. */
  isRunning(): boolean;
  /** Ends it as an operator does. @returns the exit code, null when a signal ended it */
  stop(): Promise<number | null>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

export interface CreatedCaller extends Caller {
  readonly id: string;
  readonly key: string;
}

const root = join(import.meta.dirname, '../../..');
/** With an embedded database on a busy machine; an idle one needs 3 s. */
const startWithinMs = 60_000;
/** The product promises 10 s. */
const stopWithinMs = 15_000;
const adminKey = 'end-to-end-admin-key-0123456789abcdef';

/**
 * Starts the product as `npm start` does, with a data folder, an admin key and a port of its own. Without a key of CertCentral
 * it starts its bundled emulator, at a free port.
 *
 * @throws Error with what it printed when it ends before its greeting
 */
export async function startProduct({ env = {}, dataDir, main }: ProductOptions = {}): Promise<ProductProcess> {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'certfolio-e2e-')));
  const child = spawn(process.execPath, [...(main ?? [join(root, 'apps/standalone/main.mjs')])], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe', ...(main === undefined ? [] : ['ipc' as const])],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: '0',
      EMULATOR_PORT: '0',
      LOG_LEVEL: 'warn',
      CERTFOLIO_DATA_DIR: folder,
      CERTFOLIO_ADMIN_KEY: adminKey,
      // Calls are counted here, and rows change under the product: what is about the mirror turns it on.
      CERTFOLIO_MIRROR: 'off',
      ...env,
    },
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  process.once('exit', () => child.kill('SIGKILL'));
  let printed = '';
  child.stderr!.on('data', (piece: Buffer) => (printed += piece.toString()));
  const url = await readyUrl(child, (piece) => (printed += piece));
  const as = (key: string) => createCaller(url, key);
  const key = env['CERTFOLIO_ADMIN_KEY'] ?? adminKey;
  const admin = as(key);

  return {
    url,
    dataDir: folder,
    pid: child.pid!,
    adminKey: key,
    admin,
    as,
    async createKey(input) {
      const { json } = await admin.graphql(
        'mutation ($input: CreateKeyInput!) { createKey(input: $input) { secret key { id } } }',
        { input },
      );
      if (json.errors !== undefined) throw new Error(`No key was made: ${JSON.stringify(json.errors)}`);
      const { secret, key: made } = json.data!['createKey'] as { secret: string; key: { id: string } };
      return { ...as(secret), id: made.id, key: secret };
    },
    output: () => printed,
    ask: (message) =>
      new Promise((resolve, reject) => {
        child.once('message', resolve);
        child.send(message, (error) => (error === null ? undefined : reject(error)));
      }),
    isRunning,
    async stop() {
      if (!isRunning()) return child.exitCode;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
      const code = await ended;
      clearTimeout(timer);
      return code;
    },
    async kill() {
      if (isRunning()) child.kill('SIGKILL');
      await ended;
    },
  };
}

function readyUrl(child: ChildProcess, print: (piece: string) => string): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    const fails = (why: string) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`The product ${why}. It printed: ${printed.trim().slice(-2_000)}`));
    };
    const exits = (code: number | null) => fails(`ended with ${code} before its greeting`);
    const timer = setTimeout(() => fails(`did not greet within ${startWithinMs} ms`), startWithinMs);
    child.once('error', (error) => fails(`could not be started (${error.message})`));
    child.once('exit', exits);
    child.stdout!.on('data', (piece: Buffer) => {
      printed = print(piece.toString());
      const ready = /^Certfolio is ready at (\S+)/m.exec(printed);
      if (ready === null) return;
      clearTimeout(timer);
      child.off('exit', exits);
      resolve(ready[1]!);
    });
  });
}
