import { containerId, orderId, organizationId, type OrderPage } from '@certfolio/core';

/** An id that has the form of CertCentral's and is none that it gives. */
const nobody = 999_999_999_999_999;

/** One order that exists nowhere, for a run that only plans: what stands below orders is planned for it. */
export const samplePage: OrderPage = {
  orders: [
    {
      id: orderId(nobody),
      organizationId: organizationId(nobody),
      containerId: containerId(nobody),
      userId: nobody,
      productNameId: '-',
    },
  ],
  hasNext: false,
  total: 1,
  positionOf: () => ({ sortValues: [], id: nobody }),
};
