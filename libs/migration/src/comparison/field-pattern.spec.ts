import { expect, it } from '@jest/globals';
import { isOfPattern, patternProblem } from './field-pattern.ts';

it.each([
  ['orders[*].price', 'orders[*].price', true],
  ['orders[*].price', 'orders[*].prices', false],
  ['orders[*].**', 'orders[*].certificate.id', true],
  ['orders[*].**', 'orders[*]', false],
  ['**.price', 'orders[*].price', true],
  ['orders[*].*', 'orders[*].certificate.id', false],
  ['orders[*].*_date', 'orders[*].valid_date', true],
  ['header:content-type', 'header:content-type', true],
  ['a.b', 'axb', false],
])('%s is of %s: %s', (pattern, field, is) => expect(isOfPattern(pattern, field)).toBe(is));

it('refuses patterns of everything, of one position, and none', () => {
  expect(patternProblem('orders[*].price')).toBeNull();
  for (const pattern of ['', '**', '*', 'orders[3].price', 'x'.repeat(201), '*a'.repeat(13)])
    expect(patternProblem(pattern)).toEqual(expect.any(String));
});
