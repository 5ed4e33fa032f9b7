import { expect, it } from '@jest/globals';
import { anyAge, silentLogger, type AccountLists, type Container, type ListMirror } from '@certfolio/core';
import { anyRead, FakeClock } from '@certfolio/core/testing';
import { KeptLists } from '../src/index.ts';

const clock = new FakeClock();
const division = { id: 14, name: 'Retail' } as unknown as Container; // nothing looks at the rest
const live: AccountLists = { all: () => Promise.reject(new Error('A read that plans reads nothing.')) };

function keeping(items: readonly Container[] | null): KeptLists {
  const asOfMs = clock.nowMs() - 1_000;
  const mirror: ListMirror = {
    asOfMs: async () => asOfMs,
    find: async () => (items === null ? null : { items: items as never, asOfMs }),
    keep: async () => undefined,
  };
  return new KeptLists({ live, mirror, clock, logger: silentLogger, signal: new AbortController().signal });
}
const planned = async (items: readonly Container[] | null, maxAgeMs: number) => {
  const read = anyRead(clock, { planOnly: true, maxAgeMs });
  return [await keeping(items).all('containers', read), read.ledger.isUnread('containers')];
};

it('gives a read that plans what is kept, however little, and says of the rest that it was not read', async () => {
  expect(await planned([division], anyAge)).toEqual([[division], false]);
  expect(await planned([], anyAge)).toEqual([[], false]);
  expect(await planned(null, anyAge)).toEqual([[], true]);
  expect(await planned([division], 999)).toEqual([[], true]);
});
