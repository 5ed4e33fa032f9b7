import { beforeEach, describe, expect, it } from '@jest/globals';
import { buildSchema, getOperationAST, parse } from 'graphql';
import { silentLogger } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { costShapeOf, tallyOf, type CostField, type CostShape } from '@certfolio/templates';
import { describeLearnedCosts } from './cost-memory.contract.ts';
import { createCostMemory, type CostMemory, type LearnedCost, type LearnedCostStore } from './cost-memory.ts';

function createHandMadeStore(): LearnedCostStore & { fail: boolean } {
  const rows = new Map<string, LearnedCost>();
  return {
    fail: false,
    find: async () => [...rows.values()],
    async save(learned) {
      if (this.fail) throw new Error('The database is away.');
      for (const each of learned) rows.set(`${each.documentId}:${each.account}`, each);
    },
  };
}

describeLearnedCosts(async () => createHandMadeStore());

const schema = buildSchema(`
  type Query { orders(first: Int): [Order!] }
  type Order { id: ID!  copies: [Copy!]  organization: Organization }
  type Copy { id: ID! }
  type Organization { id: ID! }
`);
const shapeOf = (source: string): CostShape => {
  const document = parse(source);
  return costShapeOf(schema, document, getOperationAST(document)!);
};
const shape = shapeOf('{ orders { copies { id } organization { id } } }');
const answer = (copies: readonly number[]) => ({
  orders: copies.map((count) => ({ copies: Array.from({ length: count }, () => ({ id: '1' })), organization: null })),
});

describe('what is learned of a template', () => {
  let store: ReturnType<typeof createHandMadeStore>;
  let memory: CostMemory;
  const ratios = (of = memory, documentId = 'a', account = 'one') => {
    const ratioOf = of.ratioOf(documentId, account);
    return ratioOf && Object.fromEntries(shape.fields.map((field) => [field.path, ratioOf(field)]));
  };
  const learn = (copies: readonly number[], isKept = true) =>
    memory.learn('a', 'one', shape, tallyOf(shape, answer(copies)), { isKept, isTold: () => true });

  beforeEach(() => {
    store = createHandMadeStore();
    memory = createCostMemory(store, new FakeClock(), silentLogger);
  });

  it('is how many objects there are for each one above', () => {
    expect(ratios()).toBeNull();
    learn([2, 0, 1, 1]);
    expect(ratios()).toEqual({ orders: 4, 'orders.copies': 1, 'orders.organization': 0 });
  });

  it('leaves out what a run does not tell', () => {
    const isTold = ({ path }: CostField) => path !== 'orders.copies';
    memory.learn('a', 'one', shape, tallyOf(shape, answer([2])), { isKept: true, isTold });
    expect(ratios()).toEqual({ orders: 1, 'orders.copies': null, 'orders.organization': 0 });
  });

  it('moves with what later runs hold, and a run of many rows counts for more', () => {
    learn([1]);
    for (let run = 1; run <= 20; run += 1) learn(Array<number>(10).fill(3));
    expect(ratios()!['orders.copies']).toBeCloseTo(3, 2);
    learn([0]);
    expect(ratios()!['orders.copies']).toBeGreaterThan(2.8);
  });

  it('says nothing of fields below rows that were not there', () => {
    learn([]);
    expect(ratios()).toEqual({ orders: 0, 'orders.copies': null, 'orders.organization': null });
  });

  it('is kept apart by account', () => {
    learn([2]);
    expect(ratios(memory, 'a', 'two')).toBeNull();
  });

  it('holds below rows of other templates that never ran, and never for the number of rows', () => {
    learn([2, 0]);
    const other = shapeOf('{ all: orders { copy: copies { id } } }');
    const anywhere = other.fields.map((field) => memory.ratioAnywhere(field, 'one'));
    expect(anywhere).toEqual([null, 1]);
    expect(memory.ratioAnywhere(other.fields[1]!, 'two')).toBeNull();
  });

  it('is not taken from texts that are no templates into that of others, nor kept', async () => {
    learn([2, 0], false);
    expect(ratios()!['orders.copies']).toBe(1);
    expect(memory.ratioAnywhere(shape.fields[1]!, 'one')).toBeNull();
    await memory.flush();
    expect(await store.find()).toEqual([]);
  });

  it('is there again after a restart', async () => {
    learn([2, 0]);
    await memory.flush();
    const later = createCostMemory(store, new FakeClock(), silentLogger);
    await later.load();
    expect(ratios(later)).toEqual(ratios());
    expect(later.ratioAnywhere(shape.fields[1]!, 'one')).toBe(1);
  });

  it('is written once the database is back', async () => {
    store.fail = true;
    learn([2]);
    await memory.flush();
    store.fail = false;
    await memory.flush();
    expect(await store.find()).toHaveLength(2);
  });
});
