import { createHash } from 'node:crypto';
import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';

export interface Got {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** False when the connection ended before the body did. */
  readonly isWhole: boolean;
}

export interface Wish {
  readonly method?: string;
  /** Names and values as they are sent; a list repeats its field. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer;
  /** Sent without a length. */
  readonly isChunked?: boolean;
}

/** One request by Node's plain client, which adds no field, follows nothing and decodes nothing. */
export function ask(address: string, { method = 'GET', headers = {}, body, isChunked }: Wish = {}): Promise<Got> {
  const { promise, resolve, reject } = Promise.withResolvers<Got>();
  // As it is written: URL would take out what is to be sent.
  const [, host, path] = /^http:\/\/([^/]+)(\/.*)$/.exec(address)!;
  const [hostname, port] = host!.split(':');
  const length = body === undefined || isChunked === true ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  const call = request(
    {
      hostname,
      port,
      path,
      method,
      headers: { ...length, ...headers } as Record<string, string | string[]>,
      agent: false,
    },
    (response) => {
      const pieces: Buffer[] = [];
      const done = (isWhole: boolean) =>
        resolve({
          status: response.statusCode!,
          statusText: response.statusMessage!,
          headers: response.headers,
          body: Buffer.concat(pieces),
          isWhole,
        });
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.once('end', () => done(response.complete));
      response.once('error', () => done(false));
    },
  );
  call.once('error', reject);
  if (isChunked === true) call.write(body);
  call.end(isChunked === true ? undefined : body);
  return promise;
}

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** The two status lines and bodies of bytes on a connection of their own; for what no client would send. */
export function sendRaw(address: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(address);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let answer = '';
  const socket = connect(Number(port), hostname, () => socket.write(bytes));
  socket.on('data', (piece: Buffer) => (answer += piece.toString('latin1')));
  socket.once('close', () => resolve(answer));
  socket.once('error', reject);
  return promise;
}
