import { describe, expect, it } from '@jest/globals';
import { BadUserInput, factsOf, fieldOfCustomName, orderFields, type Order, type OrderField } from '@certfolio/core';
import { row } from '../test/run-document.ts';
import {
  OrderDetailsRow,
  customText,
  orderDetailsNames,
  orderDetailsQuery,
  type OrderDetailsArgs,
} from './order-details.ts';

const conditionsOf = (args: OrderDetailsArgs) => orderDetailsQuery(args).conditions;

describe('arguments of order_details, as DigiCert documents them', () => {
  it.each<[OrderDetailsArgs, object]>([
    [{ id: 730011 }, { op: 'in', field: 'id', values: [730011] }],
    [{ status: 'issued' }, { op: 'in', field: 'status', values: ['issued'] }],
    [{ valid_from: '2026-01-01' }, { op: 'range', field: 'validFrom', gte: '2026-01-01' }],
    [{ valid_till: '2026-12-31' }, { op: 'range', field: 'validTill', lte: '2026-12-31' }],
    [{ container_id: '14' }, { op: 'in', field: 'containerId', values: [14] }],
    [{ organization_id: '5001' }, { op: 'in', field: 'organizationId', values: [5001] }],
    [{ product_name_id: 'ssl_basic' }, { op: 'in', field: 'productNameId', values: ['ssl_basic'] }],
    [{ serial_number: '0c1f6e1b5a' }, { op: 'in', field: 'serialNumber', values: ['0C1F6E1B5A'] }],
    [{ signature_hash: 'sha256' }, { op: 'in', field: 'signatureHash', values: ['sha256'] }],
    [{ user_id: '3001' }, { op: 'in', field: 'userId', values: [3001] }],
    [{ date_created: '2026-01-01 10:20:30' }, { op: 'range', field: 'dateCreated', gte: '2026-01-01T10:20:30Z' }],
    [{ date_created: '2026-01-01' }, { op: 'range', field: 'dateCreated', gte: '2026-01-01T00:00:00Z' }],
    [{ ca_cert_id: '3A5E' }, { op: 'in', field: 'caCertId', values: ['3A5E'] }],
    [{ common_name: 'shop.acme.test' }, { op: 'in', field: 'commonName', values: ['shop.acme.test'] }],
    [{ common_name: '%acme.test' }, { op: 'like', field: 'commonName', pattern: '%acme.test' }],
    [{ dns_names: 'www.acme.test' }, { op: 'in', field: 'dnsNames', values: ['www.acme.test'] }],
    [{ dns_names: 'www.%' }, { op: 'like', field: 'dnsNames', pattern: 'www.%' }],
    [{ locale: 'en' }, { op: 'in', field: 'locale', values: ['en'] }],
    [{ thumbprint: '7d23' }, { op: 'in', field: 'thumbprint', values: ['7D23'] }],
    [{ email: 'pki@acme.test' }, { op: 'in', field: 'email', values: ['pki@acme.test'] }],
    [{ search: 'acme' }, { op: 'search', text: 'acme' }],
    [{ search: '%acme%' }, { op: 'search', text: 'acme' }],
    // An id that is no number equals none.
    [{ container_id: 'retail' }, { op: 'in', field: 'containerId', values: [] }],
    [{ user_id: '' }, { op: 'in', field: 'userId', values: [] }],
    [{ organization_id: '1e3' }, { op: 'in', field: 'organizationId', values: [] }],
  ])('%j', (args, expected) => {
    expect(conditionsOf(args)).toEqual([expected]);
  });

  it('are joined by AND; one that is null is as if absent', () => {
    expect(
      conditionsOf({
        status: 'issued',
        valid_till: '2026-12-31',
        id: null,
        search: null,
        sort: null,
        container_id: null,
      }),
    ).toHaveLength(2);
    expect(orderDetailsQuery({})).toEqual({
      conditions: [],
      sort: [],
      limit: null,
      offset: 0,
      after: null,
      withTotal: false,
    });
  });

  it('sort by a field and a direction, and by further pairs', () => {
    const sortOf = (...sort: (string | null)[]) => orderDetailsQuery({ sort }).sort;
    expect(sortOf('valid_from', 'DESC')).toEqual([{ field: 'validFrom', direction: 'desc' }]);
    expect(sortOf('valid_from', 'ASC')).toEqual([{ field: 'validFrom', direction: 'asc' }]);
    expect(sortOf('valid_from')).toEqual([{ field: 'validFrom', direction: 'asc' }]);
    expect(sortOf('valid_from', 'desc')).toEqual([{ field: 'validFrom', direction: 'desc' }]);
    expect(sortOf('valid_till', 'DESC', 'common_name', 'id', 'ASC')).toEqual([
      { field: 'validTill', direction: 'desc' },
      { field: 'commonName', direction: 'asc' },
      { field: 'id', direction: 'asc' },
    ]);
    expect(sortOf()).toEqual([]);
    expect(sortOf(null)).toEqual([]);
    for (const wrong of ['validTill', 'ASC', '', 'toString']) expect(() => sortOf(wrong, 'ASC')).toThrow(BadUserInput);
  });

  it('limit and skip rows', () => {
    expect(orderDetailsQuery({ limit: 5, offset: 10 })).toMatchObject({ limit: 5, offset: 10 });
    expect(orderDetailsQuery({ limit: 0 })).toMatchObject({ limit: 0 });
    expect(() => orderDetailsQuery({ limit: -1 })).toThrow(/limit is -1/);
    expect(() => orderDetailsQuery({ offset: -1 })).toThrow(/offset is -1/);
  });

  it.each([
    { valid_from: 'soon' },
    { valid_till: '2026-02-30' },
    { valid_till: '31.12.2026' },
    { date_created: '2026-01-01 25:00:00' },
    { date_created: '2026-01-01 10:61:00' },
    { date_created: '2026-02-30 10:00:00' },
    { date_created: 'yesterday' },
  ])('refuse %j by name', (args) => {
    expect(() => orderDetailsQuery(args)).toThrow(BadUserInput);
    expect(() => orderDetailsQuery(args)).toThrow(new RegExp(`^${Object.keys(args)[0]} is `));
  });
});

