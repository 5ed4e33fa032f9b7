import DataLoader from 'dataloader';
import {
  readOf,
  type OrderId,
  type OrderPart,
  type OrderPartReader,
  type OrderPartsOf,
  type RequestContext,
} from '@certfolio/core';

export interface PartLoader {
  /** Null for an order that is gone since it was read. */
  load<P extends OrderPart>(part: P, id: OrderId): Promise<OrderPartsOf[P] | null>;
}

/** Loads parts of orders, one batch per tick and part, each order once. One per request, as every loader. */
export function createPartLoader(parts: OrderPartReader, context: RequestContext): PartLoader {
  const loaders = new Map<OrderPart, DataLoader<OrderId, unknown>>();
  const loaderOf = (part: OrderPart): DataLoader<OrderId, unknown> => {
    let loader = loaders.get(part);
    if (loader === undefined) {
      const batch = async (ids: readonly OrderId[]) => {
        const found: ReadonlyMap<OrderId, unknown> = await parts.find(part, ids, readOf(context));
        return ids.map((id) => found.get(id) ?? null);
      };
      loaders.set(part, (loader = new DataLoader(batch, { name: part })));
    }
    return loader;
  };
  return {
    load: <P extends OrderPart>(part: P, id: OrderId) => loaderOf(part).load(id) as Promise<OrderPartsOf[P] | null>,
  };
}
