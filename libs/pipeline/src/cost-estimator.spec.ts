import { beforeEach, describe, expect, it } from '@jest/globals';
import { buildSchema, getOperationAST, parse, print } from 'graphql';
import { anyPrincipal } from '@certfolio/access/testing';
import { ReadLedger, containerId, silentLogger, type ObjectsBelow } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { costShapeOf, estimateCost, tallyOf, type Template } from '@certfolio/templates';
import { CostEstimator, countedRows, type CountedRows, type CountingOperation } from './cost-estimator.ts';
import { createCostMemory } from './cost-memory.ts';
import type { ReadyOperation } from './types.ts';

const schema = buildSchema(`
  type Query { orders(first: Int = 100, days: Int): Orders!  domains: [Domain!] }
  type Mutation { make(first: Int): [Order!] }
  type Orders { nodes: [Order!]!  pageInfo: PageInfo! }
  type PageInfo { hasNextPage: Boolean! }
  type Order { id: ID!  certificate: Certificate  copies: [Certificate!] }
  type Certificate { commonName: String }
  type Domain { name: String }
`);
const source =
  'query ($first: Int = 1000, $days: Int) { orders(first: $first, days: $days) { nodes { certificate { commonName } } pageInfo { hasNextPage } } }';
const template = {
  id: 'a'.repeat(64),
  paging: { first: 'first', after: 'after', pageInfo: ['orders', 'pageInfo'], pageSize: 1_000 },
} as unknown as Template;

let clock: FakeClock;
let estimator: CostEstimator;
let counted: CountingOperation[];

beforeEach(() => {
  clock = new FakeClock();
  counted = [];
  const store = { find: async () => [], save: async () => undefined };
  estimator = new CostEstimator({
    memory: createCostMemory(store, clock, silentLogger),
    sizes: {},
    typicalSize: (coordinate) => (coordinate === 'Order.copies' ? 3 : null),
    countedBelow: new Set(['Order.certificate', 'Order.copies']),
    clock,
  });
});

function ready(about: Partial<ReadyOperation> = {}, text = source): ReadyOperation {
  const document = parse(text);
  const operation = getOperationAST(document)!;
  const variables = about.variables ?? {};
  return {
    principal: anyPrincipal(),
    prepared: { hash: text } as ReadyOperation['prepared'],
    operation,
    operationName: null,
    template,
    variables,
    mostPoints: estimateCost(schema, document, operation, variables),
    shape: costShapeOf(schema, document, operation),
    isKeyless: true,
    byId: true,
    ...about,
  };
}
const orders = (rows: number, ...below: readonly ObjectsBelow[]): CountedRows => ({
  rows: new Map([['orders', rows]]),
  below: new Map([['orders', new Map(below.map((one) => [one.coordinate, one]))]]),
});
const estimateOf = (of: ReadyOperation, isWholeRun = false, rows = orders(40)) =>
  estimator.estimate(of, isWholeRun, async (counting) => {
    counted.push(counting);
    return rows;
  });
const estimate = async (...given: Parameters<typeof estimateOf>) => (await estimateOf(...given)).points;

