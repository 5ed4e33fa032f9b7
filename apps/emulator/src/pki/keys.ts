import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { p256, p384 } from '@noble/curves/nist.js';
import { nullValue, oid, sequence } from './der.ts';
import { testKeys, type TestKeyLabel } from './test-keys.ts';

export type SignatureHash = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** A key of the pool with what encoding needs from it. */
export interface PoolKey {
  readonly label: TestKeyLabel;
  readonly type: 'rsa' | 'ec';
  readonly bits: number;
  readonly privateKey: KeyObject;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyDer: Buffer;
  /** SHA-1 of the SubjectPublicKeyInfo, used as key identifier. */
  readonly identifier: Buffer;
  /** The EC private scalar; undefined for RSA. */
  readonly scalar: Uint8Array | undefined;
}

const rsaAlgorithms = new Map<SignatureHash, string>([
  ['sha1', '1.2.840.113549.1.1.5'],
  ['sha256', '1.2.840.113549.1.1.11'],
  ['sha384', '1.2.840.113549.1.1.12'],
  ['sha512', '1.2.840.113549.1.1.13'],
]);
const ecAlgorithms = new Map<SignatureHash, string>([
  ['sha1', '1.2.840.10045.4.1'],
  ['sha256', '1.2.840.10045.4.3.2'],
  ['sha384', '1.2.840.10045.4.3.3'],
  ['sha512', '1.2.840.10045.4.3.4'],
]);

const parsed = new Map<string, PoolKey>();

/** Kind and size of a key of the pool, without parsing it. */
export function keyShape(label: TestKeyLabel): { readonly type: 'rsa' | 'ec'; readonly bits: number } {
  const stored = testKeys.find((key) => key.label === label);
  if (stored === undefined) throw new Error(`The key pool has no key "${label}".`);
  return stored;
}

/** Keys are parsed when first used: a start without certificates should not pay for them. */
export function poolKey(label: TestKeyLabel): PoolKey {
  const known = parsed.get(label);
  if (known !== undefined) return known;
  const stored = testKeys.find((key) => key.label === label);
  if (stored === undefined) throw new Error(`The key pool has no key "${label}".`);
  const privateKey = createPrivateKey(stored.pem);
  const publicKeyDer = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const secret = stored.type === 'ec' ? privateKey.export({ format: 'jwk' }).d : undefined;
  const key: PoolKey = {
    label,
    type: stored.type,
    bits: stored.bits,
    privateKey,
    publicKeyDer,
    identifier: createHash('sha1').update(publicKeyDer).digest(),
    scalar: secret === undefined ? undefined : Buffer.from(secret, 'base64url'),
  };
  parsed.set(label, key);
  return key;
}

/** AlgorithmIdentifier of a signature by this kind of key. */
export function signatureAlgorithm(key: PoolKey, hash: SignatureHash): Buffer {
  if (key.type === 'rsa') return sequence(oid(rsaAlgorithms.get(hash) ?? ''), nullValue);
  return sequence(oid(ecAlgorithms.get(hash) ?? ''));
}

/**
 * A signature that is the same on every run: RSA PKCS#1 v1.5 is so by nature, ECDSA through RFC 6979
 * (node:crypto draws a random nonce, so it cannot be used for the latter).
 */
export function signWith(key: PoolKey, hash: SignatureHash, content: Uint8Array): Buffer {
  if (key.scalar === undefined) return sign(hash, content, key.privateKey);
  const digest = createHash(hash).update(content).digest();
  const curve = key.bits === 384 ? p384 : p256;
  return Buffer.from(curve.sign(digest, key.scalar, { prehash: false, lowS: false, format: 'der' }));
}
