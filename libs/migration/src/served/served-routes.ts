import { listOrders } from './list-orders.ts';
import { orderInfo } from './order-info.ts';
import { orderReport } from './order-report.ts';
import type { ServedRoute } from './served-route.ts';

/** The routes that the graph answers, by the key of the route catalog. */
export const servedRoutes: ReadonlyMap<string, ServedRoute> = new Map(
  [listOrders, orderInfo, orderReport].map((route) => [route.route, route]),
);
