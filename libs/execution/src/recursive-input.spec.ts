import { expect, it } from '@jest/globals';
import { buildSchema, getOperationAST, parse } from 'graphql';
import { hasRecursiveInput } from './recursive-input.ts';

const schema = buildSchema(`
  type Query { find(filter: Filter, page: Page, around: Around, n: Int): Int }
  input Filter { name: Text, anyOf: [Filter!], not: Filter }
  input Text { eq: String }
  input Page { first: Int, name: Text, other: Text }
  input Around { page: Page, back: Back }
  input Back { around: [Around] }
`);

it.each([
  ['query ($n: Int) { find(n: $n) }', false],
  ['query ($p: Page!) { find(page: $p) }', false],
  ['query ($f: Filter) { find(filter: $f) }', true],
  ['query ($n: Int, $f: [[Filter!]!]!) { find(n: $n) }', true],
  ['query ($a: Around) { find(around: $a) }', true],
  ['query ($u: Unknown) { find }', false],
  ['{ find(filter: {not: {name: {eq: "x"}}}) }', false],
])('%s: %s', (text, expected) => {
  expect(hasRecursiveInput(schema, getOperationAST(parse(text))!)).toBe(expected);
});
