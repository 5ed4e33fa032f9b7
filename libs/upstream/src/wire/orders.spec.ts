import { describe, expect, it } from '@jest/globals';
import { factsOf, fieldsFrom, orderFields, type OrderField } from '@certfolio/core';
import { rsaRequest } from '@certfolio/core/testing';
import { parseCustomReport } from './custom-report.ts';
import { parseOrderInfo } from './order-info.ts';
import { parseOrderList } from './order-list.ts';
import { createOrderReportParser } from './order-report-csv.ts';
import { WrongShape } from './wrong-shape.ts';

const listItem = {
  id: 730011,
  certificate: {
    id: 880021,
    serial_number: '0c1f6e1b5a',
    common_name: 'shop.acme.test',
    dns_names: ['shop.acme.test', ' ', 'cdn.acme.test'],
    valid_from: '2025-02-10',
    valid_till: '2026-02-11',
    signature_hash: 'sha256',
  },
  status: 'issued',
  is_renewed: false,
  date_created: '2025-02-10T09:12:00+00:00',
  organization: { id: 5001, name: 'Acme Test' },
  validity_years: 1,
  order_valid_till: '2026-02-11',
  disable_renewal_notifications: false,
  container: { id: 14, name: 'Retail', is_active: true },
  product: { name_id: 'ssl_basic', name: 'Basic OV', type: 'ssl_certificate' },
  has_duplicates: false,
  has_reissues: true,
  price: 238,
  is_multi_year_plan: '1',
};

const info = {
  id: 730011,
  certificate: {
    ...listItem.certificate,
    thumbprint: '5b1f0c2e9a7744d01122334455667788990aabbc',
    date_issued: '2025-02-10T11:00:05+00:00',
    csr: rsaRequest,
    organization: { id: 5001 },
    organization_units: ['Web Shop'],
    server_platform: { id: -1, name: 'OTHER' },
    key_size: 2048,
    ca_cert: { id: '3A5E6F7089BC0D12', name: 'Acme Issuing CA G2' },
    emails: ['smime@acme.test'],
  },
  status: 'issued',
  is_renewal: false,
  is_renewed: false,
  renewed_order_id: 0,
  date_created: '2025-02-10T09:12:00+00:00',
  order_valid_till: '2026-02-11',
  validity_years: 1,
  organization: { id: 5001, name: 'Acme Test', city: 'Lehi', state: 'Utah', country: 'US' },
  organization_contact: { email: 'ada@acme.test' },
  technical_contact: {
    first_name: 'Ada',
    last_name: 'Ray',
    email: 'ada@acme.test',
    job_title: 'Buyer',
    telephone: '555-0101',
  },
  user: { id: 3001, first_name: 'Bo', last_name: 'Lind', email: 'bo@acme.test' },
  user_assignments: [
    { id: 3002, email: 'cy@acme.test' },
    { id: 3003, email: 'di@acme.test' },
  ],
  container: { id: 14, name: 'Retail' },
  product: { name_id: 'ssl_basic', name: 'Basic OV', type: 'ssl_certificate' },
  additional_emails: ['pki@acme.test'],
  custom_fields: [{ metadata_id: 112, label: 'Cost center', value: '4711' }],
  price: 238,
  currency: 'USD',
  payment_method: 'balance',
  receipt_id: 6001,
  auto_renew: 0,
  disable_renewal_notifications: false,
  disable_issuance_email: false,
  is_out_of_contract: false,
  purchased_dns_names: '1',
  dcv_method: 'email',
  alternative_order_id: 'PO-1',
  locale: 'en',
};

