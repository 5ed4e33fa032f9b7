import { describe, expect, it } from '@jest/globals';
import { orderId } from '@certfolio/core';
import { parseOrderValidation } from './order-validation.ts';
import { parseOrderWithParts } from './order-with-parts.ts';

describe('order info', () => {
  it('carries requests and notes', () => {
    const parts = parseOrderWithParts({
      id: 730011,
      status: 'issued',
      requests: [
        { id: 4001, date: '2025-02-10T09:12:00+00:00', type: 'new_request', status: 'approved', comments: 'ok' },
        { id: 4002, date_created: '2025-02-11T09:12:00+00:00' },
      ],
      notes: [{ id: 1, text: 'moved to CDN' }, { id: 2 }],
    });
    expect(parts.order).toMatchObject({ id: 730011, status: 'issued' });
    expect(parts.requests).toEqual([
      { id: 4001, date: '2025-02-10T09:12:00Z', type: 'new_request', status: 'approved', comments: 'ok' },
      { id: 4002, date: '2025-02-11T09:12:00Z', type: null, status: null, comments: null },
    ]);
    expect(parts.notes).toEqual([
      { id: 1, text: 'moved to CDN' },
      { id: 2, text: '' },
    ]);
  });

  it('may lack both', () => {
    expect(parseOrderWithParts({ id: 1, status: 'issued' })).toMatchObject({ requests: [], notes: [] });
    expect(() => parseOrderWithParts({ id: 1, status: 'issued', notes: [{ text: 'x' }] })).toThrow(
      'notes[0].id is missing',
    );
  });
});

describe('the validation of an order', () => {
  it('has ids as texts', () => {
    expect(
      parseOrderValidation(
        {
          order_id: '730013',
          order_status: 'pending',
          order_name_scope: 'base_domain',
          order_dcv_method: 'email',
          organization_id: '5001',
          organization_name: 'Acme Test',
          organization_validations: [
            {
              type: 'ov',
              name: 'OV',
              date_created: '2025-01-05T10:00:00+00:00',
              status: 'pending',
              verified_contacts: [{ user_id: '3001', first_name: 'Bo', last_name: 'Lind', status: 'pending' }],
              verification_details: { organization_type: 'complete', address_verification: 'pending' },
            },
          ],
          dns_name_validations: [
            {
              domain_id: '2001',
              name_scope: 'acme.test',
              approval_scope: 'subdomains',
              status: 'approved',
              method: 'email',
              dns_names: ['app.acme.test'],
            },
          ],
        },
        orderId(730013),
      ),
    ).toEqual({
      orderId: 730013,
      status: 'pending',
      nameScope: 'base_domain',
      dcvMethod: 'email',
      organizationId: 5001,
      organizationName: 'Acme Test',
      organizationValidations: [
        {
          type: 'ov',
          name: 'OV',
          description: null,
          dateCreated: '2025-01-05T10:00:00Z',
          validatedUntil: null,
          status: 'pending',
          dcvStatus: null,
          verifiedUsers: [],
          verifiedContacts: [{ id: 3001, firstName: 'Bo', lastName: 'Lind', email: null, status: 'pending' }],
          verificationDetails: [
            { step: 'organization_type', status: 'complete' },
            { step: 'address_verification', status: 'pending' },
          ],
        },
      ],
      dnsNameValidations: [
        {
          domainId: 2001,
          nameScope: 'acme.test',
          approvalScope: 'subdomains',
          status: 'approved',
          method: 'email',
          dnsNames: ['app.acme.test'],
        },
      ],
    });
  });

  it('of a domain-validated order has no organization', () => {
    expect(parseOrderValidation({ order_id: '7' }, orderId(7))).toMatchObject({
      organizationId: null,
      organizationValidations: [],
      dnsNameValidations: [],
    });
  });
});
