import { expect, it } from '@jest/globals';
import { createComparisonQueue } from './comparison-queue.ts';

function gated(limits: { items: number; bytes: number; atOnce: number }) {
  const open: (() => void)[] = [];
  const done: string[] = [];
  const queue = createComparisonQueue<string>(limits, async (item) => {
    await new Promise<void>((resolve) => open.push(resolve));
    done.push(item);
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { queue, open, done, turn };
}

it('drops what does not fit by number or by bytes, and never waits', () => {
  const { queue } = gated({ items: 2, bytes: 100, atOnce: 1 });
  expect([queue.offer('a', 60), queue.offer('b', 50), queue.offer('c', 40), queue.offer('d', 0)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect([queue.size(), queue.hasPlace()]).toEqual([2, false]);
});

it('works at so many at once, and on when one ends', async () => {
  const { queue, open, done, turn } = gated({ items: 9, bytes: 100, atOnce: 2 });
  for (const item of ['a', 'b', 'c']) queue.offer(item, 1);
  await turn();
  expect(open).toHaveLength(2);
  open[0]!();
  await turn();
  await turn();
  expect([done, open.length]).toEqual([['a'], 3]);
  for (const end of open) end();
  await queue.idle();
  expect(queue.size()).toBe(0);
});

it('drops what waits when it stops, and lets what is under way end', async () => {
  const { queue, open, done, turn } = gated({ items: 9, bytes: 100, atOnce: 1 });
  for (const item of ['a', 'b']) queue.offer(item, 1);
  await turn();
  const stopped = queue.stop();
  open[0]!();
  await stopped;
  expect(done).toEqual(['a']);
  expect(queue.offer('c', 1)).toBe(false);
});
