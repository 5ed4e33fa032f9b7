import { BadRequest, Unauthenticated } from '@certfolio/core';

/**
 * Header values by lower-case name. From Node take `keyHeadersOf(rawHeaders)`: its `headers` silently keeps the first of
 * two `Authorization` lines and joins two `X-DC-DEVKEY` lines into one value.
 */
export type HeaderValues = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The header fields that may carry a key. @param lines names and values in turn, as Node's `rawHeaders` has them */
export function keyHeadersOf(lines: readonly string[]): HeaderValues {
  const authorization: string[] = [];
  const devKey: string[] = [];
  for (let at = 0; at + 1 < lines.length; at += 2) {
    const { length } = lines[at]!;
    // Names that cannot be meant are not worth a lower-case copy.
    if (length !== 'authorization'.length && length !== 'x-dc-devkey'.length) continue;
    const name = lines[at]!.toLowerCase();
    if (name === 'authorization') authorization.push(lines[at + 1]!);
    else if (name === 'x-dc-devkey') devKey.push(lines[at + 1]!);
  }
  return { authorization, 'x-dc-devkey': devKey };
}

/** Longer than any key; what is longer is not worth a hash. */
const maxKeyLength = 512;

/**
 * The key text that a request presents, or null when it presents none. The same key in both headers, or twice, is fine.
 *
 * @param inAddress keys in the address, where a door takes them there
 * @throws BadRequest when different keys are sent
 * @throws Unauthenticated for another scheme than Bearer, an empty key, or one that no key can be
 */
export function readPresentedKey(headers: HeaderValues, inAddress: readonly string[] = []): string | null {
  let key: string | null = null;
  const present = (text: string) => {
    if (key !== null && key !== text)
      throw new BadRequest(
        'The request carries different keys: send one, as "Authorization: Bearer <key>" or as "X-DC-DEVKEY: <key>".',
      );
    key = text;
  };
  for (const value of valuesOf(headers['authorization'])) present(bearerToken(value));
  for (const value of valuesOf(headers['x-dc-devkey'])) present(value.trim());
  for (const value of inAddress) present(value.trim());
  return checked(key);
}

/** @throws Unauthenticated */
function checked(key: string | null): string | null {
  if (key === null) return null;
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
