import type { IncomingMessage } from 'node:http';
import { BadRequest, AppError } from '@certfolio/core';
import type { RestRequest, RouteCall } from '@certfolio/migration';
import { withoutConnectionFields } from '@certfolio/upstream';

/** A call of the façade as it was sent, less what is ours or of one connection. */
export type ReadCall = Pick<RouteCall, 'request' | 'forwarded' | 'userAgent' | 'isTest'>;

/** Of the caller's request to this host, and of nobody's to CertCentral. */
const ownFields = new Set(['authorization', 'x-dc-devkey', 'host', 'cookie', 'expect', 'forwarded', 'x-real-ip']);
const isOwn = (name: string) => ownFields.has(name) || name.startsWith('certfolio-') || name.startsWith('x-forwarded-');

/**
 * @param maxBodyBytes longer bodies are refused, at once or when that many have come
 * @throws AppError
 */
export function readCall(raw: IncomingMessage, maxBodyBytes: number): ReadCall {
  const method = raw.method ?? 'GET';
  // It would show the caller what CertCentral got, the key of the account included.
  if (method === 'TRACE') throw new AppError('METHOD_NOT_ALLOWED', 'TRACE is not for this address.');
  const { path, search } = readTarget(raw.url ?? '');
  const headers = withoutConnectionFields(pairsOf(raw.rawHeaders)).filter(([name]) => !isOwn(name.toLowerCase()));
  const userAgent = raw.headers['user-agent'] ?? '';
  const request: RestRequest = { method, path, search, headers: valuesOf(headers), body: null };
  return {
    request,
    forwarded: {
      method,
      target: search === '' ? path : `${path}?${search}`,
      headers,
      body: hasBody(raw) ? bodyOf(raw, maxBodyBytes) : null,
    },
    userAgent,
    isTest: raw.headers['certfolio-test'] === '1' || /^certfolio\b/i.test(userAgent),
  };
}

/** In absolute form (RFC 9112, section 3.2.2) the host is the one that was asked, whatever it says. */
const facade = /^(?:https?:\/\/[^/?#]*)?\/+services\/+v2(\/[^?#]*)(?:\?([^#]*))?(#.*)?$/i;

/** @throws BadRequest */
function readTarget(url: string): { readonly path: string; readonly search: string } {
  const [, path, search = '', fragment] = facade.exec(url) ?? [];
  if (path === undefined || fragment !== undefined) throw new BadRequest('The address cannot be read.');
  // Whoever takes them out on the way would ask for something else than what was looked at here.
  if (isClimbing(path)) throw new BadRequest('The path has a part "." or ".."; send the path that is meant.');
  return { path, search };
}

function isClimbing(path: string): boolean {
  const plain = path.replace(/%2e/gi, '.').replace(/%2f|%5c|\\/gi, '/');
  return plain.split('/').some((part) => part === '.' || part === '..' || part.startsWith('..;'));
}

function pairsOf(flat: readonly string[]): (readonly [string, string])[] {
  return Array.from({ length: flat.length / 2 }, (_each, at) => [flat[2 * at]!, flat[2 * at + 1]!] as const);
}

function valuesOf(headers: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of headers) {
    const before = values.get(name.toLowerCase());
    values.set(name.toLowerCase(), before === undefined ? value : `${before}, ${value}`);
  }
  return values;
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

function bodyOf(raw: IncomingMessage, maxBytes: number): AsyncIterable<Buffer> {
  const tooLong = () => new AppError('PAYLOAD_TOO_LARGE', `The body is longer than ${maxBytes} bytes.`);
  if (Number(raw.headers['content-length'] ?? 0) > maxBytes) throw tooLong();
  // CertCentral may answer before the end of the body; the connection still has to carry that answer.
  const pieces = raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  return limited(pieces, maxBytes, tooLong);
}

async function* limited(pieces: AsyncIterable<Buffer>, maxBytes: number, tooLong: () => AppError) {
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > maxBytes) throw tooLong();
    yield piece;
  }
}
