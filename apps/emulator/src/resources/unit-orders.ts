import { subaccounts } from '../account/subaccounts.ts';
import { productByNameId } from '../account/products.ts';
import { DAY_MS, isoDay, sqlInstant } from '../dates.ts';
import { notFound } from '../http/api-error.ts';
import { json } from '../http/answer.ts';
import { selectItems, type Properties, type Property } from '../http/filtering.ts';
import { pagedList } from '../http/paged-list.ts';
import { type Route } from '../http/route.ts';
import { type World } from '../world.ts';

interface UnitOrder {
  readonly id: number;
  readonly accountId: number;
  readonly accountName: string;
  readonly bundle: readonly { readonly productNameId: string; readonly units: number }[];
  readonly status: 'completed' | 'canceled';
  readonly createdMs: number;
}

const UNIT_COST = 2;

const costOf = ({ bundle }: UnitOrder) => bundle.reduce((sum, { units }) => sum + units * UNIT_COST, 0);
const expiryOf = ({ createdMs }: UnitOrder) => isoDay(createdMs + 365 * DAY_MS);

const properties: Properties<UnitOrder> = new Map<string, Property<UnitOrder>>([
  ['id', { kind: 'number', read: ({ id }) => id }],
  ['unit_account_id', { kind: 'number', read: ({ accountId }) => accountId }],
  ['unit_account_name', { kind: 'text', read: ({ accountName }) => accountName }],
  ['status', { kind: 'text', read: ({ status }) => status }],
  ['cost', { kind: 'number', read: costOf }],
  ['created_date', { kind: 'instant', read: ({ createdMs }) => createdMs }],
  ['expiration_date', { kind: 'day', read: expiryOf }],
]);

function render(order: UnitOrder) {
  return {
    id: order.id,
    unit_account_id: order.accountId,
    unit_account_name: order.accountName,
    cost: costOf(order),
    currency: 'USD',
    status: order.status,
    expiration_date: expiryOf(order),
    created_date: sqlInstant(order.createdMs),
  };
}

/** Units bought for subaccounts. Sources: vendor pages "List unit orders", "Unit order details". */
export function unitOrderRoutes({ account, emptyLists }: World): readonly Route[] {
  const orders = [...subaccounts, ...subaccounts].map(({ id: accountId, name: accountName }, at): UnitOrder => ({
    id: 1_003 + at,
    accountId,
    accountName,
    bundle: [
      { productNameId: at === 1 ? 'ssl_basic' : 'ssl_securesite_flex', units: 5 * (at + 1) },
      ...(at > 2 ? [{ productNameId: 'ssl_wildcard', units: at }] : []),
    ],
    status: at === 2 ? 'canceled' : 'completed',
    createdMs: account.anchorMs - (30 + at * 40) * DAY_MS + 47_987_000,
  }));
  return [
    {
      method: 'GET',
      pattern: '/units/order',
      answer: (call) =>
        pagedList('orders', selectItems(orders, call.query, properties, call.nowMs), render, call, emptyLists),
    },
    {
      method: 'GET',
      pattern: '/units/order/{id}',
      answer: ({ param }) => {
        const order = orders.find(({ id }) => id === Number(param('id')));
        if (order === undefined) throw notFound('order');
        const { currency: _currency, ...rest } = render(order);
        const bundle = order.bundle.map(({ productNameId, units }) => {
          const { nameId, name } = productByNameId(productNameId);
          return { product_name_id: nameId, product_name: name, units, cost: units * UNIT_COST };
        });
        return json({ ...rest, bundle, can_cancel: order.status === 'completed' });
      },
    },
  ];
}
