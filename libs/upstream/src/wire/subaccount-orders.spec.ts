import { expect, it } from '@jest/globals';
import { parseSubaccountOrders } from './subaccount-orders.ts';

/** Samples of the vendor's pages "List subaccount orders": the second is of an account further down. */
const body = {
  orders: [
    {
      id: 731000,
      certificate: { id: 881000, common_name: 'sub.acme.test' },
      status: 'pending',
      date_created: '2026-03-01T09:12:00+00:00',
      subaccount: { account_id: 900200, account_type: 'enterprise', organization_name: 'Acme Sub' },
      product: { name_id: 'ssl_securesite_flex', name: 'Secure Site OV', type: 'ssl_certificate' },
    },
    { id: 731001, status: 'issued' },
  ],
  page: { total: 2, limit: 1000, offset: 0 },
};

it('reads orders of subaccounts, and takes what is left out for unknown', () => {
  expect(parseSubaccountOrders(body, 0)).toEqual({
    items: [
      {
        id: 731000,
        accountId: 900200,
        productNameId: 'ssl_securesite_flex',
        status: 'pending',
        createdAt: '2026-03-01T09:12:00Z',
      },
      { id: 731001, accountId: null, productNameId: null, status: 'issued', createdAt: null },
    ],
    total: 2,
  });
});
