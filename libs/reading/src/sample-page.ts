import { containerId, orderId, organizationId, type OrderPage } from '@certfolio/core';

/**
 * One order that exists nowhere, for a run that only plans: what stands below orders is planned for it, and its ids
 * are none that CertCentral gives.
 */
export const samplePage: OrderPage = {
  orders: [
    {
      id: orderId(-1),
      organizationId: organizationId(-1),
      containerId: containerId(-1),
      userId: -1,
      productNameId: '-',
    },
  ],
  hasNext: false,
  total: 1,
  positionOf: () => ({ sortValues: [], id: -1 }),
};
