import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type { HeaderFields } from '../rest-exchange.ts';

/** An answer of which everything is there. */
export interface ComparableAnswer {
  readonly status: number;
  readonly headers: HeaderFields;
  /** With the content coding that the headers name. */
  readonly body: Buffer;
  /** When it was made. */
  readonly atMs: number;
}

export type ComparableBody =
  | { readonly kind: 'empty' }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'csv'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  /** Says that it is JSON or compressed, and is not, or is longer than is compared. */
  | { readonly kind: 'broken'; readonly why: string };

export function headerOf(headers: HeaderFields, name: string): string | null {
  const found = headers.find(([each]) => each.toLowerCase() === name);
  return found === undefined ? null : found[1];
}

/** @param maxBytes of the body once it is decoded */
export function bodyOf({ headers, body }: ComparableAnswer, maxBytes: number): ComparableBody {
  const decoded = decode(body, headerOf(headers, 'content-encoding'), maxBytes);
  if (typeof decoded === 'string') return { kind: 'broken', why: decoded };
  if (decoded.length === 0) return { kind: 'empty' };
  if (decoded.length > maxBytes) return { kind: 'broken', why: `longer than ${maxBytes} bytes` };
  const type = (headerOf(headers, 'content-type') ?? '').toLowerCase();
  if (type.includes('json')) return parseJson(decoded);
  if (type.startsWith('text/csv')) return { kind: 'csv', text: decoded.toString('utf8') };
  return { kind: 'bytes', bytes: decoded };
}

function parseJson(bytes: Buffer): ComparableBody {
  try {
    return { kind: 'json', value: JSON.parse(bytes.toString('utf8')) };
  } catch {
    return { kind: 'broken', why: 'no JSON' };
  }
}

function decode(body: Buffer, coding: string | null, maxOutputLength: number): Buffer | string {
  const options = { maxOutputLength };
  try {
    switch (coding?.trim().toLowerCase()) {
      case undefined:
      case '':
      case 'identity':
        return body;
      case 'gzip':
      case 'x-gzip':
        return gunzipSync(body, options);
      case 'deflate':
        return inflateSync(body, options);
      case 'br':
        return brotliDecompressSync(body, options);
      default:
        return `content coding ${coding!.slice(0, 40)}`;
    }
  } catch {
    return 'content coding cannot be undone';
  }
}
