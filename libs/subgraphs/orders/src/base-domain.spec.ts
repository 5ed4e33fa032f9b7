import { expect, it } from '@jest/globals';
import { baseDomainOf } from './base-domain.ts';

it.each([
  ['shop.example.com', 'example.com'],
  ['*.Shop.Example.CO.UK', 'example.co.uk'],
  ['example.com', 'example.com'],
  ['a.b.acme.test', 'acme.test'],
  ['bücher.example.de', 'example.de'],
])('%s belongs to %s', (name, domain) => {
  expect(baseDomainOf(name)).toBe(domain);
});

it.each([['co.uk'], ['localhost'], ['ada@example.com'], ['Ada Ray'], ['192.0.2.1'], ['']])(
  '%s belongs to none',
  (name) => {
    expect(baseDomainOf(name)).toBeNull();
  },
);
