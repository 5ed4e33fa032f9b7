import { bits, boolean, context, contextString, integer, octets, oid, sequence, time } from './der.ts';
import { poolKey, signatureAlgorithm, signWith, type SignatureHash } from './keys.ts';
import { encodeAlternativeNames, encodeName, type AlternativeNames, type DistinguishedName } from './names.ts';
import { type TestKeyLabel } from './test-keys.ts';

export type CertificateUse = 'tls' | 'client' | 'code-signing' | 'ca';

export interface CertificateSpec {
  /** Hexadecimal, upper case, an even number of digits. */
  readonly serialNumber: string;
  readonly issuer: DistinguishedName;
  readonly issuerKey: TestKeyLabel;
  readonly hash: SignatureHash;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly subject: DistinguishedName;
  readonly subjectKey: TestKeyLabel;
  readonly names: AlternativeNames;
  readonly use: CertificateUse;
}

const extendedUses = new Map<CertificateUse, readonly string[]>([
  ['tls', ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']],
  ['client', ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.4']],
  ['code-signing', ['1.3.6.1.5.5.7.3.3']],
]);

function extension(type: string, isCritical: boolean, value: Buffer): Buffer {
  return isCritical ? sequence(oid(type), boolean(true), octets(value)) : sequence(oid(type), octets(value));
}

function extensions({ issuerKey, subjectKey, names, use }: CertificateSpec): Buffer {
  const list = [
    extension('2.5.29.35', false, sequence(contextString(0, poolKey(issuerKey).identifier))),
    extension('2.5.29.14', false, octets(poolKey(subjectKey).identifier)),
  ];
  if (names.dnsNames.length + names.emails.length > 0) {
    list.push(extension('2.5.29.17', false, encodeAlternativeNames(names)));
  }
  // keyCertSign and cRLSign for a CA, digitalSignature and keyEncipherment for the rest.
  list.push(extension('2.5.29.15', true, use === 'ca' ? bits(Buffer.from([0x06]), 1) : bits(Buffer.from([0xa0]), 5)));
  const uses = extendedUses.get(use);
  if (uses !== undefined) list.push(extension('2.5.29.37', false, sequence(...uses.map(oid))));
  list.push(extension('2.5.29.19', true, use === 'ca' ? sequence(boolean(true)) : sequence()));
  return sequence(...list);
}

/** An X.509 version 3 certificate (RFC 5280), DER. */
export function encodeCertificate(spec: CertificateSpec): Buffer {
  const signer = poolKey(spec.issuerKey);
  const algorithm = signatureAlgorithm(signer, spec.hash);
  const body = sequence(
    context(0, integer(Buffer.from([2]))),
    integer(Buffer.from(spec.serialNumber, 'hex')),
    algorithm,
    encodeName(spec.issuer),
    sequence(time(spec.notBeforeMs), time(spec.notAfterMs)),
    encodeName(spec.subject),
    poolKey(spec.subjectKey).publicKeyDer,
    context(3, extensions(spec)),
  );
  return sequence(body, algorithm, bits(signWith(signer, spec.hash, body)));
}
