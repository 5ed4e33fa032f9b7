import { type IncomingMessage } from 'node:http';
import { ApiError } from './api-error.ts';

const MAXIMUM_BYTES = 10_000_000;

/** @throws ApiError 413 */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let total = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    total += piece.length;
    if (total > MAXIMUM_BYTES) throw new ApiError(413, 'bad_request_format', 'The request body is too large.');
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
