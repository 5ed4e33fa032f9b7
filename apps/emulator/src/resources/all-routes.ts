import { type Route } from '../http/route.ts';
import { type SelectOrders } from '../orders/select-orders.ts';
import { type World } from '../world.ts';
import { accountRoutes } from './account.ts';
import { certificateRoutes } from './certificates.ts';
import { containerRoutes } from './containers.ts';
import { domainRoutes } from './domains.ts';
import { expiringReportRoutes } from './expiring-report.ts';
import { financeRoutes } from './finance.ts';
import { orderReportRoutes } from './order-report.ts';
import { orderValidationRoutes } from './order-validation.ts';
import { orderWriteRoutes } from './order-writes.ts';
import { orderRoutes } from './orders.ts';
import { organizationRoutes } from './organizations.ts';
import { productRoutes } from './products.ts';
import { reportsQueryRoutes } from './reports-query.ts';
import { requestRoutes } from './requests.ts';
import { subaccountRoutes } from './subaccounts.ts';
import { unitOrderRoutes } from './unit-orders.ts';
import { userRoutes } from './users.ts';

/** Everything below `/services/v2`. */
export function allRoutes(world: World, selectOrders: SelectOrders): readonly Route[] {
  return [
    ...accountRoutes(world),
    ...orderRoutes(world, selectOrders),
    ...orderWriteRoutes(world),
    ...orderReportRoutes(world, selectOrders),
    ...reportsQueryRoutes(world),
    ...organizationRoutes(world),
    ...domainRoutes(world),
    ...containerRoutes(world),
    ...userRoutes(world),
    ...productRoutes,
    ...orderValidationRoutes(world),
    ...expiringReportRoutes(world),
    ...requestRoutes(world),
    ...certificateRoutes(world),
    ...financeRoutes(world),
    ...unitOrderRoutes(world),
    ...subaccountRoutes(world),
  ];
}
