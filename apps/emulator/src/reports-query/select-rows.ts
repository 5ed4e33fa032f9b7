import { type CertificateStore } from '../certificates/certificate-store.ts';
import { type ReadColumn } from '../orders/order-columns.ts';
import { type Order } from '../orders/order.ts';

export interface OrderDetailsArguments {
  readonly id?: number | null;
  readonly valid_from?: string | null;
  readonly valid_till?: string | null;
  readonly date_created?: string | null;
  readonly common_name?: string | null;
  readonly dns_names?: string | null;
  readonly thumbprint?: string | null;
  readonly email?: string | null;
  readonly search?: string | null;
  readonly sort?: readonly (string | null)[] | null;
  readonly limit?: number | null;
  readonly offset?: number | null;
  readonly status?: string | null;
  readonly container_id?: string | null;
  readonly organization_id?: string | null;
  readonly product_name_id?: string | null;
  readonly serial_number?: string | null;
  readonly signature_hash?: string | null;
  readonly user_id?: string | null;
  readonly ca_cert_id?: string | null;
  readonly locale?: string | null;
}

// prettier-ignore
const equalities = [
  'id', 'status', 'container_id', 'organization_id', 'product_name_id', 'serial_number', 'signature_hash', 'user_id', 'ca_cert_id', 'locale',
] as const;

/** Sorted as numbers, the rest as text. */
// prettier-ignore
const numericColumns = new Set([
  'id', 'account_id', 'agreement_id', 'certificate_tracker_id', 'container_id', 'cost', 'organization_id', 'product_id',
  'purchased_dns_names', 'receipt_id', 'renewed_order_id', 'server_type', 'user_id', 'validity_years',
]);

type Test = (order: Order) => boolean;
type Read = (order: Order, column: string) => string | null;

/** SQL's LIKE, letter case ignored; without `%` a plain comparison. */
function likeTest(pattern: string): (text: string) => boolean {
  const parts = pattern.toLowerCase().split('%');
  const escaped = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${escaped.join('[^]*')}$`);
  return (text) => expression.test(text.toLowerCase());
}

/** All given arguments must hold. `valid_from` and `date_created` are lower bounds, `valid_till` an upper one. */
function testsOf(given: OrderDetailsArguments, read: Read): readonly Test[] {
  const tests: Test[] = [];
  for (const name of equalities) {
    const wanted = given[name];
    if (wanted != null) tests.push((order) => read(order, name)?.toLowerCase() === String(wanted).toLowerCase());
  }
  for (const name of ['valid_from', 'date_created'] as const) {
    const wanted = given[name];
    if (wanted != null) tests.push((order) => (read(order, name) ?? '') >= wanted);
  }
  const { valid_till: validTill, common_name: commonName, dns_names: dnsNames, email, search } = given;
  if (validTill != null) tests.push((order) => (read(order, 'valid_till') ?? '~') <= validTill);
  if (commonName != null) {
    const isLike = likeTest(commonName);
    tests.push((order) => isLike(order.commonName));
  }
  if (dnsNames != null) {
    const isLike = likeTest(dnsNames);
    tests.push((order) => order.otherNames.some(isLike) || isLike(order.otherNames.join(',')));
  }
  if (email != null) tests.push((order) => order.emails.includes(email));
  if (search != null) {
    const part = search.toLowerCase();
    tests.push((order) => [order.commonName, ...order.emails].some((text) => text.toLowerCase().includes(part)));
  }
  return tests;
}

function sortKey(value: string | null, isNumeric: boolean): string | number | null {
  return value === null || !isNumeric ? value : Number(value);
}

/** `["field", "ASC" | "DESC"]`; missing values come first when ascending, equal rows stay in order of their ids. */
function sortRows(
  orders: readonly Order[],
  [field, direction]: readonly (string | null)[],
  read: Read,
): readonly Order[] {
  if (field == null) return orders;
  const sign = direction?.toUpperCase() === 'DESC' ? -1 : 1;
  const keyed = orders.map((order) => ({ order, key: sortKey(read(order, field), numericColumns.has(field)) }));
  keyed.sort(({ key: one }, { key: other }) => {
    if (one === other) return 0;
    if (one === null) return -sign;
    if (other === null) return sign;
    return one < other ? -sign : sign;
  });
  return keyed.map(({ order }) => order);
}

/** Rows of `order_details`; the thumbprint goes through the certificate store, all else through the columns. */
export async function selectRows(
  orders: readonly Order[],
  given: OrderDetailsArguments,
  columns: ReadonlyMap<string, ReadColumn>,
  certificates: CertificateStore,
  nowMs: number,
): Promise<readonly Order[]> {
  const read: Read = (order, column) => columns.get(column)?.(order, {}, nowMs) ?? null;
  const byThumbprint = given.thumbprint == null ? undefined : await certificates.findByThumbprint(given.thumbprint);
  const candidates = given.thumbprint == null ? orders : orders.filter((order) => order === byThumbprint);
  const tests = testsOf(given, read);
  const found = candidates.filter((order) => tests.every((passes) => passes(order)));
  const sorted = given.sort == null ? found : sortRows(found, given.sort, read);
  const offset = Math.max(0, given.offset ?? 0);
  const limit = given.limit == null || given.limit < 0 ? Infinity : given.limit;
  return sorted.slice(offset, offset + limit);
}
