import { parse } from 'graphql';
import { UpstreamBudgetExhausted, type Logger } from '@certfolio/core';
import type { Resolvers } from '@certfolio/graph-kit';
import { createLocalSubgraph, type LocalSubgraph } from '../src/index.ts';

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires"])';

interface Ref {
  readonly id: string;
}

/** What resolves an entity: itself, nothing, or a failure, so that every third or so has something wrong. */
const unlessBroken =
  (ids: { readonly missing: string; readonly failing: string }) =>
  ({ id }: Ref) => {
    if (id === ids.failing) throw new UpstreamBudgetExhausted(1_000);
    return id === ids.missing ? null : { id };
  };

const nullFor =
  (broken: string, value: unknown) =>
  ({ id }: Ref) =>
    id === broken ? null : value;
const parts = (...ids: string[]) => ids.map((id) => ({ id: `p${id}` }));

/**
 * Three small subgraphs that know parts of the same things and get much of it wrong: entities that are missing or fail, nulls
 * where none may be, lists in lists. Any query over them goes back and forth.
 */
export function wovenSubgraphs(logger: Logger): LocalSubgraph[] {
  const subgraph = (name: string, typeDefs: string, resolvers: Resolvers) =>
    createLocalSubgraph({ name, typeDefs: parse(`${link}\n${typeDefs}`), resolvers }, logger, 1);
  return [
    subgraph(
      'items',
      `
        type Query { items(first: Int): [Item!] strict: [Item!]! item(id: ID!): Item }
        type Item @key(fields: "id") {
          id: ID! label: String kind: Kind part: Part must: Part! parts: [Part!]! maybe: [Part] grid: [[Part!]]
        }
        enum Kind { SMALL LARGE }
        type Part @key(fields: "id") { id: ID! size: Int @shareable }
      `,
      {
        Query: {
          items: () => ['1', '2', '3', '4'].map((id) => ({ id })),
          strict: () => [{ id: '2' }, { id: '5' }],
          item: (_root: unknown, { id }: Ref) => ({ id: id.slice(-1) }),
        },
        Item: {
          label: ({ id }: Ref) => (id === '2' ? null : `Item ${id}`),
          kind: ({ id }: Ref) => (id === '1' ? 'SMALL' : 'LARGE'),
          part: ({ id }: Ref) => (id === '4' ? null : { id: `p${id}` }),
          must: ({ id }: Ref) => ({ id: `p${Number(id) + 1}` }),
          parts: () => parts('1', '2', '1'),
          maybe: ({ id }: Ref) => [...parts('3', '4'), null, ...parts(id, '1')],
          grid: ({ id }: Ref) => [parts('1', id), null, parts('5'), []],
        },
        Part: { size: ({ id }: Ref) => Number(id.slice(1)) },
      } as Resolvers,
    ),
    subgraph(
      'names',
      `
        type Part @key(fields: "id") {
          id: ID! name: String! weight: Float tags: [String!]! owner: Owner! size: Int @external
          volume: Int @requires(fields: "size") shape: Shape @shareable layers: [Shape!] @shareable
        }
        type Shape { width: Int }
        type Owner @key(fields: "id") { id: ID! }
      `,
      {
        Part: {
          __resolveReference: unlessBroken({ missing: 'p3', failing: 'p4' }),
          name: nullFor('p5', 'a part'),
          weight: nullFor('p1', 1.5),
          tags: nullFor('p6', ['a', 'b']),
          owner: ({ id }: Ref) => ({ id: `o${id.slice(1)}` }),
          volume: () => 7,
          shape: () => ({ width: 3 }),
          layers: () => [{ width: 1 }, { width: 2 }],
        },
      } as Resolvers,
    ),
    subgraph(
      'owners',
      `
        type Query { owner(id: ID!): Owner }
        type Owner @key(fields: "id") { id: ID! title: String! best: Part parts: [Part!] }
        type Part @key(fields: "id") { id: ID! price: Int! size: Int @shareable shape: Shape @shareable layers: [Shape!] @shareable }
        type Shape { height: Int }
      `,
      {
        Query: { owner: (_root: unknown, { id }: Ref) => ({ id: `o${id.slice(-1)}` }) },
        Owner: {
          __resolveReference: unlessBroken({ missing: 'o2', failing: 'o6' }),
          title: nullFor('o1', 'an owner'),
          best: ({ id }: Ref) => ({ id: `p${id.slice(1)}` }),
          parts: () => parts('1', '3', '5'),
        },
        Part: {
          __resolveReference: unlessBroken({ missing: 'p1', failing: 'p2' }),
          price: nullFor('p5', 10),
          size: ({ id }: Ref) => Number(id.slice(1)),
          shape: () => ({ height: 4 }),
          layers: () => [{ height: 5 }, { height: 6 }],
        },
      } as Resolvers,
    ),
  ];
}
