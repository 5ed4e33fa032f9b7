import { contextString, oid, printable, sequence, set, utf8 } from './der.ts';

/** The parts of an X.500 name that certificates here carry, in the order they are encoded. */
export interface DistinguishedName {
  readonly country?: string | undefined;
  readonly state?: string | undefined;
  readonly city?: string | undefined;
  readonly organization?: string | undefined;
  readonly units?: readonly string[] | undefined;
  readonly commonName: string;
}

export interface AlternativeNames {
  readonly dnsNames: readonly string[];
  readonly emails: readonly string[];
}

const attribute = (type: string, value: Buffer) => set(sequence(oid(type), value));

export function encodeName(name: DistinguishedName): Buffer {
  const parts: Buffer[] = [];
  if (name.country) parts.push(attribute('2.5.4.6', printable(name.country.toUpperCase())));
  if (name.state) parts.push(attribute('2.5.4.8', utf8(name.state)));
  if (name.city) parts.push(attribute('2.5.4.7', utf8(name.city)));
  if (name.organization) parts.push(attribute('2.5.4.10', utf8(name.organization)));
  for (const unit of name.units ?? []) parts.push(attribute('2.5.4.11', utf8(unit)));
  parts.push(attribute('2.5.4.3', utf8(name.commonName)));
  return sequence(...parts);
}

/** GeneralNames of the subjectAltName extension (RFC 5280, 4.2.1.6). */
export function encodeAlternativeNames({ dnsNames, emails }: AlternativeNames): Buffer {
  return sequence(
    ...emails.map((email) => contextString(1, Buffer.from(email, 'ascii'))),
    ...dnsNames.map((name) => contextString(2, Buffer.from(name, 'ascii'))),
  );
}