const row = new Map<OrderField, string>([
  ['id', '730011'],
  ['additionalEmails', 'pki@acme.test'],
  ['autoRenew', '0'],
  ['certificateId', '880021'],
  ['commonName', 'shop.acme.test'],
  ['containerId', '14'],
  ['containerName', 'Retail'],
  ['cost', '238.00'],
  ['csr', rsaRequest],
  ['customFields', '[{"metadata_id":112,"label":"Cost center","value":"4711"}]'],
  ['customerOrderId', 'PO-1'],
  ['dateCreated', '2025-02-10 09:12:00'],
  ['dcvMethod', 'email'],
  ['disableIssuanceEmail', '0'],
  ['disableRenewalNotifications', '0'],
  ['dnsNames', 'cdn.acme.test'],
  ['email', 'smime@acme.test'],
  ['hasDuplicates', '0'],
  ['isOutOfContract', '0'],
  ['isRenewed', '0'],
  ['issuingCa', 'Acme Issuing CA G2'],
  ['organizationCity', 'Lehi'],
  ['organizationCountry', 'us'],
  ['organizationId', '5001'],
  ['organizationName', 'Acme Test'],
  ['organizationState', 'Utah'],
  ['organizationUnit', 'Web Shop'],
  ['payType', 'balance'],
  ['productName', 'Basic OV'],
  ['productNameId', 'ssl_basic'],
  ['productType', 'ssl_certificate'],
  ['receiptId', '6001'],
  ['renewedOrderId', '0'],
  ['serialNumber', '0C1F6E1B5A'],
  ['serverType', '-1'],
  ['signatureHash', 'sha256'],
  ['status', 'issued'],
  ['techEmail', 'ada@acme.test'],
  ['techFirstName', 'Ada'],
  ['techLastName', 'Ray'],
  ['techTelephone', '555-0101'],
  ['techTitle', 'Buyer'],
  ['thumbprint', '5B1F0C2E9A7744D01122334455667788990AABBC'],
  ['userAssignments', 'cy@acme.test,di@acme.test'],
  ['userEmail', 'bo@acme.test'],
  ['userFirstName', 'Bo'],
  ['userId', '3001'],
  ['userLastName', 'Lind'],
  ['validFrom', '2025-02-10'],
  ['validTill', '2026-02-11'],
  ['validityYears', '1'],
]);
const column = (field: OrderField) => (field === 'id' ? 'order_id' : orderFields.get(field)!.customName!);
const csvOf = (fields: readonly OrderField[], rows: readonly ReadonlyMap<OrderField, string>[]) =>
  [
    fields.map(column).join(','),
    ...rows.map((values) => fields.map((field) => `"${(values.get(field) ?? '').replaceAll('"', '""')}"`).join(',')),
  ]
    .map((line) => `${line}\n`)
    .join('');
const parseCsv = (csv: string | Buffer, fields: ReadonlySet<OrderField>, chunkBytes = 1_000_000) => {
  const parser = createOrderReportParser(fields, { reportZone: 'UTC', maxRowBytes: 100_000 });
  const bytes = Buffer.from(csv);
  const orders = [];
  for (let at = 0; at < bytes.length; at += chunkBytes)
    orders.push(...parser.push(bytes.subarray(at, at + chunkBytes)));
  return [...orders, ...parser.end()];
};

