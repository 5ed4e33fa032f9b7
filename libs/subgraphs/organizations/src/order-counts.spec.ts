import { expect, it } from '@jest/globals';
import { countByDomain } from './order-counts.ts';

it('counts an order once for every domain that one of its names is or lies below', () => {
  const counts = countByDomain([
    { commonName: 'www.shop.acme.test', dnsNames: ['shop.acme.test', '*.Other.test'] },
    { commonName: 'acme.test', dnsNames: null },
    { commonName: null, dnsNames: [] },
  ]);
  expect(counts).toEqual(
    new Map([
      ['www.shop.acme.test', 1],
      ['shop.acme.test', 1],
      ['acme.test', 2],
      ['test', 2],
      ['other.test', 1],
    ]),
  );
});
