import { json } from '../http/answer.ts';
import { pagedList } from '../http/paged-list.ts';
import { listTypes, type Route } from '../http/route.ts';
import { findChanged } from '../orders/changed-orders.ts';
import { orderByAnyId, orderById } from '../orders/find-order.ts';
import { listProperties } from '../orders/order-properties.ts';
import { duplicatesOf, reissuesOf } from '../orders/order-variants.ts';
import { renderDuplicate, renderReissue } from '../orders/render-certificates.ts';
import { renderListItem } from '../orders/render-list-item.ts';
import { renderOrderInfo } from '../orders/render-order-info.ts';
import { type SelectOrders } from '../orders/select-orders.ts';
import { type World } from '../world.ts';

/** Reading orders. Sources: vendor pages "List orders", "Order info", "List duplicates", "List reissues", "Status change list". */
export function orderRoutes(world: World, selectOrders: SelectOrders): readonly Route[] {
  return [
    {
      method: 'GET',
      pattern: '/order/certificate',
      types: listTypes,
      answer: (call) => {
        const selected = selectOrders(call.query, listProperties, call.nowMs);
        return pagedList('orders', selected, (order) => renderListItem(order, call.nowMs), call, world.emptyLists);
      },
    },
    {
      method: 'GET',
      pattern: '/order/certificate/status-changes',
      answer: ({ query, nowMs }) => {
        const changed = findChanged(world.orders.all(), query, nowMs);
        return json(changed.length === 0 ? {} : { orders: changed });
      },
    },
    {
      method: 'GET',
      pattern: '/order/certificate/{id}',
      answer: async ({ param, query, nowMs }) => {
        const order = await orderByAnyId(world, param('id'));
        return json(renderOrderInfo(order, world.certificates.filesOf(order), nowMs, query.flag('include_caa_status')));
      },
    },
    {
      method: 'GET',
      pattern: '/order/certificate/{id}/duplicate',
      answer: ({ param, query, nowMs }) => {
        const order = orderById(world, param('id'));
        const shown = duplicatesOf(order).filter(({ isArchived }) => !isArchived || query.flag('show_archived'));
        return json({
          certificates: shown.map((one, at) => renderDuplicate(order, one, at, world.certificates, nowMs)),
        });
      },
    },
    {
      method: 'GET',
      pattern: '/order/certificate/{id}/reissue',
      answer: ({ param, query, nowMs }) => {
        const order = orderById(world, param('id'));
        const shown = reissuesOf(order).filter(({ isArchived }) => !isArchived || query.flag('show_archived'));
        return json({ certificates: shown.map((one) => renderReissue(order, one, world.certificates, nowMs)) });
      },
    },
    {
      method: 'GET',
      pattern: '/order/certificate/{id}/note',
      answer: ({ param }) => json({ notes: orderById(world, param('id')).notes }),
    },
  ];
}
