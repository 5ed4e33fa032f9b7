import { firstOrderId, mockOrders } from './works.ts';

/** JSON texts one after the other, `,` between them, so that any run of them is one slice. */
export class PackedJson {
  readonly #bytes: Buffer;
  readonly #starts: Uint32Array;

  constructor(count: number, textOf: (index: number) => string) {
    const texts = Array.from({ length: count }, (_, index) => textOf(index));
    this.#bytes = Buffer.from(texts.join(','));
    this.#starts = new Uint32Array(count + 1);
    let at = 0;
    for (const [index, text] of texts.entries()) {
      this.#starts[index] = at;
      at += Buffer.byteLength(text) + 1;
    }
    this.#starts[count] = at;
  }

  /** Items `from` up to but without `to`; empty when there are none. */
  run(from: number, to: number): Buffer {
    if (to <= from) return Buffer.alloc(0);
    return this.#bytes.subarray(this.#starts[from]!, this.#starts[to]! - 1);
  }
}

export const mockOrganizations = 25;
const containers = 10;
const names = [
  'Meridian Group Inc.',
  'Société Générale des Épices S.A.',
  'Northwind Labs Ltd',
  'São Paulo Seguros Ltda',
];
const cities = ['Lehi', 'Paris', 'Boston', 'São Paulo'];
const products = [
  ['ssl_plus', 'Standard SSL'],
  ['ssl_ev_basic', 'Basic EV'],
  ['ssl_multi_domain', 'Multi-Domain SSL'],
] as const;

export const statusOf = (index: number): string => (index % 10 === 9 ? 'revoked' : 'issued');
export const containerIdOf = (index: number): number => 10 + (index % containers);
const organizationIdOf = (index: number) => 5_001 + ((index * 7) % mockOrganizations);

const hex = (index: number, digits: number) =>
  Array.from({ length: Math.ceil(digits / 8) }, (_, word) =>
    (Math.imul(index + 1, 0x9e3779b1 + word * 0x85ebca6a) >>> 0).toString(16).padStart(8, '0'),
  )
    .join('')
    .slice(0, digits)
    .toUpperCase();
const day = (index: number, years: number) =>
  new Date(Date.UTC(2025 + years, 0, 1 + (index % 365))).toISOString().slice(0, 10);
const organizationName = (id: number) => `${names[id % names.length]} ${id - 5_000}`;

function facts(index: number) {
  const commonName = `h${index}.example-${index % 97}.test`;
  const [nameId, productName] = products[index % products.length]!;
  return {
    id: firstOrderId + index,
    commonName,
    nameId,
    productName,
    certificate: {
      id: 1_000_000 + index,
      serial_number: hex(index, 32),
      common_name: commonName,
      dns_names: [commonName, `www.${commonName}`],
      valid_from: day(index, 0),
      valid_till: day(index, 1),
      days_remaining: 100,
      cert_validity: { years: 1 },
      signature_hash: 'sha256',
    },
    dateCreated: `${day(index, 0)}T08:${String(index % 60).padStart(2, '0')}:00+00:00`,
    organization: { id: organizationIdOf(index), name: organizationName(organizationIdOf(index)) },
    container: { id: containerIdOf(index), name: `Division ${containerIdOf(index)}`, is_active: true },
    product: { name_id: nameId, name: productName, type: 'ssl_certificate' },
  };
}

function listItem(index: number): string {
  const { id, certificate, dateCreated, organization, container, product, nameId } = facts(index);
  return JSON.stringify({
    id,
    certificate,
    status: statusOf(index),
    is_renewed: index % 4 === 0,
    date_created: dateCreated,
    organization,
    validity_years: 1,
    order_validity: { years: 1 },
    order_valid_till: certificate.valid_till,
    disable_renewal_notifications: index % 5 === 0,
    container,
    product,
    duplicates_count: 0,
    has_duplicates: false,
    reissues_count: 0,
    has_reissues: false,
    price: 218,
    product_name_id: nameId,
    number_of_sans: 2,
  });
}

