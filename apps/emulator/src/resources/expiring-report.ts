import { daysUntil } from '../dates.ts';
import { json } from '../http/answer.ts';
import { type Call } from '../http/call.ts';
import { type Route } from '../http/route.ts';
import { statusAt } from '../orders/order-status.ts';
import { type World } from '../world.ts';

/** 60 to 90 days, 30 to below 60, above 0 to below 30, and 0 to 7 days ago. */
const buckets = [
  { name: 90, holds: (days: number) => days >= 60 && days <= 90 },
  { name: 60, holds: (days: number) => days >= 30 && days < 60 },
  { name: 30, holds: (days: number) => days > 0 && days < 30 },
  { name: -7, holds: (days: number) => days <= 0 && days >= -7 },
] as const;

/** Source: vendor page "Expiring certificates"; the name of the certificate count is not documented. */
export function expiringReportRoutes(world: World): readonly Route[] {
  const answer = ({ query, nowMs }: Call, containerId: string | undefined) => {
    const days = world.orders.all().flatMap((order) => {
      const status = statusAt(order, nowMs);
      const isShown = containerId === undefined || order.division.id === Number(containerId);
      const counts = isShown && (status === 'issued' || status === 'expired') && !order.isRenewed;
      return counts && order.issuance !== undefined ? [daysUntil(order.issuance.validTill, nowMs)] : [];
    });
    return json({
      expiring_orders: buckets.map(({ name, holds }) => {
        const count = days.filter(holds).length;
        return query.flag('include_expiring_certs')
          ? { days_expiring: name, count, expiring_certs: count }
          : { days_expiring: name, order_count: count };
      }),
    });
  };
  return [
    {
      method: 'GET',
      pattern: '/report/order/expiring',
      answer: (call) => answer(call, call.query.value('container_id')),
    },
    {
      method: 'GET',
      pattern: '/report/order/{container_id}/expiring',
      answer: (call) => answer(call, call.param('container_id')),
    },
  ];
}