describe('an order', () => {
  const [listed] = parseOrderList({ orders: [listItem], page: { total: 1, limit: 1000, offset: 0 } }, 0).orders;
  const informed = parseOrderInfo(info);
  const reportFields = [...fieldsFrom('report')];
  const [reported] = parseCsv(csvOf(reportFields, [row]), fieldsFrom('report'));
  const customFieldNames = [...fieldsFrom('custom')];
  const customRow = Object.fromEntries(
    customFieldNames.map((field) => [orderFields.get(field)!.customName, row.get(field) ?? null]),
  );
  const answer = parseCustomReport({ data: { order_details: [customRow] } }, { fields: customFieldNames }, 'UTC');
  const custom = answer.kind === 'rows' ? answer.orders[0] : undefined;

  it.each([
    ['list', listed],
    ['info', informed],
    ['report', reported],
    ['custom', custom],
  ] as const)('has exactly the fields that %s carries, absent ones null', (source, order) => {
    const fields = [...fieldsFrom(source)].filter((field) => factsOf(field).kind !== 'document');
    expect(Object.keys(order!).sort()).toEqual(fields.sort());
    expect(Object.values(order!)).not.toContain(undefined);
  });

  it('is the same from every source, as far as they carry it', () => {
    for (const [source, order] of [
      ['list', listed],
      ['report', reported],
      ['custom', custom],
    ] as const) {
      for (const [field, value] of Object.entries(order!)) {
        if (field in informed && !['locale', 'caCertId', 'contactsEmail', 'purchasedDnsNames'].includes(field)) {
          expect([source, field, value]).toEqual([source, field, informed[field as OrderField]]);
        }
      }
    }
  });

  it('has the forms of our record', () => {
    expect(informed).toMatchObject({
      serialNumber: '0C1F6E1B5A',
      thumbprint: '5B1F0C2E9A7744D01122334455667788990AABBC',
      cost: '238.00',
      dnsNames: ['cdn.acme.test'],
      serverType: -1,
      organizationCountry: 'us',
      autoRenew: false,
      renewedOrderId: null,
      purchasedDnsNames: 1,
      dateIssued: '2025-02-10T11:00:05Z',
      userAssignments: ['cy@acme.test', 'di@acme.test'],
    });
  });

  it('that waits for approval has nulls', () => {
    const waiting = parseOrderInfo({
      id: 1,
      certificate: { common_name: 'new.acme.test', dns_names: ['new.acme.test'] },
      status: 'needs_approval',
    });
    expect(waiting).toMatchObject({
      serialNumber: null,
      validTill: null,
      organizationId: null,
      cost: null,
      techEmail: null,
      dnsNames: null,
    });
    expect(parseOrderList({ orders: [{ id: 1, status: 'pending' }], page: { total: 1 } }, 0).orders[0]).toMatchObject({
      certificateId: null,
      commonName: null,
      cost: null,
    });
  });

  it('makes some fields when they are asked for, by functions that all orders share', () => {
    const other = parseOrderInfo({ ...info, id: 730012 });
    for (const field of ['keyAlgorithm', 'keySize', 'restOrderInfo']) {
      const { get } = Object.getOwnPropertyDescriptor(informed, field)!;
      expect(get).toBeInstanceOf(Function);
      // A getter of its own would give each order a hidden class, which keeps its answer until a full collection.
      expect(Object.getOwnPropertyDescriptor(other, field)!.get).toBe(get);
    }
    expect(JSON.parse(other.restOrderInfo!)).toEqual({ ...info, id: 730012 });
    expect({ ...informed }).toMatchObject({ keyAlgorithm: informed.keyAlgorithm, keySize: informed.keySize });
    expect({ ...informed }).not.toHaveProperty('restOrderInfo');
  });

  it('needs an id and a status', () => {
    expect(() => parseOrderInfo({ status: 'issued' })).toThrow('id is missing');
    expect(() => parseOrderInfo({ id: 5 })).toThrow('status is missing');
    expect(() => parseOrderInfo([])).toThrow(WrongShape);
  });
});

describe('a list', () => {
  const page = (body: unknown, offset = 0) => parseOrderList(body, offset);

  it('may be empty in any way', () => {
    for (const body of [
      {},
      { page: { total: 0 } },
      { orders: [], page: { total: '0' } },
      { orders: null, page: { total: 0 } },
    ]) {
      expect(page(body)).toEqual({ orders: [], total: 0 });
    }
    expect(page({ page: { total: 1203 } }, 2_000)).toEqual({ orders: [], total: 1203 });
  });

  it.each([
    [[], 'the body is a list'],
    [null, 'the body is null'],
    ['x', 'the body is a text'],
    [{ orders: {}, page: { total: 1 } }, 'orders is an object, not a list'],
    [{ items: [] }, 'orders is missing'],
    [{ page: { total: 5 } }, 'orders is missing, although page.total is 5'],
    [{ orders: [listItem] }, 'page.total is missing'],
    [{ orders: [listItem], page: {} }, 'page.total is not a page'],
    [{ orders: [listItem, { ...listItem, id: null }], page: { total: 2 } }, 'orders[1].id is missing'],
    [{ orders: [listItem, null], page: { total: 2 } }, 'orders[1] is null, not an object'],
    [
      { orders: [{ ...listItem, certificate: { ...listItem.certificate, valid_till: 'soon' } }], page: { total: 1 } },
      'orders[0].certificate.valid_till is a text of 4 characters, not a day',
    ],
    [
      { orders: [{ ...listItem, certificate: 'x' }], page: { total: 1 } },
      'orders[0].certificate is a text of 1 characters, not an object',
    ],
  ])('of the wrong shape is refused with its place: %j', (body, message) => {
    expect(() => page(body)).toThrow(message);
  });
});

