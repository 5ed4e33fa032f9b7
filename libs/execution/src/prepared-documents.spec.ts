import { expect, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import { DocumentError, createPreparedDocuments } from './prepared-documents.ts';

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

const refusalOf = (text: string) => {
  try {
    createPreparedDocuments(() => schema).prepare(text);
    return [];
  } catch (error) {
    if (error instanceof DocumentError) return error.errors.map(({ message }) => message);
    throw error;
  }
};

it('suggests no name of the schema', () => {
  expect(refusalOf('{ row { id } }')).toEqual(['Cannot query field "row" on type "Query".']);
  for (const text of [
    '{ rows { parts(statu: "a") } }',
    '{ rows(columns: [ids]) { id } }',
    '{ rows(filter: { nam: "a" }) { id } }',
    '{ rows { ... on Rows { id } } }',
    'query ($f: Filte) { rows(filter: $f) { id } }',
    '{ rows { id @skipp(if: true) } }',
  ]) {
    expect([text, refusalOf(text).length]).not.toEqual([text, 0]);
    expect(refusalOf(text).join()).not.toMatch(/did you mean/i);
  }
});

it('refuses directives that stand twice at one place with one error, however many they are', () => {
  for (const many of [2, 10, 5_000])
    expect(refusalOf(`{ rows { id ${'@a '.repeat(many)} } }`)).toEqual([
      `${many} directives stand at one place, 1 of them different; each is allowed once.`,
    ]);
  expect(refusalOf(`query @b @b { rows { ... @skip(if: true) { id } } }`)).toHaveLength(1);
  expect(refusalOf('{ rows { id @skip(if: false) @include(if: true) } }')).toEqual([]);
});

it('says why it stops checking a document that repeats itself', () => {
  expect(refusalOf(`{ ${'rows { id } '.repeat(3_000)} }`)).toEqual([
    'The document repeats its fields and fragments too often to be checked; ask for each once.',
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