/** As long as the request of a 2,048-bit key. */
const csr = `-----BEGIN CERTIFICATE REQUEST-----\n${Array.from({ length: 17 }, (_, line) => `${'MIIDNDCCAhwCAQAwdjELMAkGA1UEBhMCQlIxCzAJBgNVBAgMAlNQMRMwEQYDVQQH'.slice(line % 7)}`).join('\n')}\n-----END CERTIFICATE REQUEST-----\n`;

/** All of order info but the request, which comes last and is the same for all. */
function infoHead(index: number): string {
  const { id, certificate, dateCreated, organization, container, product, nameId } = facts(index);
  const contact = {
    first_name: 'Ada',
    last_name: 'Müller',
    email: `pki${index % 50}@example.test`,
    job_title: 'IT Lead',
  };
  const info = {
    id,
    status: statusOf(index),
    is_renewal: false,
    is_renewed: index % 4 === 0,
    date_created: dateCreated,
    order_valid_till: certificate.valid_till,
    validity_years: 1,
    order_validity: { years: 1 },
    organization: { ...organization, display_name: organization.name, is_active: true, city: 'Lehi', country: 'us' },
    organization_contact: contact,
    technical_contact: contact,
    user: {
      id: 3_000 + (index % 40),
      first_name: 'Ngọc',
      last_name: 'Hughes',
      email: `user${index % 40}@example.test`,
    },
    requests: [{ id: 4_000_000 + index, date: dateCreated, type: 'new_request', status: 'approved', comments: 'ok' }],
    container,
    product: { ...product, validation_type: 'ov', validation_name: 'OV', csr_required: true },
    product_name_id: nameId,
    price: 218,
    currency: 'USD',
    payment_method: 'balance',
    receipt_id: 6_000_000 + index,
    auto_renew: 1,
    disable_renewal_notifications: index % 5 === 0,
    disable_issuance_email: false,
    is_out_of_contract: false,
    purchased_dns_names: 3,
    dcv_method: 'dns-txt-token',
    custom_fields: [{ metadata_id: 12, label: 'Cost centre', value: String(4_000 + (index % 90)) }],
    locale: 'en',
    certificate: {
      ...certificate,
      thumbprint: hex(index, 40),
      date_issued: dateCreated,
      organization: { id: organization.id },
      server_platform: { id: -1, name: 'OTHER' },
      key_size: 2_048,
      ca_cert: { id: '5F90AB1C77E2D348', name: 'Mock OV RSA CA G2' },
      user_id: 3_000 + (index % 40),
      purchased_dns_names: '3',
      receipt_id: String(6_000_000 + index),
    },
  };
  return JSON.stringify(info).slice(0, -2);
}

export const infoTail: Buffer = Buffer.from(`,"csr":${JSON.stringify(csr)}}}`);

function organization(index: number) {
  const id = 5_001 + index;
  const name = organizationName(id);
  const validation = { date_created: '2025-12-21T00:00:00+00:00', validated_until: '2027-03-25T00:00:00+00:00' };
  return {
    id,
    status: 'active',
    name,
    display_name: `${name} (${id})`,
    is_active: true,
    address: `${index + 1} Main St`,
    zip: '84043',
    city: cities[index % cities.length],
    state: 'Utah',
    country: 'us',
    telephone: '555-0100',
    container: { id: 10, parent_id: 0, name: 'Division 10', is_active: true },
    container_id_assignments: ['10'],
    validations: [
      { type: 'ov', name: 'OV', description: 'Normal Organization Validation', ...validation, status: 'active' },
      { type: 'ev', name: 'EV', description: 'Extended Organization Validation (EV)', ...validation, status: 'active' },
    ],
  };
}

export const packListItems = (): PackedJson => new PackedJson(mockOrders, listItem);
export const packInfoHeads = (): PackedJson => new PackedJson(mockOrders, infoHead);
export const organizationTexts = (): readonly string[] =>
  Array.from({ length: mockOrganizations }, (_, index) => JSON.stringify(organization(index)));
