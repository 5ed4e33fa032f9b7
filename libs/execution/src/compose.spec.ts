import { describe, expect, it } from '@jest/globals';
import { parse } from 'graphql';
import { CompositionError, composeSupergraph, type SubgraphDefinition } from './compose.ts';

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@shareable"])';
const subgraph = (name: string, sdl: string): SubgraphDefinition => ({
  name,
  url: '',
  typeDefs: parse(`${link}\n${sdl}`),
});
const orders = subgraph(
  'orders',
  'type Query { order(id: ID!): Order } type Order @key(fields: "id") { id: ID! organization: Organization } type Organization @key(fields: "id", resolvable: false) { id: ID! }',
);
const organizations = subgraph(
  'organizations',
  'type Query { organization(id: ID!): Organization } type Organization @key(fields: "id") { id: ID! name: String }',
);

const reasonsOf = (...subgraphs: SubgraphDefinition[]): readonly string[] => {
  try {
    composeSupergraph(subgraphs);
  } catch (error) {
    expect(error).toBeInstanceOf(CompositionError);
    return (error as CompositionError).reasons;
  }
  throw new Error('They compose.');
};

describe('composeSupergraph', () => {
  it('joins subgraphs into one schema, the same text in whatever order they are given', () => {
    const supergraph = composeSupergraph([orders, organizations]);
    expect(supergraph).toContain('name: String');
    expect(composeSupergraph([organizations, orders])).toBe(supergraph);
  });

  it('names the subgraph and the reason when they do not fit', () => {
    const wrong = subgraph(
      'organizations',
      'type Query { organization(id: ID!): Organization } type Organization @key(fields: "id") { id: ID! name: String owner: Nobody }',
    );
    expect(reasonsOf(orders, wrong)).toEqual([expect.stringMatching(/\[organizations\].*Nobody/)]);
    const different = subgraph('organizations', 'type Query { x: Int } type Order @key(fields: "id") { id: Int! }');
    expect(reasonsOf(orders, different).join('\n')).toMatch(/Order\.id/);
    expect(
      reasonsOf(orders, subgraph('organizations', 'type Order @key(fields: "nothing") { id: ID! }')).join('\n'),
    ).toMatch(/nothing/);
  });

  it('lists every reason in its message', () => {
    const error = new CompositionError(['one', 'two']);
    expect(error.message).toBe('The subgraphs do not compose:\n  - one\n  - two');
  });

  it('refuses @requires that passes arguments, under whatever name the directive is imported', () => {
    const prices = (directive: string) => `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", { name: "@requires", as: "@${directive}" }])
      type Query { x: Int }
      type Order @key(fields: "id") { id: ID! cost(currency: String): String @external label: String @${directive}(fields: "cost(currency: \\"EUR\\")") }
    `;
    const priced = subgraph(
      'orders',
      'type Query { order(id: ID!): Order } type Order @key(fields: "id") { id: ID! cost(currency: String): String }',
    );
    for (const directive of ['requires', 'my_requires']) {
      const reasons = reasonsOf(priced, { name: 'prices', url: '', typeDefs: parse(prices(directive)) });
      expect(reasons).toEqual([
        expect.stringMatching(/^\[prices\] Order\.label: @requires\(fields: "cost\(.*passes arguments/),
      ]);
    }
  });

  it('takes @requires without arguments', () => {
    const labels = subgraph(
      'labels',
      'type Query { x: Int } type Order @key(fields: "id") { id: ID! status: String @external label: String @requires(fields: "status") }',
    );
    const withStatus = subgraph(
      'orders',
      'type Query { order(id: ID!): Order } type Order @key(fields: "id") { id: ID! status: String }',
    );
    expect(composeSupergraph([withStatus, labels])).toContain('label: String');
  });
});
