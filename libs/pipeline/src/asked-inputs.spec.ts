import { expect, it } from '@jest/globals';
import { buildSchema, parse, type OperationDefinitionNode } from 'graphql';
import { inputsOfVariables } from './asked-inputs.ts';

const schema = buildSchema(`
  type Query { rows(filter: Filter, sort: [By!], limit: Int): Int }
  input Filter { cost: Bounds name: String anyOf: [Filter!] }
  input Bounds { gte: String lte: String }
  input By { field: Column! }
  enum Column { id cost }
`);
const asked = (definitions: string, variables: Record<string, unknown>) => {
  const document = parse(`query (${definitions}) { rows }`);
  return [...inputsOfVariables(schema, document.definitions[0] as OperationDefinitionNode, variables)].sort();
};

it('names members and enum values at any depth, in lists and in single values that stand for a list', () => {
  expect(asked('$f: Filter', { f: { anyOf: [{ name: 'a' }, { anyOf: [{ cost: { gte: '1.00' } }] }] } })).toEqual([
    'Bounds.gte',
    'Filter.anyOf',
    'Filter.cost',
    'Filter.name',
  ]);
  expect(asked('$s: [By!]!', { s: [{ field: 'id' }, { field: 'cost' }] })).toEqual([
    'By.field',
    'Column.cost',
    'Column.id',
  ]);
  expect(asked('$s: [By!]', { s: { field: 'cost' } })).toEqual(['By.field', 'Column.cost']);
  expect(asked('$c: Column', { c: 'cost' })).toEqual(['Column.cost']);
});

it('names nothing for null, for what was not given, and for what the type does not have', () => {
  expect(asked('$f: Filter', { f: { cost: null, constructor: 1, nothing: { cost: 1 } } })).toEqual([]);
  expect(asked('$f: Filter', { f: null })).toEqual([]);
  expect(asked('$f: Filter, $n: Int', { g: { cost: {} }, n: 3 })).toEqual([]);
  expect(asked('$f: Unknown', { f: { cost: {} } })).toEqual([]);
  expect(asked('$f: Filter', { f: 'cost' })).toEqual([]);
});
