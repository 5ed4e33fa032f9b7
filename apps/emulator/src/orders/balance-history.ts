import { type Division } from '../account/divisions.ts';
import { randomFor } from '../account/random.ts';
import { DAY_MS } from '../dates.ts';
import { type Order } from './order.ts';

export type TransactionType = 'Charge' | 'Refund' | 'Deposit' | 'Credit' | 'Expiration';

/** One entry of the balance history. Amounts are whole cents, so that sums stay exact. */
export interface Adjustment {
  readonly id: number;
  readonly type: TransactionType;
  readonly division: Division;
  readonly orderId: number | undefined;
  readonly receiptId: number | undefined;
  readonly atMs: number;
  /** Positive for a credit, negative for a debit. */
  readonly cents: number;
  readonly balanceAfterCents: number;
  readonly currency: string;
  readonly note: string | undefined;
  readonly expirationMs: number | undefined;
}

type Movement = Omit<Adjustment, 'id' | 'balanceAfterCents'>;

const FIRST_ADJUSTMENT_ID = 7_000_001;
const OPENING_CENTS = 2_500_000;
/** Below this somebody pays money in. */
const LOW_CENTS = 200_000;
const REFUND_DAYS = 30;
const PROMOTION_CENTS = 50_000;

/** What orders paid from the balance took, and what was given back when one was canceled, rejected or soon revoked. */
function movementsOf(order: Order): readonly Movement[] {
  if (order.paymentMethod !== 'balance' || order.price === undefined) return [];
  const cents = Math.round(order.price * 100);
  const shared = {
    division: order.division,
    orderId: order.id,
    receiptId: order.receiptId,
    currency: order.currency,
    expirationMs: undefined,
  };
  const charge: Movement = { ...shared, type: 'Charge', atMs: order.createdMs, cents: -cents, note: undefined };
  const isUndone = order.status === 'canceled' || order.status === 'rejected' || order.status === 'revoked';
  if (!isUndone || order.statusChangedMs - order.createdMs > REFUND_DAYS * DAY_MS) return [charge];
  const note = `Order ${order.id} ${order.status}`;
  return [charge, { ...shared, type: 'Refund', atMs: order.statusChangedMs, cents, note }];
}

/** Credits of a promotion each half year; what is left of one ends after ninety days. */
function promotions(root: Division, seed: number, fromMs: number, untilMs: number): readonly Movement[] {
  const shared = { division: root, orderId: undefined, receiptId: undefined, currency: 'USD' };
  const count = Math.floor((untilMs - fromMs) / (182 * DAY_MS));
  return Array.from({ length: count }, (_, at): readonly Movement[] => {
    const atMs = untilMs - (at * 182 + 120) * DAY_MS;
    const expirationMs = atMs + 90 * DAY_MS;
    const left = (1 + randomFor(seed, 'promotion', at).int(PROMOTION_CENTS / 200)) * 100;
    return [
      { ...shared, type: 'Credit', atMs, cents: PROMOTION_CENTS, note: 'Promotion, "loyal customer"', expirationMs },
      {
        ...shared,
        type: 'Expiration',
        atMs: expirationMs,
        cents: -left,
        note: 'Unused credit',
        expirationMs: undefined,
      },
    ];
  }).flat();
}

export interface BalanceHistory {
  /** Newest first. */
  readonly adjustments: readonly Adjustment[];
  readonly balanceCents: number;
}

/** Money that came and went; a deposit is made whenever the balance runs low, so that it never falls below zero for long. */
export function balanceHistoryOf(
  orders: readonly Order[],
  root: Division,
  seed: number,
  anchorMs: number,
): BalanceHistory {
  const fromMs = orders[0]?.createdMs ?? anchorMs;
  const movements = [...orders.flatMap(movementsOf), ...promotions(root, seed, fromMs, anchorMs)];
  movements.sort((one, other) => one.atMs - other.atMs);
  let balanceCents = OPENING_CENTS;
  const adjustments: Adjustment[] = [];
  const add = (movement: Movement) => {
    balanceCents += movement.cents;
    adjustments.push({ ...movement, id: FIRST_ADJUSTMENT_ID + adjustments.length, balanceAfterCents: balanceCents });
  };
  for (const movement of movements) {
    if (balanceCents + movement.cents < LOW_CENTS) add(depositFor(movement, root, adjustments.length));
    add(movement);
  }
  return { adjustments: adjustments.reverse(), balanceCents };
}

function depositFor(movement: Movement, root: Division, number: number): Movement {
  // Whole thousands, a charge of many years included.
  const cents = Math.max(10, Math.ceil(-movement.cents / 100_000)) * 100_000;
  return {
    type: 'Deposit',
    division: root,
    orderId: undefined,
    receiptId: 6_900_000 + number,
    atMs: movement.atMs - 3_600_000,
    cents,
    currency: 'USD',
    note: `PO ${4_000 + number}`,
    expirationMs: undefined,
  };
}
