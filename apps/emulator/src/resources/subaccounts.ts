import { createHash } from 'node:crypto';
import { subaccounts, type Subaccount } from '../account/subaccounts.ts';
import { displayName, type Organization } from '../account/organizations.ts';
import { products, type Product } from '../account/products.ts';
import { randomFor } from '../account/random.ts';
import { DAY_MS, addDays, daysUntil, isoDay, isoInstant } from '../dates.ts';
import { notFound } from '../http/api-error.ts';
import { json } from '../http/answer.ts';
import { type Call } from '../http/call.ts';
import { selectItems, type Properties } from '../http/filtering.ts';
import { pagedList } from '../http/paged-list.ts';
import { type Route } from '../http/route.ts';
import { makeSerialNumber } from '../orders/make-order.ts';
import { type World } from '../world.ts';

interface SubaccountOrder {
  readonly id: number;
  readonly subaccount: Subaccount;
  readonly organization: Organization;
  readonly product: Product;
  readonly commonName: string;
  readonly otherNames: readonly string[];
  readonly status: 'pending' | 'issued' | 'revoked';
  readonly createdMs: number;
  readonly serialNumber: string;
}

const ORDERS = 24;
const FIRST_ORDER_ID = 9_731_000;
const FIRST_CERTIFICATE_ID = 98_810_000;

function makeOrders(
  seed: number,
  anchorMs: number,
  organizations: readonly Organization[],
): readonly SubaccountOrder[] {
  return Array.from({ length: ORDERS }, (_, at) => {
    const random = randomFor(seed, 'subaccount order', at);
    const subaccount = subaccounts[at % subaccounts.length]!;
    // Every account below has an organization of its own.
    const organization = organizations[5 + (at % subaccounts.length)]!;
    const host = `sub${at}.${organization.domainNames[0]}`;
    return {
      id: FIRST_ORDER_ID + at,
      subaccount,
      organization,
      product: random.pick(products.filter(({ kind }) => kind === 'tls')),
      commonName: host,
      otherNames: random.chance(0.5) ? [`www.${host}`] : [],
      status: at % 8 === 0 ? 'pending' : random.pick(['issued', 'issued', 'issued', 'revoked'] as const),
      createdMs: anchorMs - (5 + at * 13) * DAY_MS + random.int(40_000) * 1_000,
      serialNumber: makeSerialNumber(seed, 'subaccount', at),
    };
  });
}

const properties: Properties<SubaccountOrder> = new Map([
  ['id', { kind: 'number', read: ({ id }) => id }],
  ['status', { kind: 'text', read: ({ status }) => status }],
  ['common_name', { kind: 'text', read: ({ commonName }) => commonName }],
  ['product_name_id', { kind: 'text', read: ({ product }) => product.nameId }],
  ['account_id', { kind: 'number', read: ({ subaccount }) => subaccount.id }],
  ['date_created', { kind: 'instant', read: ({ createdMs }) => createdMs }],
]);

/** Serial number, thumbprint and validity come once there was a certificate. */
function certificateOf(order: SubaccountOrder, nowMs: number) {
  const validFrom = isoDay(order.createdMs);
  const validTill = addDays(validFrom, 365);
  return {
    id: FIRST_CERTIFICATE_ID + order.id - FIRST_ORDER_ID,
    ...(order.status !== 'pending' && {
      thumbprint: createHash('sha1').update(order.serialNumber).digest('hex').toUpperCase(),
      serial_number: order.serialNumber,
      valid_from: validFrom,
      valid_till: validTill,
      days_remaining: daysUntil(validTill, nowMs),
    }),
    common_name: order.commonName,
    dns_names: [order.commonName, ...order.otherNames],
    signature_hash: 'sha256',
  };
}

function render(order: SubaccountOrder, nowMs: number) {
  const { subaccount, organization, product } = order;
  return {
    id: order.id,
    // Of accounts further down only the order is seen.
    ...(subaccount.isImmediate && { certificate: certificateOf(order, nowMs) }),
    status: order.status,
    date_created: isoInstant(order.createdMs),
    organization: {
      id: organization.id,
      name: organization.name,
      ...(organization.assumedName !== undefined && { assumed_name: organization.assumedName }),
      display_name: displayName(organization),
    },
    subaccount: {
      account_id: subaccount.id,
      account_type: subaccount.type,
      organization_name: organization.name,
    },
    product: { name_id: product.nameId, name: product.name, type: product.type },
    order_price: { cost: product.price, currency: 'USD' },
    number_of_sans: 1 + order.otherNames.length,
  };
}

/** Accounts below this one. Sources: vendor pages "List subaccount orders", "Subaccount order info", "List subaccount organizations". */
export function subaccountRoutes({ account, emptyLists }: World): readonly Route[] {
  const orders = makeOrders(account.seed, account.anchorMs, account.organizations);
  const organizationsOf = ({ param }: Call) => {
    const subaccount = subaccounts.find(({ id }) => id === Number(param('account_id')));
    if (subaccount === undefined) throw notFound('account');
    return new Set(orders.filter((order) => order.subaccount === subaccount).map(({ organization }) => organization));
  };
  return [
    {
      method: 'GET',
      pattern: '/account/subaccount/order',
      answer: (call) =>
        pagedList(
          'orders',
          selectItems(orders, call.query, properties, call.nowMs),
          (order) => render(order, call.nowMs),
          call,
          emptyLists,
        ),
    },
    {
      method: 'GET',
      pattern: '/account/subaccount/order/{id}',
      answer: ({ param, nowMs }) => {
        const order = orders.find(({ id }) => id === Number(param('id')));
        if (order === undefined) throw notFound('order');
        return json(render(order, nowMs));
      },
    },
    {
      method: 'GET',
      pattern: '/account/subaccount/{account_id}/organization',
      answer: (call) => {
        const organizations = [...organizationsOf(call)].map((organization) => ({
          id: organization.id,
          name: organization.name,
          display_name: displayName(organization),
          is_active: organization.status === 'active',
          ...(organization.city !== undefined && { city: organization.city }),
          country: organization.country,
        }));
        return pagedList('organizations', organizations, (organization) => organization, call, emptyLists);
      },
    },
  ];
}
