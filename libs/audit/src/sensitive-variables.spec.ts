import { expect, it } from '@jest/globals';
import { sensitiveVariables } from './sensitive-variables.ts';

it('finds variables that go into a sensitive place, whatever they are called', () => {
  const text = `query ($x: String, $y: [String!], $z: Int, $input: Input!) {
    orders(first: $z, filter: { userEmail: { like: $x }, names: { in: $y } }) { ...Rows }
    make(input: $input, apiKey: $y)
  }
  fragment Rows on Orders { note(csr: { text: [$input] }) }`;
  expect([...sensitiveVariables(text)].sort()).toEqual(['input', 'x', 'y']);
  expect(sensitiveVariables('query ($n: Int) { orders(first: $n) { id } }')).toEqual(new Set());
});
