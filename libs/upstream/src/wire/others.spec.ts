import { describe, expect, it } from '@jest/globals';
import { parseAccount } from './account.ts';
import { parseCustomFieldDefinitions } from './custom-field-definitions.ts';
import { parseOrderCertificates } from './order-certificates.ts';
import { parseContainers, parseDomain, parseDomains, parseOrganizations, parseValidations } from './organizations.ts';
import { parseProductInfo, parseProducts } from './products.ts';
import { parseStatusChanges, statusChangesQuery } from './status-changes.ts';
import { parseUsers } from './users.ts';

const page = { total: 1, limit: 1000, offset: 0 };

it('an account has an id and the name it is billed under', () => {
  expect(parseAccount({ id: '9', billing_account_name: 'Acme', primary_organization_name: 'Acme Test' })).toEqual({
    id: 9,
    name: 'Acme',
  });
  expect(parseAccount({ id: 9, primary_organization_name: 'Acme Test' })).toEqual({ id: 9, name: 'Acme Test' });
  expect(() => parseAccount({ name: 'x' })).toThrow('id is missing');
  expect(() => parseAccount([])).toThrow('unexpected shape');
});

it('an organization has its divisions as numbers, although CertCentral writes texts', () => {
  const body = {
    organizations: [
      {
        id: 5001,
        status: 'active',
        name: 'Acme Test',
        is_active: true,
        country: 'US',
        container: { id: 10, name: 'Acme' },
        container_id_assignments: ['14', '15'],
        validations: [
          { type: 'ov', name: 'OV', validated_until: '2026-02-05T10:00:00+00:00', status: 'active' },
          { type: 'ev', status: 'pending' },
        ],
      },
    ],
    page,
  };
  expect(parseOrganizations(body, 0).items[0]).toMatchObject({
    id: 5001,
    country: 'us',
    assumedName: null,
    containerId: 10,
    assignedContainerIds: [14, 15],
    validations: [
      { type: 'ov', validatedUntil: '2026-02-05T10:00:00Z' },
      { type: 'ev', validatedUntil: null, dateCreated: null },
    ],
  });
  expect(() => parseOrganizations({ organizations: [{ id: 1, name: 'x', validations: [{}] }], page }, 0)).toThrow(
    'organizations[0].validations[0].type is missing',
  );
  expect(parseValidations({})).toEqual([]);
});

describe('a domain', () => {
  it('expires at an instant; a day is midnight in Mountain Time', () => {
    const domain = {
      id: 2001,
      name: 'acme.test',
      is_active: '1',
      organization: { id: 5001, name: 'Acme', is_active: '1' },
    };
    const [first, second] = parseDomains(
      {
        domains: [
          { ...domain, dcv_expiration: { ov: '2026-11-02T10:05:00+00:00', ev: '2026-11-02T10:05:00+00:00' } },
          { ...domain, dcv_expiration: { ov: '2026-12-02' } },
        ],
        page: { total: 2 },
      },
      0,
    ).items;
    expect(first).toMatchObject({
      isActive: true,
      organizationId: 5001,
      dcvExpiresOv: '2026-11-02T10:05:00Z',
      dcvMethod: null,
    });
    expect(second).toMatchObject({ dcvExpiresOv: '2026-12-02T07:00:00Z', dcvExpiresEv: null });
  });

  it('has its method in domain info at another place', () => {
    expect(parseDomain({ id: 1, name: 'a.test', dcv: { method: 'email' } })).toMatchObject({
      dcvMethod: 'email',
      containerId: null,
      validations: [],
    });
  });
});

it('a division has a parent but the first', () => {
  const containers = [
    { id: 10, name: 'Acme', parent_id: 0 },
    { id: 14, name: 'Retail', parent_id: 10 },
  ];
  expect(parseContainers({ containers })).toEqual([
    { id: 10, name: 'Acme', description: null, isActive: true, allowedDomainNames: [], parentId: null },
    { id: 14, name: 'Retail', description: null, isActive: true, allowedDomainNames: [], parentId: 10 },
  ]);
  expect(() => parseContainers({ container: [] })).toThrow('containers is missing');
});