describe('the estimate of a template', () => {
  it('goes by the rows that match, not by those that a page could hold', async () => {
    expect(ready().mostPoints).toBe(2_002);
    expect(await estimate(ready())).toBe(82);
  });

  it('counts what stands below rows before a run has told, and rows alone from then on', async () => {
    const certificates = { nodes: [{ certificate: {} }, { certificate: null }], pageInfo: {} };
    await estimate(ready());
    estimator.learn(ready(), tallyOf(ready().shape, { orders: certificates }));
    await estimate(ready());
    const texts = counted.map(({ document }) => print(document).replace(/\s+/g, ' '));
    const start = 'query ($first: Int = 1000, $days: Int) { orders(first: $first, days: $days) { __typename';
    expect(texts).toEqual([`${start} nodes { __typename certificate { __typename } } } }`, `${start} } }`]);
  });

  it('takes what was counted below rows for what they hold', async () => {
    const half = { coordinate: 'Order.certificate', ratio: 0.5, isGuess: false };
    // The connection, 40 orders, 20 of them with a certificate, and the page info.
    expect(await estimateOf(ready(), false, orders(40, half))).toEqual({ points: 62, isGuess: false });
  });

  it('is a guess where the length of a list was neither counted nor met', async () => {
    const text = '{ orders { nodes { copies { commonName } } } }';
    const copies = (ratio: number, isGuess: boolean) => orders(40, { coordinate: 'Order.copies', ratio, isGuess });
    const of = (more: Partial<ReadyOperation> = {}) => ready(more, text);
    expect(await estimateOf(of())).toEqual({ points: 1 + 40 + 120, isGuess: true });
    expect(await estimateOf(of({ variables: { a: 1 } }), false, copies(2, true))).toEqual({
      points: 121,
      isGuess: true,
    });
    expect(await estimateOf(of({ variables: { a: 2 } }), false, copies(2, false))).toEqual({
      points: 121,
      isGuess: false,
    });
    estimator.learn(of(), tallyOf(of().shape, { orders: { nodes: [{ copies: [{}] }] } }));
    expect(await estimateOf(of({ variables: { a: 3 } }), false, copies(2, true))).toEqual({
      points: 81,
      isGuess: false,
    });
  });

  it('of a key that sees some divisions is counted by itself, though others told', async () => {
    estimator.learn(
      ready(),
      tallyOf(ready().shape, {
        orders: { nodes: Array.from({ length: 9 }, () => ({ certificate: {} })), pageInfo: {} },
      }),
    );
    const oneDivision = anyPrincipal({ scope: { containers: new Set([containerId(14)]) } });
    const page = ready({ principal: oneDivision, variables: { first: 10 } });
    expect(await estimate(page, false, orders(0))).toBe(2);
    expect(counted).toHaveLength(1);
  });

  it('leaves out what the variables leave out, and learns nothing of it', async () => {
    const text = 'query ($all: Boolean = false) { orders { nodes { copies @include(if: $all) { commonName } } } }';
    const of = (all: boolean) => ready({ variables: { all } }, text);
    expect(await estimateOf(of(false))).toEqual({ points: 41, isGuess: false });
    expect(await estimateOf(ready({}, text))).toEqual({ points: 41, isGuess: false });
    estimator.learn(of(false), tallyOf(of(false).shape, { orders: { nodes: [{}, {}] } }));
    expect(await estimate(of(true))).toBe(1 + 40 + 120);
  });

  it('of a whole run has all pages', async () => {
    expect(await estimate(ready(), true, orders(2_500))).toBe(3 + 2_500 + 2_500 + 3);
  });

  it('is counted once for some seconds, for each scope and all variables by themselves', async () => {
    const oneDivision = anyPrincipal({ scope: { containers: new Set([containerId(14)]) } });
    for (let turn = 0; turn < 3; turn += 1) {
      await estimate(ready());
      await estimate(ready({ variables: { days: 7 } }));
      await estimate(ready({ principal: oneDivision }));
    }
    expect(counted).toHaveLength(3);
    await clock.advance(5_000);
    await estimate(ready());
    expect(counted).toHaveLength(4);
  });

  it('is not counted where a run told and the text cannot give much', async () => {
    const page = ready({ variables: { first: 10 } });
    estimator.learn(
      page,
      tallyOf(page.shape, { orders: { nodes: [{ certificate: {} }, { certificate: null }], pageInfo: {} } }),
    );
    expect(await estimate(page)).toBe(1 + 2 + 1 + 1);
    expect(counted).toEqual([]);
  });

  it('that cannot be counted goes by the text', async () => {
    const failing = estimator.estimate(ready(), false, () => Promise.reject(new Error('away')));
    expect(await failing).toMatchObject({ points: 2_002, isGuess: true });
  });

  it('is not counted by what would do something, or ask someone else', async () => {
    expect(await estimate(ready({ isKeyless: false }))).toBe(2_002);
    expect(await estimate(ready({}, 'mutation { make(first: 5) { id } }'))).toBe(5);
    expect(counted).toEqual([]);
  });
});

describe('the estimate of a text that is no template', () => {
  const text = () => ready({ template: null });

  it('is the most that it can give', async () => {
    expect(await estimate(text())).toBe(2_002);
    expect(counted).toEqual([]);
  });

  it('goes by what it was found to hold once it ran', async () => {
    estimator.learn(text(), tallyOf(text().shape, { orders: { nodes: [{ certificate: null }], pageInfo: {} } }));
    expect(await estimate(text())).toBe(1 + 40 + 1);
  });
});

it('takes rows as they were counted, and of a list that nobody counted its length', () => {
  const ledger = new ReadLedger();
  const copies = { coordinate: 'Order.copies', ratio: 2, isGuess: false };
  ledger.expectsRows('a', 40, [copies]);
  ledger.expectsRows('none', 0);
  ledger.expectsRows('b', null);
  const data = { a: [{}], b: [{}], none: [], domains: [{}, {}, {}], unread: [], orders: { __typename: 'Orders' } };
  const { rows, below } = countedRows(data, ledger.account());
  expect([...rows]).toEqual([
    ['a', 40],
    ['domains', 3],
    ['none', 0],
  ]);
  expect(below.get('a')).toEqual(new Map([['Order.copies', copies]]));
});
