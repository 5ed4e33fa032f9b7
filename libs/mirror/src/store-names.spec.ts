import { expect, it } from '@jest/globals';
import { baseDomainOf, baseDomainsOf } from './store-names.ts';

it.each([
  ['shop.acme.test', 'acme.test'],
  ['*.shop.acme.test', 'acme.test'],
  ['acme.test', 'acme.test'],
  ['acme.test.', 'acme.test'],
  ['www.acme.co.uk', 'acme.co.uk'],
  ['acme.co.uk', 'acme.co.uk'],
  ['co.uk', 'co.uk'],
  ['www.acme.de', 'acme.de'],
  ['a.b.com.br', 'b.com.br'],
  ['Zürich.Example.CH', 'example.ch'],
  ['10.0.0.1', null],
  ['localhost', null],
  ['ada@acme.test', null],
  ['Ada Ray', null],
  ['2001:db8::1', null],
  ['', null],
])('the domain of %s is %s', (name, domain) => {
  expect(baseDomainOf(name)).toBe(domain);
});

it('names every domain once', () => {
  expect(baseDomainsOf(['a.acme.test', '*.acme.test', 'b.other.test', 'localhost'])).toEqual([
    'acme.test',
    'other.test',
  ]);
});
