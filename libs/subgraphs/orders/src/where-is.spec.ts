import { describe, expect, it } from '@jest/globals';
import { row } from '../test/run-document.ts';
import { findingByName, lookedFor } from './where-is.ts';

describe('what is looked for', () => {
  it.each([
    [{ name: 'Shop.Acme.test' }, { name: 'Shop.Acme.test' }],
    [{ name: ' https://shop.acme.test:8443/cart?x=1#y ' }, { name: 'shop.acme.test' }],
    [{ name: 'shop.acme.test.', serialNumber: ' ' }, { name: 'shop.acme.test' }],
    [{ name: null, serialNumber: '0a:1B 2c' }, { serialNumber: '0A1B2C' }],
    [{ thumbprint: 'ab12', name: '' }, { thumbprint: 'AB12' }],
  ])('of %j is %j', (args, expected) => {
    expect(lookedFor(args)).toEqual(expected);
  });

  it.each([
    [{}, /given 0 of name, serialNumber and thumbprint; it takes exactly one/],
    [{ name: 'a.test', serialNumber: '0A' }, /given 2 of/],
    [{ name: 'a.test', serialNumber: '0A', thumbprint: '0B' }, /given 3 of/],
    [{ serialNumber: '0G' }, /serialNumber must be hexadecimal/],
    [{ thumbprint: 'A'.repeat(65) }, /thumbprint must be hexadecimal/],
    [{ name: 'a'.repeat(254) }, /name has 254 characters/],
    [{ name: 'https://' }, /name has 0 characters/],
  ])('is refused for %j', (args, message) => {
    expect(() => lookedFor(args)).toThrow(message);
  });
});

describe('what was found', () => {
  const found = (name: string, commonName: string | null, dnsNames: readonly string[]) => {
    const { matchedName, matchType } = findingByName(name, row(1, { commonName, dnsNames }));
    return [matchedName, matchType];
  };

  it('is named as the certificate spells it, the closest first', () => {
    expect(found('shop.acme.test', 'Shop.ACME.test', ['*.acme.test'])).toEqual(['Shop.ACME.test', 'common_name']);
    expect(found('SHOP.acme.test', '*.acme.test', ['shop.acme.test'])).toEqual(['shop.acme.test', 'san']);
    expect(found('shop.acme.test', 'other.test', ['*.Acme.test'])).toEqual(['*.Acme.test', 'wildcard']);
    expect(found('shop.acme.test', null, ['*.acme.test'])).toEqual(['*.acme.test', 'wildcard']);
  });
});
