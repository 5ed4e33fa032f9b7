import { createHash } from 'node:crypto';
import { type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault } from '../faults/fault.ts';
import { type Answer } from './answer.ts';

export interface Delivery {
  readonly response: ServerResponse;
  readonly isHead: boolean;
  readonly fault: Fault | undefined;
  readonly headers: ReadonlyMap<string, string>;
  readonly onBytes: (bytes: number) => void;
}

/** Headers of recorded answers that carry meaning; none of them tells about limits. */
export const commonHeaders: ReadonlyMap<string, string> = new Map([
  ['server', 'nginx'],
  ['cache-control', 'private,no-cache'],
  ['vary', 'Accept-Encoding'],
  ['x-frame-options', 'SAMEORIGIN'],
  ['x-content-type-options', 'nosniff'],
  ['x-xss-protection', '1; mode=block'],
  ['strict-transport-security', 'max-age=31536000'],
]);

const SLOW_PIECES = 10;

interface Body {
  /** Undefined for 204. */
  readonly type: string | undefined;
  /** Whole, or as it is made. */
  readonly content: Buffer | AsyncIterable<Buffer>;
}

async function* csvChunks(header: string, rows: AsyncIterable<readonly string[]>): AsyncGenerator<Buffer> {
  yield Buffer.from(header);
  for await (const batch of rows) yield Buffer.from(batch.join(''));
}

function bodyOf(answer: Answer): Body {
  if (answer.kind === 'json') return { type: 'application/json', content: Buffer.from(JSON.stringify(answer.value)) };
  if (answer.kind === 'csv') return { type: 'text/csv', content: csvChunks(answer.csv.header, answer.csv.rows) };
  if (answer.kind === 'bytes') return { type: answer.type, content: answer.bytes };
  return { type: undefined, content: Buffer.alloc(0) };
}

function cut(body: Buffer): Buffer {
  return body.subarray(0, Math.floor(body.length / 2));
}

/** Faults that need the whole body in hand collect it; an undisturbed report is never collected. */
async function collect(content: Body['content']): Promise<Buffer> {
  if (Buffer.isBuffer(content)) return content;
  const pieces: Buffer[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}

function reset({ response }: Delivery): void {
  response.socket?.resetAndDestroy();
}

/** Sends status line and headers one line at a time; after that, the body at once. */
async function sendSlowHeaders({ response, fault, isHead, onBytes }: Delivery, body: Buffer): Promise<void> {
  const { socket } = response;
  if (socket === null) return;
  const headers = Object.entries(response.getHeaders()).map(([name, value]) => `${name}: ${String(value)}\r\n`);
  const lines = [`HTTP/1.1 ${response.statusCode} \r\n`, ...headers, 'connection: close\r\n', '\r\n'];
  for (const line of lines) {
    if (socket.destroyed) return;
    socket.write(line);
    await sleep(fault?.delayMs ?? 0);
  }
  if (!isHead) {
    socket.write(body);
    onBytes(body.length);
  }
  socket.end();
}

async function sendPieces({ response, fault, onBytes }: Delivery, body: Buffer): Promise<void> {
  const size = Math.max(1, Math.ceil(body.length / SLOW_PIECES));
  for (let at = 0; at < body.length && !response.destroyed; at += size) {
    const piece = body.subarray(at, at + size);
    response.write(piece);
    onBytes(piece.length);
    await sleep(fault?.delayMs ?? 0);
  }
  response.end();
}

async function* counted(content: AsyncIterable<Buffer>, onBytes: Delivery['onBytes']): AsyncGenerator<Buffer> {
  for await (const piece of content) {
    onBytes(piece.length);
    yield piece;
  }
}

/** @throws what the making of rows throws; a client that leaves early is nobody's failure */
async function sendStream({ response, onBytes }: Delivery, content: AsyncIterable<Buffer>): Promise<void> {
  try {
    await pipeline(Readable.from(counted(content, onBytes), { objectMode: false }), response);
  } catch (error) {
    const hasLeft = error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
    if (!hasLeft) throw error;
  }
}

async function sendResetInside({ response, onBytes }: Delivery, body: Buffer): Promise<void> {
  const half = cut(body);
  onBytes(half.length);
  // The first half has to be on the wire before the connection is reset, or the client never sees a body begin.
  await new Promise<void>((resolve) => response.write(half, () => resolve()));
  await sleep(20);
  response.socket?.resetAndDestroy();
}

/** Turns an answer into bytes on the connection, in the way its fault wants. */
export async function deliver(answer: Answer, delivery: Delivery): Promise<void> {
  const { response, isHead, fault, headers, onBytes } = delivery;
  if (response.destroyed) return;
  if (fault?.kind === 'reset-before') return reset(delivery);

  const { type, content } = bodyOf(answer);
  response.statusCode = answer.status;
  for (const [name, value] of [...commonHeaders, ...headers]) response.setHeader(name, value);
  if (type !== undefined) response.setHeader('content-type', fault?.kind === 'content-type' ? 'text/plain' : type);
  if (isHead && fault === undefined) return void response.end();
  if (!Buffer.isBuffer(content) && fault === undefined) return sendStream(delivery, content);

  const whole = await collect(content);
  const body = fault?.kind === 'truncate' ? cut(whole) : whole;
  if (type !== undefined) {
    response.setHeader('content-length', body.length);
    response.setHeader('etag', `"${createHash('sha1').update(body).digest('hex')}"`);
  }
  if (fault?.kind === 'slow-headers') return sendSlowHeaders(delivery, body);
  if (fault?.kind === 'slow-body') return sendPieces(delivery, body);
  if (fault?.kind === 'reset-inside') return sendResetInside(delivery, body);
  if (!isHead) onBytes(body.length);
  response.end(isHead ? undefined : body);
}
