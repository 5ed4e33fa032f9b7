import { LRUCache } from 'lru-cache';
import { isoDay } from '../dates.ts';
import { selectItems, type Properties } from '../http/filtering.ts';
import { type Query } from '../http/query.ts';
import { type OrderBook } from './order-book.ts';
import { type Order } from './order.ts';

export type SelectOrders = (query: Query, properties: Properties<Order>, nowMs: number) => readonly Order[];

/** Filters and sorts orders. A client that pages pays for it once: results are kept until an order or the day changes. */
export function createSelectOrders(book: OrderBook): SelectOrders {
  const kept = new LRUCache<string, { readonly properties: Properties<Order>; readonly orders: readonly Order[] }>({
    max: 8,
  });
  return (query, properties, nowMs) => {
    const key = JSON.stringify([book.version(), isoDay(nowMs), query.filters, query.sort]);
    const known = kept.get(key);
    if (known !== undefined && known.properties === properties) return known.orders;
    const orders = selectItems(book.all(), query, properties, nowMs);
    kept.set(key, { properties, orders });
    return orders;
  };
}
