import { ROOT_NAME, rootSubject, type IssuingCa } from '../account/issuing-cas.ts';
import { encodeCertificate } from '../pki/certificate.ts';
import { toPem } from '../pki/pem.ts';
import { type FileSpec } from './file-spec.ts';

export interface ChainMember {
  readonly commonName: string;
  readonly pem: string;
}

const validity = { notBeforeMs: Date.UTC(2020, 0, 1), notAfterMs: Date.UTC(2045, 0, 1) };
const noNames = { dnsNames: [], emails: [] };
const pemOf = (der: Buffer) => toPem('CERTIFICATE', der, '\r\n');

function issuer(ca: IssuingCa): ChainMember {
  const der = encodeCertificate({
    ...validity,
    serialNumber: `1${ca.internalId}0`.padStart(8, '0'),
    issuer: rootSubject,
    issuerKey: 'root-rsa',
    hash: 'sha256',
    subject: ca.subject,
    subjectKey: ca.key,
    names: noNames,
    use: 'ca',
  });
  return { commonName: ca.name, pem: pemOf(der) };
}

function root(): ChainMember {
  const der = encodeCertificate({
    ...validity,
    serialNumber: '01',
    issuer: rootSubject,
    issuerKey: 'root-rsa',
    hash: 'sha256',
    subject: rootSubject,
    subjectKey: 'root-rsa',
    names: noNames,
    use: 'ca',
  });
  return { commonName: ROOT_NAME, pem: pemOf(der) };
}

/** Certificate, issuing CA and root, in this order; undefined when nothing was issued. PEM with CRLF line ends. */
export function chainOf(
  { certificate }: FileSpec,
  ca: IssuingCa,
): readonly [ChainMember, ChainMember, ChainMember] | undefined {
  if (certificate === undefined) return undefined;
  const leaf = { commonName: certificate.subject.commonName, pem: pemOf(encodeCertificate(certificate)) };
  return [leaf, issuer(ca), root()];
}
