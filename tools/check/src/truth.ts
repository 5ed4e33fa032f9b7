import { Readable } from 'node:stream';
import { parse } from 'csv-parse';

/* eslint-disable @typescript-eslint/no-explicit-any -- the vendor's JSON, looked into member by member */

/** Cells of `inventory-full.csv` by title. */
export type ExpectedRow = Readonly<Record<string, string>>;

const headers = { 'x-dc-devkey': 'any-key' };
const listRows = 1_000;

/**
 * What the cells of `inventory-full.csv` should be, by order id: read from the emulator over HTTP with nothing of the product
 * between. The order report has all columns but the CA certificate's id, which is from Custom Reports; what the list has too
 * must agree with the report, and the count must be the list's.
 */
export async function readTruth(baseUrl: string): Promise<ReadonlyMap<string, ExpectedRow>> {
  const caCertIds = new Map<string, string>();
  const custom = await fetch(`${baseUrl}/reports/query`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/graphql' },
    body: '{ order_details { id ca_cert_id } }',
  });
  for (const { id, ca_cert_id } of ((await custom.json()) as any).data.order_details)
    caCertIds.set(id, ca_cert_id ?? '');

  const truth = new Map<string, ExpectedRow>();
  const report = await fetch(`${baseUrl}/report/order?limit=100000`, { headers });
  const lines = Readable.fromWeb(report.body as any).pipe(parse({ columns: true }));
  for await (const line of lines) truth.set(line.order_id, expectedRow(line, caCertIds.get(line.order_id) ?? ''));
  await assertListAgrees(baseUrl, truth);
  return truth;
}

/** Reads the report so that the emulator has all certificates made; it keeps them in its cache. */
export async function warmUp(baseUrl: string): Promise<void> {
  const { body } = await fetch(`${baseUrl}/report/order?limit=100000`, { headers });
  for await (const _piece of body!);
}

function expectedRow(line: Readonly<Record<string, string>>, caCertId: string): ExpectedRow {
  const customFields: readonly any[] = line['metadata'] === '' ? [] : JSON.parse(line['metadata']!);
  const text = (name: string) => unharmed(line[name]!);
  return {
    order_id: line['order_id']!,
    status: text('status'),
    common_name: text('common_name'),
    dns_names: text('dns_names'),
    serial_number: text('serial_number'),
    thumbprint: text('thumbprint'),
    valid_from: text('valid_from'),
    valid_till: text('valid_till'),
    signature_hash: text('signature_hash'),
    ca_cert_id: unharmed(caCertId),
    issuing_ca: text('issuing_ca'),
    organization_id: text('organization_id'),
    organization_name: text('organization_name'),
    container_name: text('container_name'),
    product_name_id: text('product_name_id'),
    user_email: text('user_email'),
    custom_field_labels: unharmed(customFields.map(({ label }) => label).join(',')),
    custom_field_values: unharmed(customFields.map(({ value }) => value).join(',')),
  };
}

/** Text that a spreadsheet would run as a formula has an apostrophe in front. */
function unharmed(text: string): string {
  return /^[=+\-@\t\r＝＋－＠]/.test(text) ? `'${text}` : text;
}

/** @throws Error when list and report of the emulator tell different things: then there is nothing to compare with */
async function assertListAgrees(baseUrl: string, truth: ReadonlyMap<string, ExpectedRow>): Promise<void> {
  let rows = 0;
  for (let offset = 0, total = 1; offset < total; offset += listRows) {
    const answer = await fetch(`${baseUrl}/order/certificate?limit=${listRows}&offset=${offset}`, { headers });
    const { orders, page } = (await answer.json()) as any;
    total = page.total;
    for (const { id, status, certificate, organization, container, product } of orders) {
      const row = truth.get(String(id));
      const told = {
        status,
        common_name: unharmed(certificate.common_name ?? ''),
        serial_number: certificate.serial_number ?? '',
        valid_from: certificate.valid_from ?? '',
        valid_till: certificate.valid_till ?? '',
        signature_hash: certificate.signature_hash ?? '',
        organization_id: String(organization?.id ?? ''),
        organization_name: unharmed(organization?.name ?? ''),
        container_name: unharmed(container.name),
        product_name_id: product.name_id,
      };
      for (const [title, cell] of Object.entries(told))
        if (row?.[title] !== cell) throw new Error(`The emulator contradicts itself: ${id} ${title} ${cell}`);
      rows += 1;
    }
  }
  if (rows !== truth.size) throw new Error(`The emulator lists ${rows} orders and reports ${truth.size}.`);
}