describe('status changes', () => {
  it('may be none, said with {}', () => {
    expect(parseStatusChanges({})).toEqual([]);
    expect(parseStatusChanges({ orders: [{ order_id: 7, certificate_id: '8', status: 'issued' }] })).toEqual([
      { orderId: 7, certificateId: 8, status: 'issued' },
    ]);
    expect(() => parseStatusChanges({ orders: [{ order_id: 7 }] })).toThrow('orders[0].status is missing');
  });

  it('are asked for by seconds, or by a range in Mountain Time', () => {
    expect(statusChangesQuery({ lastSeconds: 90.5 })).toBe('seconds=91');
    expect(statusChangesQuery({ from: new Date('2026-01-10T12:00:00Z'), to: new Date('2026-01-12T00:30:05Z') })).toBe(
      'filters[status_last_updated]=2026-01-10+05:00:00...2026-01-11+17:30:05',
    );
    expect(
      statusChangesQuery({ from: new Date('2026-07-10T12:00:00Z'), to: new Date('2026-07-10T13:00:00Z') }),
    ).toContain('2026-07-10+06:00:00');
  });

  it.each([
    [{ lastSeconds: 0 }],
    [{ lastSeconds: 604_801 }],
    [{ lastSeconds: Number.NaN }],
    [{ from: new Date(1e12), to: new Date(1e12) }],
    [{ from: new Date(0), to: new Date(604_801_000) }],
  ])('have no window %j', (window) => {
    expect(() => statusChangesQuery(window)).toThrow(TypeError);
  });
});

it('duplicates and reissues are read alike, with their different types', () => {
  const parsed = parseOrderCertificates({
    certificates: [
      {
        id: 1,
        serial_number: 'ab',
        common_name: 'a',
        dns_names: ['a', 'b'],
        archived: '1',
        ca_cert_id: '1005',
        firstname: 'Bo',
      },
      { id: 2, archived: 0, purchased_dns_names: '3', receipt_id: '6002', status: 'rejected' },
    ],
  });
  expect(parsed).toEqual([
    expect.objectContaining({ id: 1, serialNumber: 'AB', dnsNames: ['b'], isArchived: true, userFirstName: 'Bo' }),
    expect.objectContaining({
      id: 2,
      serialNumber: null,
      dnsNames: null,
      isArchived: false,
      purchasedDnsNames: 3,
      receiptId: 6002,
    }),
  ]);
  expect(parseOrderCertificates({})).toEqual([]);
  expect(() => parseOrderCertificates({ certificates: [{ id: 1, dns_names: [{}] }] })).toThrow(
    'certificates[0].dns_names',
  );
});

it('users may lack most of what they can have', () => {
  expect(
    parseUsers({ users: [{ id: 3001, username: 'bo', access_roles: [{ id: 1, name: 'Administrator' }] }], page }, 0),
  ).toEqual({
    total: 1,
    items: [
      expect.objectContaining({
        id: 3001,
        lastLogin: null,
        containerId: null,
        roles: [{ id: 1, name: 'Administrator' }],
      }),
    ],
  });
});

it('products have years as numbers or texts, and OV in capitals', () => {
  const product = {
    name_id: 'ssl_basic',
    name: 'Basic OV',
    allowed_validity_years: ['1', 2],
    signature_hash_types: { allowed_hash_types: [{ id: 'sha256' }] },
  };
  expect(parseProducts({ products: [{ ...product, allowed_container_ids: ['14', 15] }] })[0]).toMatchObject({
    allowedContainerIds: [14, 15],
  });
  expect(parseProducts({ products: [product] })).toEqual([
    expect.objectContaining({
      nameId: 'ssl_basic',
      allowedValidityYears: [1, 2],
      signatureHashes: ['sha256'],
      allowedContainerIds: null,
      replacedBy: null,
    }),
  ]);
  expect(parseProductInfo({ ...product, validation_type: 'OV', duplicates_allowed: true })).toMatchObject({
    validationType: 'ov',
    allowsDuplicates: true,
    caCertificates: [],
  });
});

it('custom fields of an account without any are {}', () => {
  expect(parseCustomFieldDefinitions({})).toEqual([]);
  expect(
    parseCustomFieldDefinitions({
      metadata: [
        { id: 112, label: 'Cost center', is_required: true, is_active: true, data_type: 'int' },
        { id: 113, label: 'Ticket' },
      ],
    }),
  ).toEqual([
    { id: 112, label: 'Cost center', isRequired: true, isActive: true, dataType: 'int' },
    { id: 113, label: 'Ticket', isRequired: false, isActive: true, dataType: null },
  ]);
});
