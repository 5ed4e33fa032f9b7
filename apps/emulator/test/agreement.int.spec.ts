import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { encodeCertificate } from '../src/pki/certificate.ts';
import { primarySpec } from '../src/certificates/file-spec.ts';
import { createAccount } from '../src/account/account.ts';
import { createOrderFactory } from '../src/orders/make-order.ts';
import { startOfMonth } from '../src/dates.ts';
import { createOrderColumns } from '../src/orders/order-columns.ts';
import { reportColumns } from '../src/resources/order-report.ts';
import { NOON_MS, startEmulator, type Client } from './client.ts';

const ORDERS = 250;
type Row = Record<string, string | null>;

let client: Client;
let list: readonly any[]; // eslint-disable-line @typescript-eslint/no-explicit-any -- parsed JSON of the vendor's shape, looked into member by member
let infos: ReadonlyMap<number, any>; // eslint-disable-line @typescript-eslint/no-explicit-any -- as above
let report: readonly Row[];
let details: readonly Row[];

const graphFields = [...createOrderColumns(1).keys()];

beforeAll(async () => {
  client = await startEmulator({ orders: ORDERS });
  list = (await client.get('/order/certificate')).body.orders;
  const bodies = await Promise.all(
    list.map(async ({ id }) => [id, (await client.get(`/order/certificate/${id}`)).body] as const),
  );
  infos = new Map(bodies);
  report = parse((await client.get('/report/order')).text, { columns: true });
  details = (await client.query(`{ order_details { ${graphFields.join(' ')} } }`)).body.data.order_details;
});
afterAll(() => client.emulator.close());

describe('one order, four endpoints', () => {
  it('has 62 fields and 58 columns', () => {
    expect(graphFields).toHaveLength(62);
    expect(reportColumns).toHaveLength(58);
    expect([list.length, report.length, details.length]).toEqual([ORDERS, ORDERS, ORDERS]);
  });

  it('agrees between list and order info', () => {
    for (const item of list) {
      const info = infos.get(item.id);
      const { id: certificateId, cert_validity: validity, ...certificate } = item.certificate;
      expect(info.certificate).toMatchObject(certificate);
      if (info.certificate.id !== undefined) {
        expect(info.certificate.id).toBe(certificateId);
        expect(info.certificate.cert_validity).toEqual(validity);
      }
      const {
        certificate: _certificate,
        product,
        organization,
        has_duplicates: _d,
        has_reissues: _r,
        number_of_sans: _n,
        ...rest
      } = item;
      expect(info).toMatchObject({ ...rest, product, ...(organization && { organization }) });
      expect('organization' in info).toBe(organization !== undefined);
    }
  });

  it('agrees between the order report and Custom Reports', () => {
    for (const [at, row] of report.entries()) {
      for (const column of reportColumns) {
        expect([column, row[column]]).toEqual([column, details[at]?.[column === 'order_id' ? 'id' : column] ?? '']);
      }
    }
  });

  it('agrees between order info and Custom Reports', () => {
    for (const row of details) {
      const info = infos.get(Number(row.id));
      const { certificate } = info;
      const text = (value: unknown) => (value === undefined ? null : String(value));
      const join = (values: unknown[] | undefined) => (values === undefined ? null : values.join(','));
      const flag = (value: boolean) => (value ? '1' : '0');
      const otherNames = (certificate.dns_names ?? []).slice(1);
      expect(row).toMatchObject({
        status: info.status,
        common_name: certificate.common_name,
        dns_names: otherNames.length > 0 ? otherNames.join(',') : null,
        csr: text(certificate.csr),
        thumbprint: text(certificate.thumbprint),
        serial_number: text(certificate.serial_number),
        valid_from: text(certificate.valid_from),
        valid_till: text(certificate.valid_till),
        signature_hash: certificate.signature_hash,
        ca_cert_id: certificate.ca_cert.id,
        issuing_ca: certificate.ca_cert.name,
        server_type: String(certificate.server_platform.id),
        organization_unit: join(certificate.organization_units),
        email: text(certificate.emails?.[0]),
        date_created: info.date_created.slice(0, 19).replace('T', ' '),
        organization_id: text(info.organization?.id),
        organization_city: text(info.organization?.city),
        contacts_email: text(info.organization_contact?.email),
        tech_title: text(info.technical_contact?.job_title),
        container_id: String(info.container.id),
        container_name: info.container.name,
        product_name: info.product.name,
        user_id: String(info.user.id),
        user_assignments: join(info.user_assignments?.map(({ email }: { email: string }) => email)),
        additional_emails: join(info.additional_emails),
        metadata: info.custom_fields === undefined ? null : JSON.stringify(info.custom_fields),
        cost: info.price === undefined ? null : info.price.toFixed(2),
        pay_type: text(info.payment_method),
        receipt_id: text(info.receipt_id),
        customer_order_id: text(info.alternative_order_id),
        purchased_dns_names: String(info.purchased_dns_names),
        renewed_order_id: info.renewed_order_id === 0 ? null : String(info.renewed_order_id),
        auto_renew: String(info.auto_renew),
        is_renewed: flag(info.is_renewed),
        has_duplicates: flag(info.duplicates_count > 0),
        disable_issuance_email: flag(info.disable_issuance_email),
        dcv_method: text(info.dcv_method),
        custom_renewal_message: text(info.custom_renewal_message),
        locale: text(info.locale),
        validity_years: String(info.validity_years),
      });
    }
  });

  it('has renewals that point at each other', () => {
    const renewed = [...infos.values()].filter((info) => info.is_renewed);
    expect(renewed.length).toBeGreaterThan(0);
    for (const info of renewed) {
      const successor = infos.get(info.renewed_order_id);
      expect(successor).toMatchObject({ is_renewal: true, renewal_of_order_id: info.id });
      expect(successor.certificate.common_name).toBe(info.certificate.common_name);
    }
  });

  it('has values that hurt spreadsheets, and Unicode', () => {
    const text = JSON.stringify(details);
    for (const value of [
      '=cmd|',
      '+PO-17',
      '-7',
      '@mentions',
      'Fleet\\\\ttracking',
      '12345678901234567890',
      '00042',
      '株式会社',
      'Łódź',
    ]) {
      expect(text).toContain(value);
    }
  });
});

