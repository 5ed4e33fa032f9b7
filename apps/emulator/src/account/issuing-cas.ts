import { type DistinguishedName } from '../pki/names.ts';
import { type TestKeyLabel } from '../pki/test-keys.ts';

export interface IssuingCa {
  /** The public hexadecimal id of order info's `ca_cert.id`. */
  readonly id: string;
  /** The internal number of the duplicates list's `ca_cert_id`. */
  readonly internalId: string;
  readonly name: string;
  readonly key: TestKeyLabel;
  readonly subject: DistinguishedName;
}

export const ROOT_NAME = 'Emulated Root CA G1';
export const rootSubject: DistinguishedName = { country: 'us', organization: 'Emulated Trust', commonName: ROOT_NAME };

function ca(id: string, internalId: string, name: string, key: TestKeyLabel): IssuingCa {
  return { id, internalId, name, key, subject: { country: 'us', organization: 'Emulated Trust', commonName: name } };
}

export const issuingCas = {
  tlsRsa: ca('3A5E6F7089BC0D12', '1005', 'Emulated TLS RSA CA G2', 'ca-rsa-a'),
  tlsEc: ca('7C11D0E4F2A96B35', '1006', 'Emulated TLS ECC CA G1', 'ca-p256'),
  ev: ca('5F90AB1C77E2D348', '1007', 'Emulated EV RSA CA G2', 'ca-rsa-b'),
  client: ca('0B6C3FD2915E84A7', '1008', 'Emulated Client CA G1', 'ca-rsa-b'),
  codeSigning: ca('E18D5A604B7C93F2', '1009', 'Emulated Code Signing CA G1', 'ca-rsa-a'),
  privateTls: ca('92F47E0D3CB5A816', '1010', 'Meridian Private Issuing CA', 'ca-rsa-b'),
} as const satisfies Readonly<Partial<Record<string, IssuingCa>>>;

export const issuingCaList: readonly IssuingCa[] = Object.values(issuingCas);
