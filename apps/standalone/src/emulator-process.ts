import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface EmulatorOptions {
  readonly port: number;
  readonly orders: number;
  readonly seed: number;
  /** Where made certificates are kept. */
  readonly cacheDir: string;
}

export interface EmulatorProcess {
  readonly baseUrl: string;
  stop(): Promise<void>;
}

/** Starts the bundled emulator as a process of its own; it ends with this one, however that ends. */
export async function startEmulator({ port, orders, seed, cacheDir }: EmulatorOptions): Promise<EmulatorProcess> {
  const main = fileURLToPath(new URL('../../emulator/main.mjs', import.meta.url));
  const args = [main, '--port', String(port), '--orders', String(orders), '--seed', String(seed), '--cache', cacheDir];
  // In a group of its own, Ctrl-C does not reach it: runs in flight still need it. It ends when the channel closes.
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true });
  let complaint = '';
  child.stderr!.on('data', (chunk: Buffer) => (complaint = `${complaint}${chunk.toString()}`.slice(-2_000)));

  const baseUrl = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new EmulatorFailed(`The bundled emulator ended with ${code} before it was ready. ${complaint.trim()}`)),
    );
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const address = /^Emulator ready: (\S+)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
  child.removeAllListeners('exit');
  return {
    baseUrl,
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}

export class EmulatorFailed extends Error {
  override readonly name = 'EmulatorFailed';
}
