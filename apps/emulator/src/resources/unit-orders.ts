import { productByNameId } from '../account/products.ts';
import { DAY_MS, isoDay, sqlInstant } from '../dates.ts';
import { notFound } from '../http/api-error.ts';
import { json } from '../http/answer.ts';
import { selectItems, type Properties } from '../http/filtering.ts';
import { pagedList } from '../http/paged-list.ts';
import { type Route } from '../http/route.ts';
import { type World } from '../world.ts';

interface UnitOrder {
  readonly id: number;
  readonly accountId: number;
  readonly accountName: string;
  readonly units: number;
  readonly productNameId: string;
  readonly status: 'completed' | 'canceled';
  readonly createdMs: number;
}

const UNIT_COST = 2;

const properties: Properties<UnitOrder> = new Map([
  ['id', { kind: 'number', read: ({ id }) => id }],
  ['unit_account_id', { kind: 'number', read: ({ accountId }) => accountId }],
  ['unit_account_name', { kind: 'text', read: ({ accountName }) => accountName }],
  ['status', { kind: 'text', read: ({ status }) => status }],
  ['cost', { kind: 'number', read: ({ units }) => units }],
  ['created_date', { kind: 'instant', read: ({ createdMs }) => createdMs }],
  ['expiration_date', { kind: 'instant', read: ({ createdMs }) => createdMs }],
]);

function render(order: UnitOrder) {
  return {
    id: order.id,
    unit_account_id: order.accountId,
    unit_account_name: order.accountName,
    cost: order.units * UNIT_COST,
    currency: 'USD',
    status: order.status,
    expiration_date: isoDay(order.createdMs + 365 * DAY_MS),
    created_date: sqlInstant(order.createdMs),
  };
}

/** Units bought for subaccounts. Sources: vendor pages "List unit orders", "Unit order details". */
export function unitOrderRoutes({ account, emptyLists }: World): readonly Route[] {
  const orders = ['Meridian Sub', '=Stores sub', 'Łódź sub'].map((accountName, at): UnitOrder => ({
    id: 1_003 + at,
    accountId: 900_200 + at,
    accountName,
    units: 5 * (at + 1),
    productNameId: at === 1 ? 'ssl_basic' : 'ssl_securesite_flex',
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
        const { nameId, name } = productByNameId(order.productNameId);
        const bundle = [{ product_name_id: nameId, product_name: name, units: order.units, cost: rest.cost }];
        return json({ ...rest, bundle, can_cancel: order.status === 'completed' });
      },
    },
  ];
}
