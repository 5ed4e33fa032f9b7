import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { certCentralJson } from './cert-central-errors.ts';

/** Node's words for what it could not read, where the status is not 400. */
const statusOf = new Map([
  ['HPE_HEADER_OVERFLOW', [431, 'The header of the request, its address included, is longer than 16 KiB.']],
  ['ERR_HTTP_REQUEST_TIMEOUT', [408, 'The request did not arrive in time.']],
] as const satisfies readonly (readonly [string, readonly [number, string]])[]);

/** As far as it was sent; where it cannot be told, nobody reads errors in that form. */
const restAddress = /^[A-Z]+ (?:https?:\/\/[^/ ]*)?\/services\/v2\//;

/**
 * Answers what the HTTP parser could not read, so that it comes to no router and no door, and closes the connection: where
 * such a request ends, nobody can say.
 */
export function refuseUnreadable(
  error: Error & { readonly code?: string; readonly rawPacket?: Buffer },
  socket: Socket,
): void {
  // The client went away, or an answer has begun; there is nobody to tell, or nothing that may be told in between.
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const known: ReadonlyMap<string, readonly [number, string]> = statusOf;
  const [status, message] = known.get(error.code ?? '') ?? [400, 'The HTTP request is malformed.'];
  // Callers of the REST façade read errors in CertCentral's form only.
  const isRest = restAddress.test(error.rawPacket?.toString('latin1', 0, 200) ?? '');
  const body = JSON.stringify({
    errors: [isRest ? { code: 'bad_request_format', message } : { message, extensions: { code: 'BAD_REQUEST' } }],
  });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${isRest ? certCentralJson : 'application/json; charset=utf-8'}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    `X-Request-Id: ${randomUUID()}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** More than one `Host`: those who pass requests on could each believe another one (RFC 9112, section 3.2). */
export function hasSeveralHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1;
}
