import { expect, it } from '@jest/globals';
import { orderId, type Order } from '@certfolio/core';
import type { MirrorFeed } from '@certfolio/mirror/postgres';
import { whileKeyStays } from './keyed-feed.ts';

const order = (id: number): Order => ({ id: orderId(id) });

/** A feed whose key changes after so many reads, as a key file may between two calls. */
function feedOf(readsBeforeChange: number) {
  let key = 'first';
  let reads = 0;
  const read = async <T>(answer: T): Promise<T> => {
    reads += 1;
    if (reads > readsBeforeChange) key = 'second';
    return answer;
  };
  const feed = {
    listOrders: () => read({ orders: [order(1)], total: 1 }),
    async *orderReport() {
      for (let id = 1; id <= 5; id += 1) yield await read([order(id)]);
    },
  } as unknown as MirrorFeed; // whileKeyStays treats all methods alike; two stand for them
  return whileKeyStays(feed, () => key === 'first');
}

it('passes on what is read while the key stays', async () => {
  const feed = feedOf(1);
  expect((await feed.listOrders({} as never, {} as never)).total).toBe(1);
});

it('gives nothing of an answer during which the key changed, nor asks again', async () => {
  const feed = feedOf(0);
  await expect(feed.listOrders({} as never, {} as never)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  await expect(feed.listOrders({} as never, {} as never)).rejects.toThrow('The upstream key has changed');
});

it('ends a report in the middle', async () => {
  const seen: number[] = [];
  const reading = (async () => {
    for await (const batch of feedOf(2).orderReport({} as never, {} as never)) seen.push(...batch.map(({ id }) => id));
  })();
  await expect(reading).rejects.toThrow('The upstream key has changed');
  expect(seen).toEqual([1, 2]);
});
