import { describe, expect, it } from '@jest/globals';
import { buildSchema, getOperationAST, parse } from 'graphql';
import {
  costShapeOf,
  expectedPoints,
  leftOut,
  pointsOf,
  rowFieldsOf,
  tallyOf,
  type Expectation,
} from './cost-shape.ts';
import { estimateCost } from './operation-cost.ts';

const schema = buildSchema(`
  type Query { orders(first: Int = 100, after: String): Orders!  order(id: ID!): Order  everything(limit: Int): [Order]  domains: [Domain!] }
  type Orders { nodes: [Order!]!  edges: [Edge!]!  pageInfo: PageInfo!  totalCount: Int }
  type Edge { node: Order!  cursor: String }
  type PageInfo { hasNextPage: Boolean! }
  type Order { id: ID!  names: [String!]  certificate: Certificate  organization: Organization  copies: [Certificate!]  grid: [[Certificate]] }
  type Certificate { commonName: String }
  type Organization { id: ID!  name: String }
  type Domain { name: String }
`);

function shapeOf(source: string) {
  const document = parse(source);
  return costShapeOf(schema, document, getOperationAST(document)!);
}
const points = (source: string, data: Record<string, unknown> | null) => pointsOf(tallyOf(shapeOf(source), data));
const order = (copies: number) => ({
  id: '1',
  names: ['a', 'b'],
  certificate: { commonName: 'a' },
  organization: null,
  copies: Array.from({ length: copies }, () => ({ commonName: 'b' })),
});

describe('the points of an answer', () => {
  it('are its objects: scalars, nulls and lists of scalars are free', () => {
    const source = '{ order(id: 1) { id names certificate { commonName } organization { name } } }';
    expect(points(source, { order: order(0) })).toBe(2);
    expect(points(source, { order: null })).toBe(0);
    expect(points(source, null)).toBe(0);
  });

  it('count every object of a list, of lists in lists, too', () => {
    const source = '{ everything { copies { commonName } grid { commonName } } }';
    const grid = [[{ commonName: 'a' }, null], [{ commonName: 'b' }]];
    expect(points(source, { everything: [{ copies: [{}, {}], grid }, null, { copies: null, grid: null }] })).toBe(6);
  });

  it('go by the keys of the answer, aliases and names of prototypes included', () => {
    expect(points('{ a: order(id: 1) { id } constructor: order(id: 2) { id } }', { a: { id: '1' } })).toBe(1);
    expect(
      points('{ order(id: 1) { __typename toString: certificate { commonName } } }', {
        order: { toString: { commonName: 'a' } },
      }),
    ).toBe(2);
  });

  it('leave out what is asked of the schema', () => {
    expect(points('{ __schema { types { name } } }', { __schema: { types: [{ name: 'a' }] } })).toBe(0);
  });
});

describe('the points that a run is expected to have', () => {
  const unknown: Expectation = { ratioOf: () => null, rows: new Map(), rowCap: 10_000, wholeRun: null };
  const source =
    'query ($n: Int = 10) { orders(first: $n) { nodes { certificate { commonName } copies { commonName } } pageInfo { hasNextPage } } }';
  const expected = (about: Partial<Expectation>, variables = {}, text = source) =>
    expectedPoints(shapeOf(text), variables, { ...unknown, ...about }).points;

  it.each([source, '{ everything(limit: 3) { copies { commonName } } domains { name } }', '{ order(id: 1) { id } }'])(
    'are what the text can give, where nothing is known: %s',
    (text) => {
      const document = parse(text);
      expect(expected({}, {}, text)).toBe(estimateCost(schema, document, getOperationAST(document)!, {}));
    },
  );

  it('are rows that match times what a row is known to hold', () => {
    const ratioOf: Expectation['ratioOf'] = ({ path }) => (path === 'orders.nodes.copies' ? 0.5 : null);
    // 1 connection, 4 rows of 1 certificate and half a copy, 1 page info
    expect(expected({ rows: new Map([['orders', 4]]), ratioOf })).toBe(1 + 4 + 4 + 2 + 1);
  });

  it('are those of one page, however many rows match', () => {
    const ratioOf = () => 0;
    expect(expected({ rows: new Map([['orders', 500]]), ratioOf: ({ isList }) => (isList ? 0 : 1) })).toBe(
      1 + 10 + 10 + 1,
    );
    expect(expected({ rows: new Map([['orders', 500]]), ratioOf }, { n: 3 })).toBe(3);
  });

  it('are those of all pages of a whole run, up to the rows of a run', () => {
    const about = {
      rows: new Map([['orders', 2_500]]),
      ratioOf: ({ isList }: { isList: boolean }) => (isList ? 0 : 1),
      wholeRun: { rootKey: 'orders', pageSize: 1_000 },
    };
    expect(expected(about)).toBe(3 + 2_500 + 2_500 + 3);
    expect(expected({ ...about, rowCap: 1_500 })).toBe(2 + 1_500 + 1_500 + 2);
    expect(expected({ ...about, rows: new Map([['orders', 0]]) })).toBe(2);
  });

  it('never take a list for longer than its size allows, whatever earlier runs had', () => {
    expect(expected({ ratioOf: ({ path }) => (path === 'orders.nodes' ? 900 : path === 'orders' ? 1 : 0) })).toBe(
      1 + 10,
    );
  });

  it('count rows of every root field by its own key', () => {
    const rows = new Map([
      ['a', 2],
      ['everything', 5],
    ]);
    expect(expected({ rows }, {}, '{ a: orders { edges { node { id } } } everything { id } }')).toBe(1 + 2 + 2 + 5);
  });
});

