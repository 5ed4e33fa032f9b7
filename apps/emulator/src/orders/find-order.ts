import { type World } from '../world.ts';
import { notFound } from '../http/api-error.ts';
import { type Order } from './order.ts';

/** Ids have up to 9 digits; serial numbers and thumbprints are longer. */
const isOrderId = (text: string) => /^\d{1,9}$/.test(text);
const isThumbprint = (text: string) => /^[0-9a-f]{40}$/i.test(text);

/** @throws ApiError 404 */
export function orderById(world: World, text: string): Order {
  const order = isOrderId(text) ? world.orders.find(Number(text)) : undefined;
  if (order === undefined) throw notFound('order');
  return order;
}

/**
 * By order id, or by serial number or thumbprint of the primary certificate, not of a duplicate.
 * Source: vendor page "Order info".
 *
 * @throws ApiError 404
 */
export async function orderByAnyId(world: World, text: string): Promise<Order> {
  if (isOrderId(text)) return orderById(world, text);
  const bySerialNumber = world.orders.findBySerialNumber(text);
  const order = bySerialNumber ?? (isThumbprint(text) ? await world.certificates.findByThumbprint(text) : undefined);
  if (order === undefined) throw notFound('order');
  return order;
}
