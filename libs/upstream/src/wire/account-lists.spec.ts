import { describe, expect, it } from '@jest/globals';
import { parseRequests } from './approval-requests.ts';
import { parseBalance, parseBalanceAdjustments } from './finance.ts';
import { parseOrganizationContacts } from './organization-contacts.ts';
import { parseDomain, parseValidations } from './organizations.ts';
import { parseUnitBundles, parseUnitOrders } from './unit-orders.ts';

const page = { total: 1, limit: 1000, offset: 0 };

describe('requests', () => {
  const order = {
    id: 730012,
    certificate: { common_name: 'new.acme.test' },
    organization: { id: 5001, name: 'Acme Test' },
    container: { id: 14, name: 'Retail' },
    product: { name_id: 'ssl_basic', name: 'Basic OV', type: 'ssl_certificate' },
  };
  const request = {
    id: 4002,
    date: '2025-11-20T08:00:00+00:00',
    type: 'new_request',
    status: 'pending',
    requester: { id: 3001, first_name: 'Bo', last_name: 'Lind', email: 'bo@acme.test' },
    order,
  };

  it('carry the short order and who asked; a limit of 0 means nothing', () => {
    expect(parseRequests({ requests: [request], page: { total: 1, limit: 0, offset: 0 } }, 0)).toEqual({
      total: 1,
      items: [
        {
          id: 4002,
          date: '2025-11-20T08:00:00Z',
          type: 'new_request',
          status: 'pending',
          comments: null,
          requester: { id: 3001, firstName: 'Bo', lastName: 'Lind', email: 'bo@acme.test' },
          processor: null,
          orderId: 730012,
          commonName: 'new.acme.test',
          organizationId: 5001,
          organizationName: 'Acme Test',
          containerId: 14,
          containerName: 'Retail',
          productNameId: 'ssl_basic',
          productName: 'Basic OV',
        },
      ],
    });
  });

  it('may lack all but their id, and may be none', () => {
    expect(parseRequests({ requests: [{ id: '7' }], page }, 0).items[0]).toMatchObject({
      id: 7,
      requester: null,
      orderId: null,
      containerId: null,
    });
    expect(parseRequests({}, 0)).toEqual({ items: [], total: 0 });
    expect(() => parseRequests({ requests: [{ type: 'revoke' }], page }, 0)).toThrow('requests[0].id is missing');
    expect(() => parseRequests({ requests: [{ id: 1, requester: { id: {} } }], page }, 0)).toThrow(
      'requests[0].requester.id',
    );
  });
});

describe('finance', () => {
  it('has amounts as texts', () => {
    expect(
      parseBalance({
        balance: '1200.00',
        currency: 'USD',
        unpaid_invoice_balance: '0.00',
        negative_balance_limit: '2000.5',
        used_credit_from_other_containers: '0.00',
        total_available_funds: '3200.00',
      }),
    ).toEqual({
      balance: '1200.00',
      currency: 'USD',
      unpaidInvoices: '0.00',
      creditLimit: '2000.50',
      usedCreditOfOtherContainers: '0.00',
      availableFunds: '3200.00',
      hasUnlimitedCredit: false,
    });
  });

  it('has no limit and no total for unlimited credit', () => {
    expect(parseBalance({ balance: '-5.00', unlimited_negative_balance: true })).toMatchObject({
      balance: '-5.00',
      creditLimit: null,
      availableFunds: null,
      hasUnlimitedCredit: true,
    });
    expect(() => parseBalance({ balance: 'much' })).toThrow('balance is a text');
  });

  it('has a history with ids as texts, times without a zone, and either credit or debit', () => {
    const debit = {
      id: '7001',
      container: { id: 10, name: 'Acme', is_active: true },
      debit: '238.00',
      transaction_type: 'Charge',
      receipt_id: '6001',
      transaction_date: '2025-02-10 09:12:03',
      balance_after: '-1200.00',
      currency: 'USD',
    };
    const credit = { id: '7002', credit: '1000', note: 'PO 4711', expiration_date: '2026-02-10 00:00:00' };
    const { items } = parseBalanceAdjustments(
      { adjustments: [debit, credit], page: { total: 2 } },
      0,
      'America/Denver',
    );
    expect(items[0]).toEqual({
      id: 7001,
      containerId: 10,
      containerName: 'Acme',
      credit: null,
      debit: '238.00',
      transactionType: 'Charge',
      receiptId: 6001,
      transactionDate: '2025-02-10T16:12:03Z',
      balanceAfter: '-1200.00',
      currency: 'USD',
      note: null,
      expirationDate: null,
    });
    expect(items[1]).toMatchObject({ credit: '1000.00', debit: null, note: 'PO 4711', expirationDate: '2026-02-10' });
    expect(parseBalanceAdjustments({}, 0, 'UTC').items).toEqual([]);
  });
});

