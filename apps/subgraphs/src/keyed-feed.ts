import { ServiceUnavailable, type Order } from '@certfolio/core';
import type { MirrorFeed } from '@certfolio/mirror/postgres';

/**
 * The same reads while the upstream key stays the one that was proven to belong to the mirror's account. A key file can
 * change between two calls, to a key of another account even; what such a key reads must never reach this mirror.
 */
export function whileKeyStays(feed: MirrorFeed, isStill: () => boolean): MirrorFeed {
  const check = () => {
    if (!isStill()) throw new ServiceUnavailable('The upstream key has changed; its account is being found out.');
  };
  const checked =
    <A extends readonly unknown[], R>(read: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      check();
      const result = await read(...args);
      check();
      return result;
    };
  return {
    listOrders: checked((request, call) => feed.listOrders(request, call)),
    customReport: checked((request, call) => feed.customReport(request, call)),
    statusChanges: checked((window, call) => feed.statusChanges(window, call)),
    duplicates: checked((id, call) => feed.duplicates(id, call)),
    reissues: checked((id, call) => feed.reissues(id, call)),
    orderWithParts: checked((id, call) => feed.orderWithParts(id, call)),
    async *orderReport(request, call): AsyncGenerator<readonly Order[]> {
      check();
      for await (const batch of feed.orderReport(request, call)) {
        check();
        yield batch;
      }
    },
    outlook: () => feed.outlook(),
  };
}
