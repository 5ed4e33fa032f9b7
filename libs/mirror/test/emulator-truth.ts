import { parse } from 'csv-parse/sync';
import type { EmulatorProcess } from '@certfolio/testing';

/* eslint-disable @typescript-eslint/no-explicit-any -- the vendor's JSON, looked into member by member */

type Row = Readonly<Record<string, unknown>>;

/**
 * What the mirror's columns should hold, read from the emulator with nothing of ours between: the report's CSV, the list and
 * order info, each order by itself.
 */
export async function truthOf(emulator: EmulatorProcess, key = 'any-key'): Promise<ReadonlyMap<number, Row>> {
  const get = async (path: string) => {
    const response = await fetch(`${emulator.baseUrl}${path}`, { headers: { 'x-dc-devkey': key } });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response;
  };
  const csv: Record<string, string>[] = parse(await (await get('/report/order?limit=100000')).text(), {
    columns: true,
  });
  const listed = new Map<number, any>();
  for (let offset = 0; offset < csv.length; offset += 1_000) {
    const { orders } = (await (await get(`/order/certificate?limit=1000&offset=${offset}`)).json()) as any;
    for (const order of orders) listed.set(order.id, order);
  }
  const truth = new Map<number, Row>();
  const left = [...csv];
  const worker = async () => {
    for (let row = left.pop(); row !== undefined; row = left.pop()) {
      const id = Number(row['order_id']);
      const info = (await (await get(`/order/certificate/${id}`)).json()) as any;
      truth.set(id, expected(row, listed.get(id), info));
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return truth;
}

const text = (value: unknown) => (value === undefined || value === '' ? null : String(value));
const number = (value: unknown) => (value === undefined || value === '' ? null : Number(value));
const flag = (value: unknown) => (value === undefined ? null : Boolean(Number(value)));
const list = (values: readonly unknown[] | undefined) => (values === undefined || values.length === 0 ? null : values);
const instant = (value: string | undefined) => (value === undefined ? null : value.replace('+00:00', 'Z'));

function expected(csv: Record<string, string>, listed: any, info: any): Row {
  const { certificate, organization, technical_contact: tech, user } = info;
  const names: string[] = (certificate.dns_names ?? []).filter(
    (name: string) => name.toLowerCase() !== certificate.common_name.toLowerCase(),
  );
  return {
    account_id: number(csv['account_id']),
    additional_emails: list(info.additional_emails),
    agreement_id: number(csv['agreement_id']),
    auto_renew: flag(info.auto_renew),
    ca_cert_id: certificate.ca_cert.id,
    certificate_id: number(csv['certificate_tracker_id']),
    common_name: text(certificate.common_name),
    contacts_email: text(info.organization_contact?.email),
    container_id: info.container.id,
    container_name: info.container.name,
    cost: info.price === undefined ? null : info.price.toFixed(2),
    csr: text(certificate.csr),
    currency: text(info.currency),
    custom_fields: list(
      info.custom_fields?.map((one: any) => ({ id: one.metadata_id, label: one.label, value: one.value })),
    ),
    custom_renewal_message: text(info.custom_renewal_message),
    customer_order_id: text(info.alternative_order_id),
    date_created: instant(info.date_created),
    date_issued: instant(certificate.date_issued),
    dcv_method: text(info.dcv_method),
    disable_issuance_email: info.disable_issuance_email,
    disable_renewal_notifications: info.disable_renewal_notifications,
    dns_names: list(names),
    email: text(certificate.emails?.[0]),
    has_duplicates: listed.has_duplicates,
    has_reissues: listed.has_reissues,
    is_out_of_contract: info.is_out_of_contract,
    is_renewal: info.is_renewal,
    is_renewed: info.is_renewed,
    issuing_ca: certificate.ca_cert.name,
    locale: text(info.locale),
    order_valid_till: text(info.order_valid_till),
    organization_address1: text(csv['organization_address_1']),
    organization_address2: text(csv['organization_address_2']),
    organization_city: text(organization?.city),
    organization_country: text(organization?.country),
    organization_id: organization?.id ?? null,
    organization_name: text(organization?.name),
    organization_state: text(organization?.state),
    organization_unit: list(certificate.organization_units),
    pay_type: text(info.payment_method),
    plus_feature: flag(csv['plus_feature']),
    product_id: number(csv['product_id']),
    product_name: info.product.name,
    product_name_id: info.product.name_id,
    product_type: info.product.type,
    purchased_dns_names: info.purchased_dns_names,
    receipt_id: number(info.receipt_id),
    renewal_of_order_id: info.renewal_of_order_id ?? null,
    renewed_order_id: info.renewed_order_id || null,
    serial_number: text(certificate.serial_number),
    server_type: certificate.server_platform.id,
    signature_hash: certificate.signature_hash,
    status: info.status,
    tech_email: text(tech?.email),
    tech_first_name: text(tech?.first_name),
    tech_last_name: text(tech?.last_name),
    tech_telephone: text(tech?.telephone),
    tech_title: text(tech?.job_title),
    thumbprint: text(certificate.thumbprint),
    user_assignments: list(info.user_assignments?.map((one: any) => one.email)),
    user_email: user.email,
    user_first_name: user.first_name,
    user_id: user.id,
    user_last_name: user.last_name,
    valid_from: text(certificate.valid_from),
    valid_till: text(certificate.valid_till),
    validity_years: info.validity_years,
  };
}

/** Columns that only order info fills, order by order. */
export const infoColumns = ['currency', 'date_issued', 'is_renewal', 'renewal_of_order_id'];
/** Columns that the order report has not. */
export const listColumns = ['has_reissues', 'order_valid_till'];

/** Cells of the mirror that are not what they should be, as `id column: is, should be`. */
export function differences(
  rows: readonly Row[],
  truth: ReadonlyMap<number, Row>,
  columns: (name: string) => boolean = () => true,
): readonly string[] {
  const found: string[] = [];
  const seen = new Set<number>();
  for (const row of rows) {
    const id = row['id'] as number;
    seen.add(id);
    const should = truth.get(id);
    if (should === undefined) {
      found.push(`${id} should not exist`);
      continue;
    }
    for (const [name, value] of Object.entries(should)) {
      if (!columns(name) || JSON.stringify(row[name]) === JSON.stringify(value)) continue;
      found.push(`${id} ${name}: ${JSON.stringify(row[name])}, should be ${JSON.stringify(value)}`);
    }
  }
  for (const id of truth.keys()) if (!seen.has(id)) found.push(`${id} is missing`);
  return found;
}
