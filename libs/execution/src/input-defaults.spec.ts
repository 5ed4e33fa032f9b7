import { describe, expect, it } from '@jest/globals';
import { buildSchema, parse, type OperationDefinitionNode } from 'graphql';
import { createDefaultsFiller } from './input-defaults.ts';

const schema = buildSchema(`
  enum Direction { ASC DESC }
  input OrderBy { field: String!, direction: Direction! = ASC }
  input Filter { name: String, zone: String = "UTC", anyOf: [Filter!], sort: OrderBy, days: [Int!]! = [1, 2] }
  input Plain { name: String }
  type Query { orders(filter: Filter, orderBy: [OrderBy!], plain: Plain, first: Int): Int }
`);

const fillerOf = (head: string) =>
  createDefaultsFiller(schema, parse(`query (${head}) { __typename }`).definitions[0] as OperationDefinitionNode);

describe('defaults of input fields', () => {
  it('are added where a field is left out, at any depth', () => {
    expect(fillerOf('$filter: Filter!')!({ filter: { anyOf: [{ name: 'a', sort: { field: 'id' } }] } })).toEqual({
      filter: {
        zone: 'UTC',
        days: [1, 2],
        anyOf: [{ name: 'a', zone: 'UTC', days: [1, 2], sort: { field: 'id', direction: 'ASC' } }],
      },
    });
  });

  it('give way to what is there, null included', () => {
    expect(fillerOf('$filter: Filter')!({ filter: { zone: null, days: [3] } })).toEqual({
      filter: { zone: null, days: [3] },
    });
    expect(fillerOf('$filter: Filter')!({ filter: null })).toEqual({ filter: null });
    expect(fillerOf('$filter: Filter')!({})).toEqual({});
  });

  it('are added in lists, and in a single value that stands for a list', () => {
    const fill = fillerOf('$orderBy: [OrderBy!]')!;
    expect(fill({ orderBy: [{ field: 'id' }] })).toEqual({ orderBy: [{ field: 'id', direction: 'ASC' }] });
    expect(fill({ orderBy: { field: 'id', direction: 'DESC' } })).toEqual({
      orderBy: { field: 'id', direction: 'DESC' },
    });
  });

  it('are added for variables whose type is non-null', () => {
    const fill = fillerOf('$first: Int! = 6, $orderBy: [OrderBy!]! = [{ field: "id" }], $plain: Plain')!;
    expect(fill({})).toEqual({ first: 6, orderBy: [{ field: 'id', direction: 'ASC' }] });
    expect(fill({ first: 7, orderBy: undefined })).toEqual({
      first: 7,
      orderBy: [{ field: 'id', direction: 'ASC' }],
    });
    expect(fill({ first: null })).toMatchObject({ first: null });
  });

  it('need no work where no variable can lack one', () => {
    expect(fillerOf('$first: Int, $plain: Plain')).toBeNull();
  });
});
