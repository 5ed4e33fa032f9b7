import { expect, it } from '@jest/globals';
import { buildSchema } from 'graphql';
import { createPreparedDocuments } from '@certfolio/execution';
import { defaultComplexityLimits } from '@certfolio/templates';
import { KnownOperations } from './operation-facts.ts';

const schema = buildSchema(
  'type Query { orders(first: Int = 100): [Order!] me: String } type Order { id: ID names: [Name!] other: [Name!] } type Name { text: String }',
);
const documents = createPreparedDocuments(() => schema);
const operations = new KnownOperations({
  schema: () => schema,
  limits: { ...defaultComplexityLimits, maxCost: 50 },
  shareableFields: new Set(['Query.orders']),
});
const factsOf = (text: string) => operations.of(documents.prepare(text), null);

it('finds the facts of a document once', () => {
  expect(factsOf('{ me }')).toBe(factsOf('{ me }'));
});

it('says whether keys may share a run', () => {
  expect(factsOf('{ orders(first: 1) { id } }').isKeyless).toBe(true);
  expect(factsOf('{ orders(first: 1) { id } me }').isKeyless).toBe(false);
});

it('counts each page size for itself and refuses what is too expensive every time', () => {
  const { costOf } = factsOf('query ($n: Int) { orders(first: $n) { id } }');
  expect(costOf({ n: 10 })).toBe(10);
  expect(costOf({ n: 20 })).toBe(20);
  expect(costOf({ n: 10 })).toBe(10);
  for (const attempt of [1, 2]) expect(() => costOf({ n: 51, attempt })).toThrow('51 points');
});

it('counts what is known of the size of a list', () => {
  const known = new KnownOperations({
    schema: () => schema,
    limits: {
      ...defaultComplexityLimits,
      listSize: (type, field) => (`${type}.${field}` === 'Order.names' ? 3 : null),
    },
    shareableFields: new Set(),
  });
  const cost = (text: string) => known.of(documents.prepare(text), null).costOf({});
  expect(cost('{ orders(first: 10) { names { text } } }')).toBe(10 * (1 + 3));
  expect(cost('{ orders(first: 1) { other { text } } }')).toBe(1 + 100);
});

it('refuses an operation that is not there', () => {
  expect(() => operations.of(documents.prepare('{ me }'), 'Other')).toThrow('no operation named "Other"');
});