describe('certificates and requests', () => {
  const account = createAccount(1, startOfMonth(NOON_MS));
  const factory = createOrderFactory(account, ORDERS);

  it('are real and say what the answers say', () => {
    const kinds = new Set<string>();
    for (let position = 0; position < ORDERS; position += 1) {
      const order = factory.make(position);
      const { certificate: spec } = primarySpec(order);
      if (spec === undefined) continue;
      const info = infos.get(order.id);
      const certificate = new X509Certificate(encodeCertificate(spec));
      expect(certificate.fingerprint.replaceAll(':', '')).toBe(info.certificate.thumbprint);
      expect(certificate.serialNumber).toBe(info.certificate.serial_number);
      expect(certificate.validFromDate.toISOString()).toBe(`${info.certificate.valid_from}T00:00:00.000Z`);
      expect(certificate.validToDate.toISOString()).toBe(`${info.certificate.valid_till}T23:59:59.000Z`);
      expect(certificate.subject).toContain(
        `CN=${info.certificate.common_name.replaceAll(/([",+])/g, '\\$1')}`.slice(0, 12),
      );
      expect(certificate.issuer).toContain(`CN=${info.certificate.ca_cert.name}`);
      const names = (info.certificate.dns_names ?? []).map((name: string) => `DNS:${name}`);
      const emails = (info.certificate.emails ?? []).map((email: string) => `email:${email}`);
      expect(certificate.subjectAltName ?? '').toBe([...emails, ...names].join(', '));
      const { asymmetricKeyDetails } = certificate.publicKey;
      const bits =
        asymmetricKeyDetails?.modulusLength ?? (asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 384 : 256);
      expect(bits).toBe(info.certificate.key_size);
      kinds.add(`${certificate.publicKey.asymmetricKeyType} ${bits}`);
    }
    expect([...kinds]).toEqual(expect.arrayContaining(['rsa 2048', 'rsa 3072', 'rsa 4096', 'ec 256', 'ec 384']));
  });

  it('pass openssl: self-signature and subject of requests', () => {
    for (const [at, row] of details.entries()) {
      if (row.csr === null || at % 10 !== 0) continue;
      // `-verify` makes openssl fail on a bad signature.
      const text = execFileSync('openssl', ['req', '-verify', '-noout', '-subject', '-nameopt', 'utf8,sep_multiline'], {
        input: String(row.csr),
        stdio: ['pipe', 'pipe', 'ignore'],
      }).toString();
      expect(text).toContain(`CN=${row.common_name}`);
    }
  });
});

describe('determinism', () => {
  it('gives byte-equal answers from two starts in one month, and others for another seed', async () => {
    const [same, other] = await Promise.all([
      startEmulator({ orders: ORDERS, machineMs: () => NOON_MS + 3 * 86_400_000, workers: 1 }),
      startEmulator({ orders: ORDERS, seed: 2 }),
    ]);
    await same.control('PUT', '/clock', { now: new Date(NOON_MS).toISOString() });
    for (const path of ['/report/order', '/order/certificate', '/organization', '/domain', '/user']) {
      const { text } = await client.get(path);
      expect((await same.get(path)).text === text).toBe(true);
      expect((await other.get(path)).text === text).toBe(false);
    }
    await Promise.all([same.emulator.close(), other.emulator.close()]);
  });
});
