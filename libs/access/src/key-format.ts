import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { randomBase62, toBase62, type RandomBytes } from './base62.ts';

const prefix = 'cfk_';
const idLength = 10;
/** 190 bits. */
const secretLength = 32;
/** 62^6 holds any CRC-32. */
const checksumLength = 6;

const pattern = new RegExp(
  `^${prefix}([0-9A-Za-z]{${idLength}})_[0-9A-Za-z]{${secretLength},128}[0-9A-Za-z]{${checksumLength}}$`,
);

/** What a text that was sent as a key is, before any look-up. */
export type KeyShape =
  | { readonly kind: 'native'; readonly id: string }
  /** Begins like one of our keys but is cut off or has a typing error. */
  | { readonly kind: 'mistyped' }
  /** Not of our making: an adopted CertCentral key, an admin key from the environment, or nonsense. */
  | { readonly kind: 'foreign' };

export interface GeneratedKey {
  readonly id: string;
  /** The whole key, `cfk_<id>_<secret><checksum>`. Shown once, never stored. */
  readonly text: string;
}

/** @param id of a key that exists and gets another secret; a new one unless given */
export function generateKey(randomBytes: RandomBytes, id = randomBase62(idLength, randomBytes)): GeneratedKey {
  const body = `${prefix}${id}_${randomBase62(secretLength, randomBytes)}`;
  return { id, text: body + checksumOf(body) };
}

export function parseKey(text: string): KeyShape {
  if (!text.startsWith(prefix)) return { kind: 'foreign' };
  const id = pattern.exec(text)?.[1];
  if (id === undefined) return { kind: 'mistyped' };
  return checksumOf(text.slice(0, -checksumLength)) === text.slice(-checksumLength)
    ? { kind: 'native', id }
    : { kind: 'mistyped' };
}

/**
 * SHA-256 of the whole text as it is sent: the same rule for keys of ours, adopted ones and admin keys. No salt and no
 * slow hash, since a secret of 190 random bits cannot be guessed.
 */
export function hashKey(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

/** The same as text, in a fifth of the time: every request looks its key up by it. */
export function hashKeyText(text: string): string {
  return hash('sha256', text, 'base64');
}

/** Tells typing errors from unknown keys without a look-up, and lets secret scanners know a real key. No secret is in it. */
function checksumOf(body: string): string {
  return toBase62(crc32(body), checksumLength);
}
