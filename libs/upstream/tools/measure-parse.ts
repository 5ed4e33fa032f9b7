import type { OrderField } from '@certfolio/core';
import { fieldsFrom } from '@certfolio/core';
import { columnName } from '../src/wire/order-row.ts';
import { parseOrderList } from '../src/wire/order-list.ts';
import { createOrderReportParser } from '../src/wire/order-report-csv.ts';

/** Rows per second of the two bulk parsers, on answers of the size that CertCentral gives: `node libs/upstream/tools/measure-parse.ts [rows]`. */
const rows = Number(process.argv[2] ?? 100_000);
const csr = `-----BEGIN CERTIFICATE REQUEST-----\n${'MIICVDCCATwCAQAwDzENMAsGA1UEAwwEdGVzdDCCASIwDQYJKoZIhvcNAQEBBQAD\n'.repeat(30)}-----END CERTIFICATE REQUEST-----\n`;

const valueOf = (field: OrderField, row: number): string => {
  const fixed: Partial<Record<OrderField, string>> = {
    id: String(730_000 + row),
    commonName: `host-${row}.acme.test`,
    dnsNames: `www-${row}.acme.test,cdn-${row}.acme.test`,
    csr,
    cost: '238.00',
    dateCreated: '2025-02-10 09:12:00',
    validFrom: '2025-02-10',
    validTill: '2026-02-11',
    customFields: '[{"metadata_id":112,"label":"Cost center","value":"4711"}]',
    thumbprint: '5B1F0C2E9A7744D01122334455667788990AABBC',
    serialNumber: '0C1F6E1B5A0C1F6E1B5A0C1F6E1B5A77',
    organizationName: 'Acme "Test", Inc.',
    status: 'issued',
  };
  return (
    fixed[field] ??
    (/^(is|has|disable|auto|plus)/.test(field)
      ? '0'
      : /Id$|Years|Type$/.test(field) && !/caCertId|NameId|productType/.test(field)
        ? '14'
        : 'some text')
  );
};
const fields = [...fieldsFrom('report')];
const csvRow = (row: number) =>
  `${fields.map((field) => `"${valueOf(field, row).replaceAll('"', '""')}"`).join(',')}\n`;

function* report(): Generator<Buffer> {
  const part = Buffer.from(Array.from({ length: 1_000 }, (_, row) => csvRow(row)).join(''));
  yield Buffer.from(`${fields.map(columnName).join(',')}\n`);
  for (let done = 0; done < rows; done += 1_000)
    for (let at = 0; at < part.length; at += 65_536) yield part.subarray(at, at + 65_536);
}

function measureReport(wanted: ReadonlySet<OrderField>, name: string): void {
  const parser = createOrderReportParser(wanted, { reportZone: 'UTC', maxRowBytes: 2 ** 20 });
  let count = 0;
  let bytes = 0;
  const startMs = performance.now();
  for (const piece of report()) {
    bytes += piece.length;
    count += parser.push(piece).length;
  }
  count += parser.end().length;
  const seconds = (performance.now() - startMs) / 1_000;
  console.log(
    `${name}: ${count} rows, ${(bytes / 2 ** 20).toFixed(0)} MiB in ${seconds.toFixed(2)} s: ${Math.round(count / seconds)} rows/s`,
  );
}

function measureList(): void {
  const orders = Array.from({ length: 1_000 }, (_, row) => ({
    id: 730_000 + row,
    certificate: {
      id: 880_000 + row,
      serial_number: '0C1F6E1B5A',
      common_name: `host-${row}.acme.test`,
      dns_names: [`host-${row}.acme.test`, 'cdn.acme.test'],
      valid_from: '2025-02-10',
      valid_till: '2026-02-11',
      days_remaining: 80,
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
  }));
  const text = JSON.stringify({ orders, page: { total: 1_000, limit: 1_000, offset: 0 } });
  const pages = Math.max(1, Math.round(rows / 1_000));
  const startMs = performance.now();
  for (let page = 0; page < pages; page += 1) parseOrderList(JSON.parse(text), 0);
  const seconds = (performance.now() - startMs) / 1_000;
  console.log(
    `list: ${pages} pages of 1,000, JSON.parse included, in ${seconds.toFixed(2)} s: ${Math.round((pages * 1_000) / seconds)} rows/s, ${((seconds * 1_000) / pages).toFixed(1)} ms per page`,
  );
}

measureReport(new Set(fields), `report, all ${fields.length} columns`);
measureReport(new Set(['commonName', 'validTill', 'status']), 'report, 3 columns');
measureList();
