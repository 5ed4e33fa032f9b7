import { spawn } from 'node:child_process';
import { join } from 'node:path';

export interface OwnershipProcess {
  readonly url: string;
  readonly port: string;
  stop(): Promise<void>;
}

const folder = join(import.meta.dirname, '../../../examples/ownership-subgraph');

/** Starts the example as its team does. @throws Error with what it printed when it ends before it is ready */
export async function startOwnership(ownersFile: string, port = '0'): Promise<OwnershipProcess> {
  const child = spawn(process.execPath, ['main.js'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, PORT: port, OWNERS_FILE: ownersFile },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  process.once('exit', () => child.kill('SIGKILL'));
  let printed = '';
  const url = await new Promise<string>((resolve, reject) => {
    const reads = (piece: Buffer) => {
      printed += piece.toString();
      const ready = /is ready at (\S+)/.exec(printed);
      if (ready !== null) resolve(ready[1]!);
    };
    child.stdout.on('data', reads);
    child.stderr.on('data', reads);
    void ended.then(() => reject(new Error(`The example ended before it was ready. It printed: ${printed}`)));
  });
  return {
    url,
    port: new URL(url).port,
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
