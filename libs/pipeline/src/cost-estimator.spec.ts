import { beforeEach, describe, expect, it } from '@jest/globals';
import { buildSchema, getOperationAST, parse, print } from 'graphql';
import { anyPrincipal } from '@certfolio/access/testing';
import { ReadLedger, containerId, silentLogger } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { costShapeOf, estimateCost, tallyOf, type Template } from '@certfolio/templates';
import { CostEstimator, expectedRows, type CountingOperation } from './cost-estimator.ts';
import { createCostMemory } from './cost-memory.ts';
import type { ReadyOperation } from './types.ts';

const schema = buildSchema(`
  type Query { orders(first: Int = 100, days: Int): Orders!  domains: [Domain!] }
  type Mutation { make(first: Int): [Order!] }
  type Orders { nodes: [Order!]!  pageInfo: PageInfo! }
  type PageInfo { hasNextPage: Boolean! }
  type Order { id: ID!  certificate: Certificate }
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
    typicalSize: () => null,
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
const estimate = (
  of: ReadyOperation,
  isWholeRun = false,
  rows: readonly (readonly [string, number])[] = [['orders', 40]],
) =>
  estimator.estimate(of, isWholeRun, async (counting) => {
    counted.push(counting);
    return new Map(rows);
  });

describe('the estimate of a template', () => {
  it('goes by the rows that match, not by those that a page could hold', async () => {
    expect(ready().mostPoints).toBe(2_002);
    expect(await estimate(ready())).toBe(82);
  });

  it('counts with the root fields alone, which ask for nothing', async () => {
    await estimate(ready());
    expect(print(counted[0]!.document)).toBe(
      'query ($first: Int = 1000, $days: Int) {\n  orders(first: $first, days: $days) {\n    __typename\n  }\n}',
    );
  });

  it('of a whole run has all pages', async () => {
    expect(await estimate(ready(), true, [['orders', 2_500]])).toBe(3 + 2_500 + 2_500 + 3);
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
    expect(await failing).toBe(2_002);
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

it('takes rows from lists that are kept, and of orders from the count beside their sample', () => {
  const ledger = new ReadLedger();
  ledger.expectsRows('a', 40);
  ledger.expectsRows('b', null);
  const data = { a: [{}], b: [{}], domains: [{}, {}, {}], unread: [], orders: { __typename: 'Orders' } };
  expect([...expectedRows(data, ledger.account())]).toEqual([
    ['a', 40],
    ['domains', 3],
  ]);
});
