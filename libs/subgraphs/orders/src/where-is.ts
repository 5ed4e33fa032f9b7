import {
  BadUserInput,
  type CertificateMatch,
  type CertificateRef,
  type Order,
  type OrderCondition,
  type OrderQuery,
} from '@certfolio/core';
import { certificateOf, type CertificateParent } from './certificates.ts';
import type { OrderFilterInput } from './filters.ts';

export interface WhereIsArgs {
  readonly name?: string | null;
  readonly serialNumber?: string | null;
  readonly thumbprint?: string | null;
  readonly filter?: OrderFilterInput | null;
  readonly first?: number | null;
}

/** By what a certificate was found: its common name, another name of it, a wildcard that covers the name, or its number. */
export type MatchType = 'common_name' | 'san' | 'wildcard' | 'serial_number' | 'thumbprint';

export interface CertificateFinding {
  readonly certificate: CertificateParent;
  readonly matchedName: string | null;
  readonly matchType: MatchType;
}

/** @throws BadUserInput unless exactly one of the three is given */
export function lookedFor({
  name,
  serialNumber,
  thumbprint,
}: WhereIsArgs): { readonly name: string } | { readonly serialNumber: string } | { readonly thumbprint: string } {
  const given = [name, serialNumber, thumbprint].filter((one) => one != null && one.trim() !== '');
  if (given.length !== 1)
    throw new BadUserInput(
      `whereIs was given ${given.length} of name, serialNumber and thumbprint; it takes exactly one of them.`,
    );
  if (name != null && name.trim() !== '') return { name: hostOf(name) };
  return serialNumber != null && serialNumber.trim() !== ''
    ? { serialNumber: hexOf(serialNumber, 'serialNumber') }
    : { thumbprint: hexOf(thumbprint!, 'thumbprint') };
}

/** What people paste: `https://shop.example.com:443/cart` means its host. */
function hostOf(name: string): string {
  const host = name
    .trim()
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/[/?#].*$/, '')
    .replace(/:\d+$/, '')
    .replace(/\.$/, '');
  if (host !== '' && host.length <= 253) return host;
  throw new BadUserInput(`name has ${host.length} characters; a name of a host has 1 to 253.`);
}

/** Tools print them with colons and spaces. */
function hexOf(text: string, name: string): string {
  const hex = text.replace(/[\s:]/g, '').toUpperCase();
  if (/^[0-9A-F]{1,64}$/.test(hex)) return hex;
  throw new BadUserInput(`${name} must be hexadecimal digits, with or without colons.`);
}

/** Present certificates that a name could be served with, those that are valid longest first. */
export function queryForName(name: string, conditions: readonly OrderCondition[], limit: number): OrderQuery {
  return {
    conditions: [{ op: 'coversName', name }, ...conditions],
    sort: [{ field: 'validTill', direction: 'desc' }],
    offset: 0,
    limit,
    after: null,
    withTotal: false,
  };
}

export function findingByName(name: string, order: Order): CertificateFinding {
  const wanted = name.toLowerCase();
  const is = (one: string | null | undefined) => one?.toLowerCase() === wanted;
  if (is(order.commonName)) return { certificate: order, matchedName: order.commonName!, matchType: 'common_name' };
  const other = order.dnsNames?.find(is);
  if (other !== undefined) return { certificate: order, matchedName: other, matchType: 'san' };
  const wildcard = [order.commonName, ...(order.dnsNames ?? [])].find((one) => one != null && covers(one, wanted));
  return { certificate: order, matchedName: wildcard ?? null, matchType: 'wildcard' };
}

/** A wildcard stands for one label. */
function covers(one: string, wanted: string): boolean {
  return one.startsWith('*.') && wanted.slice(wanted.indexOf('.') + 1) === one.slice(2).toLowerCase();
}

export function findingByRef(ref: CertificateRef, match: CertificateMatch): CertificateFinding {
  const certificate = certificateOf(match);
  const matchType = 'serialNumber' in ref ? 'serial_number' : 'thumbprint';
  return { certificate, matchedName: certificate.commonName ?? null, matchType };
}
