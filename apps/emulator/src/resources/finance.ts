import { ROOT_DIVISION_ID, type Division } from '../account/divisions.ts';
import { isoDay, sqlInstant } from '../dates.ts';
import { badRequest, notFound } from '../http/api-error.ts';
import { json } from '../http/answer.ts';
import { type Call } from '../http/call.ts';
import { selectItems, type Properties } from '../http/filtering.ts';
import { pagedList } from '../http/paged-list.ts';
import { type Route } from '../http/route.ts';
import { balanceHistoryOf, type Adjustment, type BalanceHistory } from '../orders/balance-history.ts';
import { divisionPart } from '../orders/render-parts.ts';
import { type World } from '../world.ts';

const CREDIT_LIMIT_CENTS = 200_000;
/** The one division whose credit has no limit. */
const UNLIMITED_DIVISION_ID = 15;

const properties: Properties<Adjustment> = new Map([
  ['id', { kind: 'number', read: ({ id }) => id }],
  ['container_id', { kind: 'number', read: ({ division }) => division.id }],
  ['adjust_type', { kind: 'text', read: ({ type }) => type }],
  ['transaction_type', { kind: 'text', read: ({ type }) => type }],
  ['transaction_date', { kind: 'instant', read: ({ atMs }) => atMs }],
  ['expiration_date', { kind: 'instant', read: ({ expirationMs }) => expirationMs }],
  ['credit', { kind: 'number', read: ({ cents }) => (cents > 0 ? cents / 100 : undefined) }],
  ['debit', { kind: 'number', read: ({ cents }) => (cents < 0 ? -cents / 100 : undefined) }],
  ['balance_after', { kind: 'number', read: ({ balanceAfterCents }) => balanceAfterCents / 100 }],
  ['receipt_id', { kind: 'number', read: ({ receiptId }) => receiptId }],
  ['order_id', { kind: 'number', read: ({ orderId }) => orderId }],
]);

const money = (cents: number) => (cents / 100).toFixed(2);

/** Money and ids are text. Sources: vendor pages "View balance", "List balance history". */
export function financeRoutes(world: World): readonly Route[] {
  const { account, orders, emptyLists } = world;
  const root = account.division(ROOT_DIVISION_ID)!;
  let known: { readonly version: number; readonly history: BalanceHistory } | undefined;
  const history = (): BalanceHistory => {
    if (known?.version !== orders.version())
      known = {
        version: orders.version(),
        history: balanceHistoryOf(orders.all(), root, account.seed, account.anchorMs),
      };
    return known.history;
  };
  /** An account with several divisions has to name one. */
  const askedDivision = ({ query }: Call): Division => {
    const id = query.value('container_id');
    if (id === undefined) throw badRequest('container_id is required for an account with several divisions.');
    const division = account.division(Number(id));
    if (division === undefined) throw notFound('container');
    return division;
  };
  const render = (adjustment: Adjustment) => {
    const { id, type, division, receiptId, atMs, cents, balanceAfterCents, currency, note, expirationMs } = adjustment;
    return {
      id: String(id),
      container: divisionPart(division),
      ...(cents >= 0 ? { credit: money(cents) } : { debit: money(-cents) }),
      transaction_type: type,
      ...(receiptId !== undefined && { receipt_id: String(receiptId) }),
      transaction_date: sqlInstant(atMs),
      balance_after: money(balanceAfterCents),
      currency,
      ...(note !== undefined && { note }),
      ...(expirationMs !== undefined && { expiration_date: isoDay(expirationMs) }),
    };
  };

  return [
    {
      method: 'GET',
      pattern: '/finance/balance',
      answer: (call) => {
        const { id } = askedDivision(call);
        const { balanceCents } = history();
        return json({
          balance: money(balanceCents),
          currency: 'USD',
          unpaid_invoice_balance: '0.00',
          used_credit_from_other_containers: '0.00',
          ...(id === UNLIMITED_DIVISION_ID
            ? { unlimited_negative_balance: true }
            : {
                negative_balance_limit: money(CREDIT_LIMIT_CENTS),
                total_available_funds: money(balanceCents + CREDIT_LIMIT_CENTS),
              }),
        });
      },
    },
    {
      method: 'GET',
      pattern: '/finance/balance-history',
      answer: (call) => {
        const { adjustments } = history();
        return pagedList(
          'adjustments',
          selectItems(adjustments, call.query, properties, call.nowMs),
          render,
          call,
          emptyLists,
        );
      },
    },
  ];
}
