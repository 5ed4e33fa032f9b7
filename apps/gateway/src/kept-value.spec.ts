import { expect, it } from '@jest/globals';
import { FakeClock } from '@certfolio/core/testing';
import { createKeptValue } from './kept-value.ts';

it('is read once for all who ask within its time, and stays what it was while it cannot be read', async () => {
  const clock = new FakeClock();
  let reads = 0;
  let trouble = false;
  const read = async () => {
    reads += 1;
    if (trouble) throw new Error('away');
    return reads;
  };
  const kept = createKeptValue(read, { initial: 0, keptMs: 10_000, clock });
  expect(await Promise.all([kept.get(), kept.get(), kept.get()])).toEqual([1, 1, 1]);
  await clock.advance(9_999);
  expect([await kept.get(), reads]).toEqual([1, 1]);
  await clock.advance(1);
  trouble = true;
  expect([await kept.get(), reads, kept.isCurrent()]).toEqual([1, 2, false]);
  await clock.advance(10_000);
  trouble = false;
  expect([await kept.get(), kept.isCurrent()]).toEqual([3, true]);
});
