import { describe, expect, it } from '@jest/globals';
import { parse } from 'graphql';
import { BadUserInput } from '@certfolio/core';
import type { Resolvers, Subgraph } from '@certfolio/graph-kit';
import { contextOf, loggerAtHand } from '../test/request-context.ts';
import { createLocalSubgraph } from './local-subgraph.ts';

const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { find(filter: Filter, n: Int): [Item] broken: Item mine: Item must: Item! slow: Int }
  type Item @key(fields: "id") { id: ID! name: String label: String! }
  input Filter { name: String, zone: String = "UTC", anyOf: [Filter!], not: Filter }
`);
const context = contextOf(0);

function subgraphAtHand(logger = loggerAtHand()) {
  const asked: unknown[] = [];
  const resolvers: Resolvers = {
    Query: {
      find: (_root, args) => {
        asked.push(args);
        return [
          { id: 1, name: 'one', label: 'x' },
          { id: 2, name: null, label: 'y' },
        ];
      },
      broken: () => {
        throw new TypeError('postgres://user:password@db');
      },
      mine: () => Promise.reject(new BadUserInput('first is 0', { argument: 'first' })),
      must: () => null,
    },
    Item: { name: ({ name }: { name: string | null }) => name },
  };
  const subgraph: Subgraph = { name: 'items', typeDefs, resolvers };
  const local = createLocalSubgraph(subgraph, logger);
  const run = (query: string, variables: Record<string, unknown> = {}, operationName?: string) =>
    local.run(query, variables, operationName, context);
  return { local, run, asked, logger };
}

describe('a local subgraph', () => {
  it('answers data, by variables, aliases and fragments', async () => {
    const { run, asked } = subgraphAtHand();
    const answer = await run(
      'query ($n: Int) { a: find(n: $n) { ...item } } fragment item on Item { id called: name }',
      { n: 3 },
    );
    expect(answer).toEqual({
      data: {
        a: [
          { id: '1', called: 'one' },
          { id: '2', called: null },
        ],
      },
    });
    expect(asked).toEqual([{ n: 3 }]);
  });

  it.each([
    'query ($no: Boolean!) { a: find { ...F @include(if: $no) id } b: find { ...F } } fragment F on Item { label }',
    'query ($no: Boolean!) { b: find { ...F } a: find { id ... @include(if: $no) { ...F } } } fragment F on Item { label }',
    'query ($no: Boolean!) { b: find { ...G } a: find { id ...F @include(if: $no) } } fragment G on Item { ...F } fragment F on Item { label }',
  ])('leaves a fragment out where its condition says so and nowhere else, however often it runs: %s', async (query) => {
    const { local } = subgraphAtHand();
    const expected = { data: { a: [{ id: '1' }, { id: '2' }], b: [{ label: 'x' }, { label: 'y' }] } };
    for (let use = 1; use <= 5; use += 1)
      expect(await local.run(query, { no: false }, undefined, context)).toEqual(expected);
    expect(await local.prepare(query, undefined)({ no: false }, context)).toEqual(expected);
  });

  it('has no field that its condition leaves out, however often it ran', async () => {
    const { run } = subgraphAtHand();
    const keys: string[][] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      const { data } = await run('query ($yes: Boolean!) { a: slow b: slow @include(if: $yes) }', { yes: false });
      keys.push(Object.keys(data!));
    }
    expect(keys).toEqual([['a'], ['a'], ['a'], ['a'], ['a']]);
  });

  it('parses and compiles a text once: what is done with its nodes in the first run serves the second', async () => {
    const { local, asked } = subgraphAtHand();
    const nodes: unknown[] = [];
    // The resolver is told the node of its field; a text parsed anew would have another one.
    const { Query } = {
      Query: {
        find: (_root: unknown, _args: unknown, _context: unknown, info: { fieldNodes: readonly unknown[] }) =>
          void nodes.push(info.fieldNodes[0]),
      },
    };
    const watched = createLocalSubgraph({ name: 'items', typeDefs, resolvers: { Query } }, loggerAtHand());
    const query = '{ find { id } }';
    await watched.run(query, {}, undefined, context);
    await watched.run(query, {}, undefined, context);
    await watched.run(`${query} `, {}, undefined, context);
    expect(nodes[1]).toBe(nodes[0]);
    expect(nodes[2]).not.toBe(nodes[0]);
    expect(asked).toEqual([]);
    expect(local.name).toBe('items');
  });

  it('keeps operations of one document apart', async () => {
    const { run } = subgraphAtHand();
    const text = 'query A { find { id } } query B { find { name } }';
    expect(await run(text, {}, 'A')).toEqual({ data: { find: [{ id: '1' }, { id: '2' }] } });
    expect(await run(text, {}, 'B')).toEqual({ data: { find: [{ name: 'one' }, { name: null }] } });
    expect(await run(text, {}, 'C')).toMatchObject({
      errors: [{ extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } }],
    });
  });

  it('takes a variable whose type contains itself, with the defaults of its fields', async () => {
    const { run, asked } = subgraphAtHand();
    const answer = await run('query ($f: Filter) { find(filter: $f) { id } }', {
      f: { name: 'a', anyOf: [{ name: 'b' }, { not: { zone: 'Europe/Berlin' } }] },
    });
    expect(answer).toEqual({ data: { find: [{ id: '1' }, { id: '2' }] } });
    expect(asked).toEqual([
      {
        filter: {
          name: 'a',
          zone: 'UTC',
          anyOf: [
            { name: 'b', zone: 'UTC' },
            { zone: 'UTC', not: { zone: 'Europe/Berlin' } },
          ],
        },
      },
    ]);
  });

  it('gives entities and its SDL to the gateway', async () => {
    const { run } = subgraphAtHand();
    const answer = await run('query ($r: [_Any!]!) { _entities(representations: $r) { ... on Item { id } } }', {
      r: [{ __typename: 'Item', id: '7' }],
    });
    expect(answer).toEqual({ data: { _entities: [{ id: '7' }] } });
    expect((await run('{ _service { sdl } }')).data).toMatchObject({
      _service: { sdl: expect.stringContaining('type Item') },
    });
  });
});

describe('errors of a local subgraph', () => {
  it('carry the code of a text that is no GraphQL, does not fit, or has wrong variables', async () => {
    const { run } = subgraphAtHand();
    const codes = async (query: string, variables?: Record<string, unknown>) =>
      (await run(query, variables)).errors!.map(({ extensions }) => extensions!['code']);
    expect(await codes('{ find {')).toEqual(['GRAPHQL_PARSE_FAILED']);
    expect(await codes('{ nothing }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(await codes('{ nothing }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(await codes('query ($n: Int) { find(n: $n) { id } }', { n: 'three' })).toEqual(['BAD_USER_INPUT']);
    expect(await codes('query ($n: Int!) { find(n: $n) { id } }', {})).toEqual(['BAD_USER_INPUT']);
    expect(await codes('query ($f: Filter) { find(filter: $f) { id } }', { f: { nothing: 1 } })).toEqual([
      'BAD_USER_INPUT',
    ]);
  });

  it('are ours with code, facts and path', async () => {
    const { run, logger } = subgraphAtHand();
    expect(await run('{ m: mine { id } find { id } }')).toEqual({
      data: { m: null, find: [{ id: '1' }, { id: '2' }] },
      errors: [{ message: 'first is 0', path: ['m'], extensions: { code: 'BAD_USER_INPUT', argument: 'first' } }],
    });
    expect(logger.lines).toEqual([]);
  });

  it("are masked when they are a stranger's, with the cause in the log under the request", async () => {
    const { run, logger } = subgraphAtHand();
    const answer = await run('{ broken { id } }');
    expect(answer).toMatchObject({
      data: { broken: null },
      errors: [{ path: ['broken'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
    });
    expect(JSON.stringify(answer)).not.toContain('password');
    expect(logger.lines).toMatchObject([
      {
        level: 'error',
        facts: { subgraph: 'items', requestId: 'request-1', err: { message: 'postgres://user:password@db' } },
      },
    ]);
  });

  it('take the whole answer where a null may not be', async () => {
    const { run } = subgraphAtHand();
    expect(await run('{ must { id } }')).toMatchObject({
      data: null,
      errors: [{ path: ['must'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
    });
  });
});

describe('types whose values are ready for the wire', () => {
  const wireDefs = parse(`
    type Query { rows: [Row] one: Row! items: [Item] }
    type Row { id: ID! name: String flag: Boolean item: Item }
    type Item { id: ID! }
  `);
  const resolvers: Resolvers = {
    Query: {
      rows: () => [{ id: '1', name: 'one', flag: true, item: { id: 7 } }, null, { id: '2', name: null, flag: null }],
      one: () => ({ id: null }),
      items: () => [{ id: 7 }],
    },
  };
  const subgraph: Subgraph = { name: 'rows', typeDefs: wireDefs, resolvers, wireReadyTypes: new Set(['Row']) };
  const ways = [1, Number.POSITIVE_INFINITY].map((compileAtUse) =>
    createLocalSubgraph(subgraph, loggerAtHand(), compileAtUse),
  );
  const answersTo = (query: string) => Promise.all(ways.map((way) => way.run(query, {}, undefined, context)));

  it.each(['{ rows { id name flag __typename } }', '{ rows { id item { id } } items { id } }', '{ items { id } }'])(
    'are answered compiled as interpreted: %s',
    async (query) => {
      const [compiled, interpreted] = await answersTo(query);
      expect(compiled!.errors).toBeUndefined();
      expect(JSON.stringify(compiled)).toBe(JSON.stringify(interpreted));
    },
  );

  it('still miss what must not be null', async () => {
    for (const { data, errors } of await answersTo('{ one { id } }'))
      expect([data, errors?.map(({ path }) => path)]).toEqual([null, [['one', 'id']]]);
  });

  it('are taken at their word: no value of theirs is converted', async () => {
    const query = '{ rows { id } }';
    const rows = () => [{ id: 7 }];
    const taken = createLocalSubgraph({ ...subgraph, resolvers: { Query: { rows } } }, loggerAtHand(), 1);
    expect(await taken.run(query, {}, undefined, context)).toEqual({ data: { rows: [{ id: 7 }] } });
  });
});
