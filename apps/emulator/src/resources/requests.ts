import { isoInstant } from '../dates.ts';
import { notFound } from '../http/api-error.ts';
import { json, type Answer } from '../http/answer.ts';
import { type Call } from '../http/call.ts';
import { selectItems, type Properties } from '../http/filtering.ts';
import { pagedList } from '../http/paged-list.ts';
import { listTypes, type Route } from '../http/route.ts';
import { requestsOf, type OrderRequest } from '../orders/order-requests.ts';
import { type Order } from '../orders/order.ts';
import { renderOrderInfo } from '../orders/render-order-info.ts';
import { userPart } from '../orders/render-parts.ts';
import { type World } from '../world.ts';

interface Item {
  readonly order: Order;
  readonly request: OrderRequest;
}

const properties: Properties<Item> = new Map([
  ['id', { kind: 'number', read: ({ request }) => request.id }],
  ['status', { kind: 'text', read: ({ request }) => request.status }],
  ['type', { kind: 'text', read: ({ request }) => request.type }],
  ['date', { kind: 'instant', read: ({ request }) => request.atMs }],
  ['order_id', { kind: 'number', read: ({ order }) => order.id }],
]);

function head({ id, atMs, type, status }: OrderRequest) {
  return { id, date: isoInstant(atMs), type, status };
}

function listItem({ order, request }: Item) {
  const { organization, division, product } = order;
  return {
    ...head(request),
    requester: userPart(request.requester),
    ...(request.processor && { processor: userPart(request.processor) }),
    order: {
      id: order.id,
      certificate: { common_name: order.commonName },
      ...(organization && { organization: { id: organization.id, name: organization.name } }),
      container: { id: division.id, name: division.name },
      product: { name_id: product.nameId, name: product.name, type: product.type },
    },
  };
}

/** The sample of this list alone shows a limit of 0 where the caller sent none. */
function withLimitAsSent(answer: Answer, { query, wantsCsv }: Call): Answer {
  if (wantsCsv || query.value('limit') !== undefined || answer.kind !== 'json') return answer;
  const body = answer.value as { readonly page: object };
  return json({ ...body, page: { ...body.page, limit: 0 } });
}

/** Approvals. Sources: vendor pages "List requests" and "Request info". */
export function requestRoutes(world: World): readonly Route[] {
  const all = () =>
    world.orders.all().flatMap((order) => requestsOf(order).map((request): Item => ({ order, request })));
  return [
    {
      method: 'GET',
      pattern: '/request',
      types: listTypes,
      answer: (call) => {
        // Older clients send the status outside of filters.
        const status = call.query.value('status');
        const items = status === undefined ? all() : all().filter(({ request }) => request.status === status);
        const selected = selectItems(items, call.query, properties, call.nowMs);
        return withLimitAsSent(pagedList('requests', selected, listItem, call, world.emptyLists), call);
      },
    },
    {
      method: 'GET',
      pattern: '/request/{id}',
      answer: ({ param, nowMs }) => {
        const item = all().find(({ request }) => request.id === Number(param('id')));
        if (item === undefined) throw notFound('request');
        const { order, request } = item;
        return json({
          ...head(request),
          ...(request.processedMs !== undefined && { date_processed: isoInstant(request.processedMs) }),
          requester: userPart(request.requester),
          ...(request.processor && { reviewer: userPart(request.processor), processor: userPart(request.processor) }),
          order: { ...renderOrderInfo(order, world.certificates.filesOf(order), nowMs), unsubmitted_domains: [] },
          ...(request.comments !== undefined && { comments: request.comments }),
        });
      },
    },
  ];
}
