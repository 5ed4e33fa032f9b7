import { mapFilters, reportFilters } from './order-filters.ts';
import { csvType, headersOf, leaveOtherReports } from './rest-answers.ts';
import { pagingParameters, readPage, readQuery } from './rest-query.ts';
import type { ServedRoute } from './served-route.ts';

/** Source: vendor page "Order report". */
const mostRows = 100_000;
const defaultRows = 50_000;

/** The columns in their order, which is that of the template's. Source: vendor page "Order report". */
// prettier-ignore
export const reportColumns = [
  'order_id', 'customer_order_id', 'date_created', 'container_id', 'container_name', 'status', 'user_id',
  'organization_id', 'organization_name', 'organization_address_1', 'organization_address_2',
  'organization_city', 'organization_state', 'organization_country', 'organization_unit', 'tech_first_name',
  'tech_last_name', 'tech_email', 'tech_title', 'tech_telephone', 'server_type', 'issuing_ca', 'agreement_id',
  'validity_years', 'signature_hash', 'dcv_method', 'common_name', 'plus_feature', 'dns_names', 'product_id',
  'product_name_id', 'product_name', 'product_type', 'email', 'csr', 'valid_from', 'valid_till',
  'certificate_tracker_id', 'is_renewed', 'renewed_order_id', 'receipt_id', 'disable_issuance_email',
  'pay_type', 'is_out_of_contract', 'disable_renewal_notifications', 'additional_emails', 'auto_renew',
  'custom_renewal_message', 'thumbprint', 'serial_number', 'account_id', 'user_first_name', 'user_last_name',
  'user_email', 'user_assignments', 'cost', 'metadata', 'has_duplicates',
];
const header = `${reportColumns.join(',')}\n`;

const known = { parameters: pagingParameters, filters: [...reportFilters.keys(), 'date_created'] };

/** The bulk endpoint: CSV whatever the caller accepts, no sort, rows by id. */
export const orderReport: ServedRoute = {
  route: 'GET /report/order',
  template: 'rest-order-report',
  plan(request) {
    const other = leaveOtherReports(request);
    if (other !== null) return other;
    const read = readQuery(request, known);
    if (read.kind === 'cannot') return read;
    if (read.query.sort.length > 0) return { kind: 'cannot', reason: 'a sort of the report, which has none' };
    const filter = mapFilters(read.query.filters, reportFilters);
    if (filter.kind === 'cannot') return filter;
    const { limit, offset } = readPage(read.query, mostRows, defaultRows);
    return {
      kind: 'rows',
      variables: { filter: filter.filter, offset },
      limit,
      render: (rows) => ({ status: 200, headers: headersOf(csvType), body: csvOf(rows) }),
    };
  },
};

/** About 64 KB at a time. */
const chunkChars = 65_536;

/** Every value is quoted, empty ones too, lines end with a line feed; the header is bare. */
async function* csvOf(rows: AsyncIterable<readonly unknown[]>): AsyncGenerator<Buffer> {
  let text = header;
  for await (const row of rows) {
    text += lineOf(row);
    if (text.length < chunkChars) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}

function lineOf(row: readonly unknown[]): string {
  const values = row.map((value) => `"${typeof value === 'string' ? value.replaceAll('"', '""') : ''}"`);
  return `${values.join(',')}\n`;
}
