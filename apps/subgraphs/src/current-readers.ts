import type { AccountLists, OrderPartReader, OrderReader } from '@certfolio/core';
import type { MirroredReaders } from './account-mirror.ts';

/** Readers that both a mirror and CertCentral can be. */
type Readers = Pick<MirroredReaders, 'orders' | 'parts' | 'lists'>;

/** Readers that ask, for each read, who answers it at that moment: the mirror's readers, or the live ones while it has none. */
export function currentReaders(readers: () => Readers): Readers {
  const orders: OrderReader = {
    findByIds: (ids, read) => readers().orders.findByIds(ids, read),
    findByCertificate: (ref, read) => readers().orders.findByCertificate(ref, read),
    findMany: (query, read) => readers().orders.findMany(query, read),
    buckets: (query, read) => readers().orders.buckets(query, read),
  };
  const parts: OrderPartReader = { find: (part, ids, read) => readers().parts.find(part, ids, read) };
  const lists: AccountLists = { all: (list, read) => readers().lists.all(list, read) };
  return { orders, parts, lists };
}
