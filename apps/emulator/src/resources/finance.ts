import { sqlInstant } from '../dates.ts';
import { json } from '../http/answer.ts';
import { selectItems, type Properties } from '../http/filtering.ts';
import { pagedList } from '../http/paged-list.ts';
import { type Route } from '../http/route.ts';
import { divisionPart } from '../orders/render-parts.ts';
import { type Order } from '../orders/order.ts';
import { type World } from '../world.ts';

const BALANCE = 1_200;
const CREDIT_LIMIT = 2_000;
const FIRST_ADJUSTMENT_ID = 7_000_000;

interface Charge {
  readonly order: Order;
  readonly amount: number;
  readonly balanceAfter: number;
}

const properties: Properties<Charge> = new Map([
  ['id', { kind: 'number', read: ({ order }) => order.requestId }],
  ['container_id', { kind: 'number', read: ({ order }) => order.division.id }],
  ['transaction_date', { kind: 'instant', read: ({ order }) => order.createdMs }],
  ['debit', { kind: 'number', read: ({ amount }) => amount }],
  ['receipt_id', { kind: 'number', read: ({ order }) => order.receiptId }],
  ['order_id', { kind: 'number', read: ({ order }) => order.id }],
]);

/** What orders paid from the balance took, newest first; the balance ends where `/finance/balance` says. */
function chargesOf(orders: readonly Order[]): readonly Charge[] {
  let balanceAfter = BALANCE;
  return orders
    .filter(({ paymentMethod, price }) => paymentMethod === 'balance' && price !== undefined)
    .toReversed()
    .map((order) => {
      const amount = order.price ?? 0;
      const charge = { order, amount, balanceAfter };
      balanceAfter += amount;
      return charge;
    });
}

/** Money is text. Sources: vendor pages "View balance", "List balance history". */
export function financeRoutes(world: World): readonly Route[] {
  return [
    {
      method: 'GET',
      pattern: '/finance/balance',
      answer: () =>
        json({
          balance: BALANCE.toFixed(2),
          currency: 'USD',
          unpaid_invoice_balance: '0.00',
          negative_balance_limit: CREDIT_LIMIT.toFixed(2),
          used_credit_from_other_containers: '0.00',
          total_available_funds: (BALANCE + CREDIT_LIMIT).toFixed(2),
        }),
    },
    {
      method: 'GET',
      pattern: '/finance/balance-history',
      answer: (call) => {
        const selected = selectItems(chargesOf(world.orders.all()), call.query, properties, call.nowMs);
        const render = ({ order, amount, balanceAfter }: Charge) => ({
          id: String(FIRST_ADJUSTMENT_ID + order.id),
          container: divisionPart(order.division),
          debit: amount.toFixed(2),
          transaction_type: 'Charge',
          receipt_id: String(order.receiptId ?? ''),
          transaction_date: sqlInstant(order.createdMs),
          balance_after: balanceAfter.toFixed(2),
          currency: order.currency,
        });
        return pagedList('adjustments', selected, render, call, world.emptyLists);
      },
    },
  ];
}