it('unit orders have costs as numbers, and their bundles in the details', () => {
  const order = {
    id: 1003,
    unit_account_id: 900200,
    unit_account_name: 'Acme Sub',
    cost: 10,
    currency: 'USD',
    status: 'completed',
    expiration_date: '2026-11-02',
    created_date: '2025-11-02 13:19:47',
  };
  expect(parseUnitOrders({ orders: [order], page }, 0, 'UTC').items).toEqual([
    {
      id: 1003,
      unitAccountId: 900200,
      unitAccountName: 'Acme Sub',
      cost: '10.00',
      currency: 'USD',
      status: 'completed',
      expirationDate: '2026-11-02',
      createdAt: '2025-11-02T13:19:47Z',
    },
  ]);
  expect(parseUnitBundles({ id: 1003, bundle: [{ product_name_id: 'ssl_basic', units: '5', cost: 10 }] })).toEqual([
    { productNameId: 'ssl_basic', productName: null, units: 5, cost: '10.00' },
  ]);
  expect(parseUnitBundles({ id: 1003 })).toEqual([]);
  expect(() => parseUnitBundles({ id: 1003, bundle: [{}] })).toThrow('bundle[0].product_name_id is missing');
});

it('an organization has its people in organization info, contacts by ids of their own', () => {
  const ada = { id: 184, first_name: 'Ada', last_name: 'Ray', email: 'ada@acme.test', telephone_extension: '5' };
  expect(
    parseOrganizationContacts({
      organization_contact: ada,
      verified_contacts: [{ id: 77, first_name: 'Cy', last_name: 'Moss' }],
      contacts: [{ ...ada, contact_type: 'organization_contact' }],
    }),
  ).toMatchObject({
    organizationContact: { id: 184, firstName: 'Ada', telephoneExtension: '5', jobTitle: null, contactType: null },
    verifiedContacts: [{ id: 77, firstName: 'Cy', lastName: 'Moss', email: null }],
    contacts: [{ id: 184, contactType: 'organization_contact' }],
  });
  expect(parseOrganizationContacts({})).toEqual({ organizationContact: null, verifiedContacts: [], contacts: [] });
});

it('a validation names its users, and where control of the domain stands', () => {
  const [ev] = parseValidations({
    validations: [{ type: 'ev', dcv_status: 'complete', verified_users: [{ id: 3001, first_name: 'Bo' }] }],
  });
  expect(ev).toMatchObject({
    dcvStatus: 'complete',
    verifiedUsers: [{ id: 3001, firstName: 'Bo', lastName: null, email: null }],
  });
  const expiration = {
    ov: '2026-11-02T10:05:00+00:00',
    ov_shortened: '2026-04-19T10:05:00+00:00',
    ov_status: 'valid',
    ev_status: 'expired',
  };
  expect(parseDomain({ id: 1, name: 'a.test', dcv_expiration: expiration })).toMatchObject({
    dcvExpiresOvShortened: '2026-04-19T10:05:00Z',
    dcvStatusOv: 'valid',
    dcvStatusEv: 'expired',
  });
  expect(parseDomain({ id: 1, name: 'a.test', dcv_expiration: [] })).toMatchObject({ dcvStatusOv: null });
});
