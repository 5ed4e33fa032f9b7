import { expect, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import { createPreparedDocuments } from './prepared-documents.ts';

const schema = buildSchema(`
  type Query { rows(filter: Filter, sort: [By!], email: String, columns: [Column!]): [Row!] }
  type Row { id: ID parts(status: String): Int }
  input Filter { cost: Bounds name: String anyOf: [Filter!] }
  input Bounds { gte: String lte: String }
  input By { field: Column! }
  enum Column { id cost }
`);
const asked = (text: string) => [...createPreparedDocuments(() => schema).prepare(text).asked].sort();

it('knows what a text asks by: arguments, members of inputs and enum values, wherever they stand', () => {
  expect(asked('{ rows(filter: { anyOf: [{ cost: { gte: "1.00" } }] }, sort: { field: cost }) { id } }')).toEqual([
    'Bounds.gte',
    'By.field',
    'Column.cost',
    'Filter.anyOf',
    'Filter.cost',
    'Query.rows(filter:)',
    'Query.rows(sort:)',
  ]);
  expect(asked('query ($e: String) { x: rows(email: $e) { ...r } } fragment r on Row { parts(status: "a") }')).toEqual([
    'Query.rows(email:)',
    'Row.parts(status:)',
  ]);
  expect(
    asked('query ($f: Filter = { name: "a" }, $c: [Column!] = [cost]) { rows(filter: $f, columns: $c) { id } }'),
  ).toEqual(['Column.cost', 'Filter.name', 'Query.rows(columns:)', 'Query.rows(filter:)']);
});

it('takes null for not asking', () => {
  expect(asked('{ rows(filter: { cost: null, name: "a" }, email: null) { id } }')).toEqual([
    'Filter.name',
    'Query.rows(filter:)',
  ]);
});

it('finds the deprecated fields of a text once each, by their place in the schema, whatever their alias', () => {
  const deprecating = buildSchema(`
    type Query { rows: [Row!] old: Int @deprecated(reason: "Use rows.") }
    type Row { id: ID  code: String @deprecated }
  `);
  const prepared = createPreparedDocuments(() => deprecating).prepare(
    '{ old rows { id a: code b: code ...F } } fragment F on Row { code }',
  );
  expect(prepared.deprecated).toEqual([
    { field: 'Query.old', reason: 'Use rows.' },
    { field: 'Row.code', reason: 'No longer supported' },
  ]);
});