describe('a report', () => {
  const fields = new Set<OrderField>(['commonName', 'csr', 'dnsNames', 'cost']);
  const names: readonly OrderField[] = ['cost', 'id', 'csr', 'commonName', 'locale', 'dnsNames'];
  const rows = [
    new Map<OrderField, string>([
      ['id', '1'],
      ['csr', rsaRequest.replaceAll('\n', '\r\n')],
      ['commonName', 'Ünï "quoted", テスト'],
      ['cost', '5'],
    ]),
    new Map<OrderField, string>([
      ['id', '2'],
      ['dnsNames', 'b,a'],
      ['commonName', 'a'],
    ]),
  ];
  const orders = [
    {
      id: 1,
      commonName: 'Ünï "quoted", テスト',
      csr: rsaRequest.replaceAll('\n', '\r\n'),
      dnsNames: null,
      cost: '5.00',
    },
    { id: 2, commonName: 'a', csr: null, dnsNames: ['b'], cost: null },
  ];

  it('reads columns by name, in pieces of any size', () => {
    const csv = csvOf(names, rows);
    for (const chunkBytes of [1, 2, 3, 7, 64, 10_000]) expect(parseCsv(csv, fields, chunkBytes)).toEqual(orders);
    expect(parseCsv(csv.replaceAll('\n', '\r\n').replaceAll('\r\r', '\r'), fields)).toEqual(orders);
    expect(parseCsv(`\ufeff${csv}`, fields)).toEqual(orders);
    expect(parseCsv(csv.trimEnd(), fields)).toEqual(orders);
  });

  it('may have no rows', () => {
    expect(parseCsv(csvOf(names, []), fields)).toEqual([]);
    expect(parseCsv(csvOf(names, []).trimEnd(), fields)).toEqual([]);
  });

  it('is never shorter in silence: a cut anywhere inside a row is an error', () => {
    const bytes = Buffer.from(csvOf(names, rows));
    const rowEnds = [bytes.length, bytes.length - 1];
    const secondRowAt = bytes.lastIndexOf('\n', bytes.length - 2);
    rowEnds.push(secondRowAt, secondRowAt + 1);
    const headerEnd = bytes.indexOf('\n');
    rowEnds.push(headerEnd, headerEnd + 1);
    for (let length = 0; length < bytes.length; length += 1) {
      if (rowEnds.includes(length)) continue;
      expect(() => parseCsv(bytes.subarray(0, length), fields)).toThrow(WrongShape);
    }
  });

  it.each([
    ['', 'is empty'],
    ['order_id,cost\n', 'header has no column "common_name"'],
    [csvOf(names, rows).replace('"5"', '"5'), 'row 1'],
    [csvOf(names, rows).replace('"5"', '"5"x'), 'text after the closing quote'],
    [`${csvOf(names, rows)}"1","2"\n`, 'row 3 has 2 values under 6 columns'],
    [csvOf(names, rows).replace('"2"', '"two"'), 'row 2.order_id is a text of 3 characters, not a whole number'],
  ])('that does not fit is refused with its place: %#', (csv, message) => {
    expect(() => parseCsv(csv, fields)).toThrow(message);
  });

  it('ends a row that never ends', () => {
    expect(() => parseCsv(`${csvOf(names, [])}"${'x'.repeat(200_000)}`, fields, 50_000)).toThrow(
      'longer than 100000 bytes',
    );
  });
});
