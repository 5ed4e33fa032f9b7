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
  // A set of the selection's own as long as it has all: readers know what such a set means from the request before.
  let needed: ReadonlySet<OrderField> = new Set();
  const readWith = new Map<OrderId, ReadonlySet<OrderField>>();
  const batch = async (ids: readonly OrderId[]) => {
    const fields = needed;
    for (const id of ids) readWith.set(id, fields);
    const found = await orders.findByIds(ids, { ...readOf(context), fields });
    const byId = new Map(found.map((order) => [order.id, order]));
    return ids.map((id) => byId.get(id) ?? null); // by key, never by position
  };
  const loader = new DataLoader<OrderId, Order | null>(batch, { name: 'order' });
  return {
    load(id, fields) {
      if (needed.size === 0) needed = fields;
      else if (!hasAll(needed, fields)) needed = new Set([...needed, ...fields]);
      const read = readWith.get(id);
      // Read in an earlier tick for fewer fields: once more, with all that is needed by now.
      if (read !== undefined && !hasAll(read, fields)) loader.clear(id);
      return loader.load(id);
    },
  };
}

function hasAll(fields: ReadonlySet<OrderField>, wanted: ReadonlySet<OrderField>): boolean {
  if (fields === wanted) return true;
  for (const field of wanted) if (!fields.has(field)) return false;
  return true;
}
