import { csv } from '../http/answer.ts';
import { csvRow } from '../http/csv.ts';
import { parsePage } from '../http/query.ts';
import { CSV_TYPE, JSON_TYPE, type Route } from '../http/route.ts';
import { createOrderColumns } from '../orders/order-columns.ts';
import { reportProperties } from '../orders/order-properties.ts';
import { type Order } from '../orders/order.ts';
import { type SelectOrders } from '../orders/select-orders.ts';
import { type World } from '../world.ts';

const MAXIMUM_ROWS = 100_000;
const DEFAULT_ROWS = 50_000;

/** The 58 columns in their order. Source: vendor page "Order report". */
// prettier-ignore
export const reportColumns = [
  'order_id', 'customer_order_id', 'date_created', 'container_id', 'container_name', 'status', 'user_id',
  'organization_id', 'organization_name', 'organization_address_1', 'organization_address_2', 'organization_city',
  'organization_state', 'organization_country', 'organization_unit', 'tech_first_name', 'tech_last_name', 'tech_email',
  'tech_title', 'tech_telephone', 'server_type', 'issuing_ca', 'agreement_id', 'validity_years', 'signature_hash',
  'dcv_method', 'common_name', 'plus_feature', 'dns_names', 'product_id', 'product_name_id', 'product_name',
  'product_type', 'email', 'csr', 'valid_from', 'valid_till', 'certificate_tracker_id', 'is_renewed',
  'renewed_order_id', 'receipt_id', 'disable_issuance_email', 'pay_type', 'is_out_of_contract',
  'disable_renewal_notifications', 'additional_emails', 'auto_renew', 'custom_renewal_message', 'thumbprint',
  'serial_number', 'account_id', 'user_first_name', 'user_last_name', 'user_email', 'user_assignments', 'cost',
  'metadata', 'has_duplicates',
] as const;

/** The bulk endpoint: CSV only, no sorting, streamed. */
export function orderReportRoutes(world: World, selectOrders: SelectOrders): readonly Route[] {
  const columns = createOrderColumns(world.account.id);
  const readers = reportColumns.flatMap((name) => columns.get(name === 'order_id' ? 'id' : name) ?? []);

  async function* rows(orders: readonly Order[], nowMs: number) {
    for await (const batch of world.certificates.streamFiles(orders)) {
      yield batch.map(({ order, files }) => csvRow(readers.map((read) => read(order, files, nowMs))));
    }
  }

  return [
    {
      method: 'GET',
      pattern: '/report/order',
      // Clients of the report ask for JSON or nothing at all; the answer is CSV whatever they ask.
      types: [CSV_TYPE, JSON_TYPE],
      answer: ({ query, nowMs }) => {
        const { limit, offset } = parsePage(query, MAXIMUM_ROWS, DEFAULT_ROWS);
        const selected = selectOrders({ ...query, sort: [] }, reportProperties, nowMs);
        return csv({
          header: `${reportColumns.join(',')}\n`,
          rows: rows(selected.slice(offset, offset + limit), nowMs),
        });
      },
    },
  ];
}
