import { once } from 'node:events';
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { HeaderFields, RouteOutcome, Sent } from '@certfolio/migration';

type AnswerOutcome = RouteOutcome & { readonly kind: 'answer' };

/** Of CertCentral's host, and of nobody else's: cookies, and what a browser is to remember of it. */
const hostFields = new Set(['set-cookie', 'strict-transport-security', 'alt-svc', 'clear-site-data']);

/**
 * Sends an answer as it is: status, header fields in their spelling and order, body as it comes. An answer that breaks off on
 * its way ends as one that broke off, since its status was sent before.
 *
 * @param keepBytes of the body, for a comparison; 0 keeps nothing
 * @throws what the body throws
 */
export async function sendAnswer(
  reply: FastifyReply,
  { answer, statusText, headers, by }: AnswerOutcome,
  keepBytes: number,
): Promise<Pick<Sent, 'body' | 'isWhole' | 'isTooLong'>> {
  const { raw } = reply;
  const own: HeaderFields = [...ownHeaders(reply), ['Certfolio-Answered-By', by], ...headers];
  const fields = [...own, ...passedOn(answer.headers, own)];
  if (Buffer.isBuffer(answer.body) && !fields.some(([name]) => name.toLowerCase() === 'content-length'))
    fields.push(['Content-Length', String(answer.body.length)]);
  reply.hijack();
  const kept = new KeptBody(keepBytes);
  try {
    raw.writeHead(answer.status, wordsOf(answer.status, statusText), fields.flat());
    raw.flushHeaders();
    // Also of a HEAD, and for a caller who is gone: a body that nobody begins to read holds its connection.
    for await (const piece of Buffer.isBuffer(answer.body) ? [answer.body] : answer.body) {
      if (raw.destroyed) break;
      kept.add(piece);
      if (!raw.write(piece)) await drained(raw);
    }
    if (raw.destroyed) return { body: null, isWhole: false, isTooLong: false };
    await heardOut(reply.request.raw);
    raw.end();
    return { body: kept.whole(), isWhole: true, isTooLong: kept.isTooLong };
  } catch (error) {
    raw.destroy();
    throw error;
  }
}

function ownHeaders(reply: FastifyReply): HeaderFields {
  return Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
    [value].flat().map((each) => [name, String(each)] as const),
  );
}

/** CertCentral's request id is of use to its support, under a name that is not ours. */
function passedOn(headers: HeaderFields, own: HeaderFields): HeaderFields {
  const taken = new Set(own.map(([name]) => name.toLowerCase()).filter((name) => name !== 'link'));
  return headers.flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    if (lower === 'x-request-id') return [['Certfolio-Upstream-Request-Id', value] as const];
    return hostFields.has(lower) || taken.has(lower) ? [] : [[name, value] as const];
  });
}

/** Node refuses words that no status line may have. */
function wordsOf(status: number, words: string): string {
  return words !== '' && /^[\t\x20-\x7e]*$/.test(words) ? words : (STATUS_CODES[status] ?? '');
}

/** How long a caller may still send what is not wanted any more. */
const hearingMs = 3_000;

/**
 * Reads and forgets what a caller still sends when the answer has come before the end of it: a connection that is closed
 * meanwhile is reset, and the answer may be lost with it.
 */
async function heardOut(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return;
  const signal = AbortSignal.timeout(hearingMs);
  // A listener, since resuming is forgotten when the one who read it for CertCentral lets go a moment later.
  request.on('data', () => undefined).resume();
  await Promise.race([once(request, 'end', { signal }), once(request, 'close', { signal })]).catch(() => undefined);
}

/** Resolves when more can be written, or nobody reads any more. */
async function drained(raw: FastifyReply['raw']): Promise<void> {
  if (raw.destroyed) return;
  const done = new AbortController();
  try {
    await Promise.race([once(raw, 'drain', { signal: done.signal }), once(raw, 'close', { signal: done.signal })]);
  } finally {
    done.abort();
  }
}

class KeptBody {
  readonly #maxBytes: number;
  #pieces: Buffer[] | null;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#pieces = maxBytes > 0 ? [] : null;
  }

  add(piece: Buffer): void {
    if (this.#pieces === null) return;
    this.#bytes += piece.length;
    if (this.#bytes > this.#maxBytes) this.#pieces = null;
    else this.#pieces.push(piece);
  }

  get isTooLong(): boolean {
    return this.#maxBytes > 0 && this.#bytes > this.#maxBytes;
  }

  /** Null when it was longer, or not to be kept. */
  whole(): Buffer | null {
    return this.#pieces === null ? null : Buffer.concat(this.#pieces);
  }
}
