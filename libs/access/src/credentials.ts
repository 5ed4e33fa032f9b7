import { BadRequest, Unauthenticated } from '@certfolio/core';

/**
 * Header values by lower-case name. From Node take `headersDistinct`: its `headers` silently keeps the first of two
 * `Authorization` lines and joins two `X-DC-DEVKEY` lines into one value.
 */
export type HeaderValues = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Longer than any key; what is longer is not worth a hash. */
const maxKeyLength = 512;

/**
 * The key text that a request presents, or null when it presents none. The same key in both headers, or twice, is fine.
 *
 * @throws BadRequest when different keys are sent
 * @throws Unauthenticated for another scheme than Bearer, an empty key, or one that no key can be
 */
export function readPresentedKey(headers: HeaderValues): string | null {
  const keys = new Set([
    ...valuesOf(headers['authorization']).map(bearerToken),
    ...valuesOf(headers['x-dc-devkey']).map((value) => value.trim()),
  ]);
  if (keys.size > 1)
    throw new BadRequest(
      'The request carries different keys: send one, as "Authorization: Bearer <key>" or as "X-DC-DEVKEY: <key>".',
    );
  const [key] = keys;
  if (key === undefined) return null;
  if (key === '') throw new Unauthenticated('The key that was sent is empty.');
  if (key.length > maxKeyLength)
    throw new Unauthenticated(`The key that was sent has more than ${maxKeyLength} characters; no key is that long.`);
  return key;
}

function valuesOf(header: string | readonly string[] | undefined): readonly string[] {
  return header === undefined ? [] : typeof header === 'string' ? [header] : header;
}

/** RFC 9110 section 11.1: the scheme is case-insensitive. */
function bearerToken(value: string): string {
  const [, token] = /^bearer(?: +(.*))?$/i.exec(value.trim()) ?? [];
  if (token === undefined && !/^bearer$/i.test(value.trim())) {
    throw new Unauthenticated(
      'The Authorization header has another scheme than Bearer; send "Authorization: Bearer <key>" or "X-DC-DEVKEY: <key>".',
    );
  }
  return (token ?? '').trim();
}
