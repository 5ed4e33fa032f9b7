import { expect, it } from '@jest/globals';
import { mapConcurrently } from './bounded.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

it('keeps the order and never has more open than it may', async () => {
  let open = 0;
  let most = 0;
  const doubled = await mapConcurrently([5, 1, 4, 2, 3], 2, async (value) => {
    most = Math.max(most, (open += 1));
    for (let wait = 0; wait < value; wait += 1) await turn();
    open -= 1;
    return value * 2;
  });
  expect(doubled).toEqual([10, 2, 8, 4, 6]);
  expect(most).toBe(2);
  expect(await mapConcurrently([], 8, async () => 1)).toEqual([]);
});

it('begins nothing new after a failure', async () => {
  const begun: number[] = [];
  const failing = mapConcurrently([1, 2, 3, 4, 5, 6], 2, async (value) => {
    begun.push(value);
    await turn();
    if (value === 1) throw new Error('first');
  });
  await expect(failing).rejects.toThrow('first');
  await turn();
  expect(begun).toEqual([1, 2]);
});
