import DataLoader from 'dataloader';
import {
  readOf,
  type Order,
  type OrderField,
  type OrderId,
  type OrderReader,
  type RequestContext,
} from '@certfolio/core';

export interface OrderLoader {
  load(id: OrderId, fields: ReadonlySet<OrderField>): Promise<Order | null>;
}

/**
 * Loads orders by id, one batch per tick, each id once. A batch reads the fields that any of its loads needs.
 * One per request: a loader's cache must never outlive the caller it was filled for.
 */
export function createOrderLoader(orders: OrderReader, context: RequestContext): OrderLoader {
  const needed = new Set<OrderField>();
  const readWith = new Map<OrderId, ReadonlySet<OrderField>>();
  const batch = async (ids: readonly OrderId[]) => {
    const fields = new Set(needed);
    for (const id of ids) readWith.set(id, fields);
    const found = await orders.findByIds(ids, { ...readOf(context), fields });
    const byId = new Map(found.map((order) => [order.id, order]));
    return ids.map((id) => byId.get(id) ?? null); // by key, never by position
  };
  const loader = new DataLoader<OrderId, Order | null>(batch, { name: 'order' });
  return {
    load(id, fields) {
      for (const field of fields) needed.add(field);
      const read = readWith.get(id);
      // Read in an earlier tick for fewer fields: once more, with all that is needed by now.
      if (read !== undefined && [...fields].some((field) => !read.has(field))) loader.clear(id);
      return loader.load(id);
    },
  };
}