describe('values of order_details', () => {
  const read = (name: string, order: Order) =>
    (new OrderDetailsRow(order) as unknown as Readonly<Record<string, unknown>>)[name];
  const textOf = (name: string, value: unknown) => read(name, row(1, { [fieldOfCustomName.get(name)!]: value }));

  it.each<[string, unknown, string | null]>([
    ['auto_renew', true, '1'],
    ['auto_renew', false, '0'],
    ['is_renewed', false, '0'],
    ['plus_feature', true, '1'],
    ['organization_id', 5001, '5001'],
    ['server_type', -1, '-1'],
    ['receipt_id', 0, '0'],
    ['cost', '238.00', '238.00'],
    ['cost', '0.00', '0.00'],
    ['dns_names', ['www.acme.test', 'cdn.acme.test'], 'www.acme.test,cdn.acme.test'],
    ['dns_names', [], null],
    ['additional_emails', ['a@acme.test', 'b@acme.test'], 'a@acme.test,b@acme.test'],
    ['organization_unit', ['Sales'], 'Sales'],
    ['user_assignments', [], null],
    ['date_created', '2026-02-10T09:12:00Z', '2026-02-10 09:12:00'],
    ['valid_till', '2026-02-11', '2026-02-11'],
    ['common_name', '', ''],
    [
      'csr',
      '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n',
      '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n',
    ],
    [
      'metadata',
      [{ id: 112, label: 'Cost center', value: '4711' }],
      '[{"metadata_id":112,"label":"Cost center","value":"4711"}]',
    ],
    ['metadata', [{ id: null, label: null, value: 'as it came' }], 'as it came'],
    ['metadata', [], null],
    ['purchased_dns_names', 4, '4'],
    ['purchase_dns_names', 4, '4'],
  ])('%s of %j is %j', (name, value, expected) => {
    expect(textOf(name, value)).toBe(expected);
  });

  it('are null for every field without a value, whether it was read or not', () => {
    expect(orderDetailsNames).toHaveLength(63);
    for (const name of orderDetailsNames) {
      if (name === 'id') continue;
      expect([name, read(name, row(1))]).toEqual([name, null]);
      expect([name, textOf(name, null)]).toEqual([name, null]);
    }
  });

  it('are text for a value of every kind', () => {
    const sample = {
      integer: 7,
      text: 'seven',
      flag: true,
      date: '2026-11-23',
      timestamp: '2026-11-23T08:15:00Z',
      decimal: '7.00',
      texts: ['seven'],
      customFields: [{ id: 1, label: 'a', value: 'b' }],
      document: '{}',
    };
    for (const field of orderFields.keys()) {
      const order = { id: 7, [field]: sample[factsOf(field).kind] } as unknown as Order;
      expect([field, typeof customText(field as OrderField)(order)]).toEqual([field, 'string']);
    }
  });
});