it('names the root fields that hold rows', () => {
  const shape = shapeOf('{ a: orders { nodes { id } } order(id: 1) { copies { commonName } } domains { name } }');
  expect(rowFieldsOf(shape).map(({ key }) => key)).toEqual(['a', 'domains']);
});

describe('what variables leave out', () => {
  const text = (selection: string) => `query ($a: Boolean = false, $b: Boolean!) { orders { nodes { ${selection} } } }`;
  const pathsOf = (selection: string, variables: Record<string, unknown>) =>
    [...leftOut(shapeOf(text(selection)), variables)].map(({ path }) => path.replace('orders.nodes.', ''));
  const below = '{ commonName }';

  it('is nothing where nothing is conditional', () => {
    expect(pathsOf(`certificate ${below}`, { b: false })).toEqual([]);
  });

  it('goes by both directives, by values, defaults and literals', () => {
    const both = `certificate @include(if: $a) @skip(if: $b) ${below}`;
    expect(pathsOf(both, { a: true, b: false })).toEqual([]);
    expect(pathsOf(both, { a: true, b: true })).toEqual(['certificate']);
    expect(pathsOf(both, { b: false })).toEqual(['certificate']);
    expect(pathsOf(`certificate @skip(if: true) ${below}`, { b: false })).toEqual(['certificate']);
  });

  it('is below what is left out, and in fragments that are', () => {
    const organization = 'organization { id }';
    expect(pathsOf(`... @include(if: $b) { certificate ${below} ${organization} }`, { b: false })).toEqual([
      'certificate',
      'organization',
    ]);
    expect(
      [...leftOut(shapeOf('query ($b: Boolean!) { orders @skip(if: $b) { nodes { id } } }'), { b: true })].map(
        ({ path }) => path,
      ),
    ).toEqual(['orders', 'orders.nodes']);
  });

  it('is not what another selection keeps', () => {
    const twice = `copies @include(if: $a) ${below} copies @include(if: $b) ${below}`;
    expect(pathsOf(twice, { a: false, b: true })).toEqual([]);
    expect(pathsOf(twice, { a: false, b: false })).toEqual(['copies']);
    expect(pathsOf(`copies @include(if: $a) ${below} copies ${below}`, { a: false, b: false })).toEqual([]);
  });

  it('costs nothing', () => {
    const shape = shapeOf(text(`copies @include(if: $b) ${below}`));
    const about = {
      ratioOf: () => null,
      rows: new Map([['orders', 4]]),
      rowCap: 10,
      wholeRun: null,
      assumedListSize: 3,
    };
    expect(expectedPoints(shape, { b: false }, about)).toEqual({ points: 1 + 4, isGuess: false });
    expect(expectedPoints(shape, { b: true }, about)).toEqual({ points: 1 + 4 + 12, isGuess: true });
  });
});
