import { accountLists } from './account-lists.ts';
import { expiringSummary } from './expiring-summary.ts';
import { listOrders } from './list-orders.ts';
import { duplicates, reissues } from './order-copies.ts';
import { orderInfo } from './order-info.ts';
import { orderReport } from './order-report.ts';
import { statusChanges } from './status-changes.ts';
import type { ServedRoute } from './served-route.ts';

/** The routes that the graph answers, by the key of the route catalog. */
export const servedRoutes: ReadonlyMap<string, ServedRoute> = new Map(
  [listOrders, orderInfo, orderReport, duplicates, reissues, statusChanges, expiringSummary, ...accountLists].map(
    (route) => [route.route, route],
  ),
);
