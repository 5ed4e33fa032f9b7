import { beforeEach, describe, expect, it } from '@jest/globals';
import type { LearnedCostStore } from './cost-memory.ts';

/** What every store of learned costs does. `open` gives an empty one. */
export function describeLearnedCosts(open: () => Promise<LearnedCostStore>): void {
  describe('a store of learned costs', () => {
    let store: LearnedCostStore;
    const learned = (documentId: string, account: string, objects: number) => ({
      documentId,
      account,
      fields: [{ path: 'orders.nodes."odd name"', parents: 2.5, objects }],
    });

    beforeEach(async () => {
      store = await open();
    });

    it('gives what was saved, the last word on each operation and account', async () => {
      expect(await store.find()).toEqual([]);
      await store.save([learned('b', 'one', 1), learned('a', 'one', 2), learned('a', 'two', 3)]);
      await store.save([learned('a', 'one', 4)]);
      await store.save([]);
      const found = await store.find();
      expect(found.toSorted((a, b) => (a.documentId + a.account < b.documentId + b.account ? -1 : 1))).toEqual([
        learned('a', 'one', 4),
        learned('a', 'two', 3),
        learned('b', 'one', 1),
      ]);
    });
  });
}
