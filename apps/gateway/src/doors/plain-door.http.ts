import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { DoorReply, DoorRequest } from './door.ts';
import { hasSeveralHosts } from './unreadable-request.http.ts';

export interface PlainDoorOptions {
  /** Answers what is asked. */
  readonly answer: (request: DoorRequest, reply: DoorReply) => unknown;
  /** The framework, which takes every other request. */
  readonly others: RequestListener;
  readonly bodyLimitBytes: number;
  readonly newId: () => string;
  readonly isStopping: () => boolean;
  /** Told when a request is over. */
  readonly onOver: (request: DoorRequest, reply: DoorReply) => void;
}

/**
 * Takes `POST /graphql` with a JSON body straight from Node: a request by id costs a tenth less than through fastify's router,
 * hooks, body parser and reply. It is the door's short cut and no other way in: everything about a request that is out of
 * the ordinary is fastify's, and both end in the same handler.
 */
export function plainDoor(options: PlainDoorOptions): RequestListener {
  return (raw, response) => {
    const bytes = plainBodyBytes(raw, options.bodyLimitBytes);
    if (bytes === null || options.isStopping()) return options.others(raw, response);
    const reply = new PlainReply(response);
    const id = options.newId();
    reply.header('X-Request-Id', id).header('X-Content-Type-Options', 'nosniff');
    const pieces: Buffer[] = [];
    raw.on('data', (piece: Buffer) => pieces.push(piece));
    // A client that goes away before the end of its body is owed nothing.
    raw.on('error', () => undefined);
    raw.on('end', () => {
      const body = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
      const request = new PlainRequest(id, raw, body);
      response.once('close', () => options.onOver(request, reply));
      void options.answer(request, reply);
    });
  };
}

/** Bytes of the body; null when the request is not for this door. */
function plainBodyBytes({ method, url, headers, rawHeaders }: IncomingMessage, limitBytes: number): number | null {
  if (method !== 'POST' || url !== '/graphql' || hasSeveralHosts(rawHeaders)) return null;
  const type = headers['content-type'];
  if (type !== 'application/json' && type !== 'application/json; charset=utf-8') return null;
  const bytes = Number(headers['content-length']);
  return bytes > 0 && bytes <= limitBytes ? bytes : null;
}

const noParams = {};

class PlainRequest implements DoorRequest {
  readonly id: string;
  readonly raw: IncomingMessage;
  readonly body: Buffer;
  readonly params = noParams;

  constructor(id: string, raw: IncomingMessage, body: Buffer) {
    this.id = id;
    this.raw = raw;
    this.body = body;
  }

  get method() {
    return this.raw.method!;
  }

  get url() {
    return this.raw.url!;
  }

  get headers() {
    return this.raw.headers;
  }

  get ip() {
    return this.raw.socket.remoteAddress ?? '';
  }
}

class PlainReply implements DoorReply {
  readonly raw: ServerResponse;
  statusCode = 200;
  /** Names and values in turn, as Node writes them. */
  readonly #fields: string[] = [];
  readonly #startMs = performance.now();

  constructor(raw: ServerResponse) {
    this.raw = raw;
  }

  get elapsedTime() {
    return performance.now() - this.#startMs;
  }

  header(name: string, value: string): this {
    const at = this.#indexOf(name);
    if (at < 0) this.#fields.push(name, value);
    else this.#fields[at + 1] = value;
    return this;
  }

  hasHeader(name: string): boolean {
    return this.#indexOf(name) >= 0;
  }

  type(mediaType: string): this {
    return this.header('Content-Type', mediaType);
  }

  code(status: number): this {
    this.statusCode = status;
    return this;
  }

  send(body = ''): this {
    this.header('Content-Length', String(Buffer.byteLength(body)));
    this.raw.writeHead(this.statusCode, this.#fields);
    endSoon(this.raw, body);
    return this;
  }

  #indexOf(name: string): number {
    for (let at = 0; at < this.#fields.length; at += 2) if (this.#fields[at] === name) return at;
    return -1;
  }
}

let ending: (() => void)[] = [];

/**
 * Answers that are ready in one turn of the event loop are written one after the other when it ends: the first write wakes
 * whoever reads, and the others, which find it awake, cost half as much. Measured by work A of the benchmark.
 */
function endSoon(raw: ServerResponse, body: string): void {
  if (ending.push(() => raw.end(body)) === 1) setImmediate(endAll);
}

function endAll(): void {
  const those = ending;
  ending = [];
  for (const end of those) end();
}
