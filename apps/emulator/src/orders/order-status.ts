import { endOfDay, SECOND_MS, todayAt } from '../dates.ts';
import { type Order, type OrderStatus } from './order.ts';

/** Statuses under which a certificate exists, or existed. */
const certified: ReadonlySet<OrderStatus> = new Set(['issued', 'expired', 'revoked', 'reissue_pending']);
/** Statuses before a first certificate. */
const uncertified: ReadonlySet<OrderStatus> = new Set([
  'pending',
  'needs_approval',
  'needs_csr',
  'processing',
  'waiting_pickup',
  'rejected',
]);

export const needsCertificate = (status: OrderStatus) => certified.has(status);
export const excludesCertificate = (status: OrderStatus) => uncertified.has(status);

function hasExpired(order: Order, nowMs: number): boolean {
  const canExpire = order.status === 'issued' && !order.isStatusPinned && order.issuance !== undefined;
  return canExpire && order.issuance.validTill < todayAt(nowMs);
}

/** The status the service shows: an issued order turns `expired` on the day after its certificate's last day. */
export function statusAt(order: Order, nowMs: number): OrderStatus {
  return hasExpired(order, nowMs) ? 'expired' : order.status;
}

/** When the status shown at `nowMs` came to be, UTC milliseconds. */
export function statusChangedAt(order: Order, nowMs: number): number {
  if (!hasExpired(order, nowMs) || order.issuance === undefined) return order.statusChangedMs;
  // A caller may have moved the last day into the past; then that was the change.
  return Math.max(endOfDay(order.issuance.validTill) + SECOND_MS, order.statusChangedMs);
}
