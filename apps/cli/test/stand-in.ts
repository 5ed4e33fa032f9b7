import { spawn, type SpawnOptions } from 'node:child_process';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export const bin = fileURLToPath(new URL('../bin/certfolio.mjs', import.meta.url));
export const key = 'cfk_0123456789_topsecretthatnobodymaysee';

/** Something on a real socket that answers as the gateway would; what it says is up to each test. */
export interface StandIn {
  readonly url: string;
  readonly requests: {
    readonly method: string;
    readonly url: string;
    readonly authorization: string | undefined;
    readonly body: string;
  }[];
  close(): Promise<void>;
}

export async function startStandIn(
  answer: (request: IncomingMessage & { body: string }, ...rest: [Parameters<RequestListener>[1]]) => void,
): Promise<StandIn> {
  const requests: StandIn['requests'] = [];
  const server: Server = createServer((request, response) => {
    void text(request).then((body) => {
      requests.push({
        method: request.method ?? '',
        url: request.url ?? '',
        authorization: request.headers.authorization,
        body,
      });
      answer(Object.assign(request, { body }), response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as a user does, with nothing of this process's environment but PATH. */
export async function certfolio(args: readonly string[], env: Record<string, string> = {}, stdin = ''): Promise<Ran> {
  const child = spawnCertfolio(args, env);
  child.stdin!.on('error', () => undefined).end(stdin);
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  return { code, stdout, stderr };
}

export function spawnCertfolio(args: readonly string[], env: Record<string, string> = {}, options: SpawnOptions = {}) {
  return spawn(process.execPath, [bin, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: 'pipe',
    ...options,
  });
}
