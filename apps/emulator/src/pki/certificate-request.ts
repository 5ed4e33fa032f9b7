import { bits, context, integer, octets, oid, sequence, set } from './der.ts';
import { poolKey, signatureAlgorithm, signWith, type SignatureHash } from './keys.ts';
import { encodeAlternativeNames, encodeName, type AlternativeNames, type DistinguishedName } from './names.ts';
import { type TestKeyLabel } from './test-keys.ts';

export interface RequestSpec {
  readonly subject: DistinguishedName;
  readonly names: AlternativeNames;
  readonly key: TestKeyLabel;
  readonly hash: SignatureHash;
}

/** A PKCS#10 certification request (RFC 2986), DER. */
export function encodeRequest({ subject, names, key, hash }: RequestSpec): Buffer {
  const signer = poolKey(key);
  const hasNames = names.dnsNames.length + names.emails.length > 0;
  const alternativeNames = sequence(oid('2.5.29.17'), octets(encodeAlternativeNames(names)));
  const extensionRequest = sequence(oid('1.2.840.113549.1.9.14'), set(sequence(alternativeNames)));
  const info = sequence(
    integer(Buffer.from([0])),
    encodeName(subject),
    signer.publicKeyDer,
    context(0, ...(hasNames ? [extensionRequest] : [])),
  );
  return sequence(info, signatureAlgorithm(signer, hash), bits(signWith(signer, hash, info)));
}
