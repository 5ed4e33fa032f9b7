/** What a product issues, and so which fields its orders have. */
export type ProductKind = 'tls' | 'dv' | 'private-tls' | 'client' | 'code-signing';

export interface Product {
  /** The internal number of the CSV report. */
  readonly id: number;
  readonly nameId: string;
  readonly name: string;
  readonly type: 'ssl_certificate' | 'dv_ssl_certificate' | 'client_certificate' | 'code_signing_certificate';
  readonly kind: ProductKind;
  readonly validationType: 'ov' | 'ev' | 'dv' | 'cs' | 'client';
  readonly price: number;
  /** How many names beside the common name an order may carry. */
  readonly maxExtraNames: number;
  readonly isWildcard: boolean;
  readonly csrRequired: boolean;
  /** How often it is ordered, relative to the others. */
  readonly weight: number;
}

type Choice = Partial<Product> & Pick<Product, 'id' | 'nameId' | 'name' | 'price' | 'weight'>;

function tls(choice: Choice): Product {
  return {
    type: 'ssl_certificate',
    kind: 'tls',
    validationType: 'ov',
    maxExtraNames: 8,
    isWildcard: false,
    csrRequired: true,
    ...choice,
  };
}

/** Identifiers are those of the vendor's product list; prices and numbers are made up. */
export const products: readonly Product[] = [
  tls({ id: 1, nameId: 'ssl_plus', name: 'Standard SSL', price: 218, weight: 14, maxExtraNames: 1 }),
  tls({ id: 2, nameId: 'ssl_multi_domain', name: 'Multi-Domain SSL', price: 299, weight: 10, maxExtraNames: 100 }),
  tls({ id: 3, nameId: 'ssl_wildcard', name: 'Wildcard', price: 653, weight: 8, maxExtraNames: 2, isWildcard: true }),
  tls({
    id: 4,
    nameId: 'ssl_ev_plus',
    name: 'Extended Validation SSL',
    price: 344,
    weight: 6,
    validationType: 'ev',
    maxExtraNames: 1,
  }),
  tls({
    id: 5,
    nameId: 'ssl_ev_multi_domain',
    name: 'EV Multi-Domain',
    price: 489,
    weight: 4,
    validationType: 'ev',
    maxExtraNames: 25,
  }),
  tls({ id: 6, nameId: 'ssl_basic', name: 'Basic OV', price: 238, weight: 18 }),
  tls({ id: 7, nameId: 'ssl_ev_basic', name: 'Basic EV', price: 324, weight: 3, validationType: 'ev' }),
  tls({ id: 8, nameId: 'ssl_securesite_flex', name: 'Secure Site OV', price: 399, weight: 10, maxExtraNames: 40 }),
  tls({ id: 9, nameId: 'ssl_securesite_pro', name: 'Secure Site Pro SSL', price: 995, weight: 4, maxExtraNames: 60 }),
  tls({
    id: 10,
    nameId: 'private_ssl_plus',
    name: 'Private SSL',
    price: 96.5,
    weight: 6,
    kind: 'private-tls',
    maxExtraNames: 6,
  }),
  tls({
    id: 11,
    nameId: 'ssl_dv_geotrust',
    name: 'GeoTrust DV SSL',
    price: 149,
    weight: 7,
    type: 'dv_ssl_certificate',
    kind: 'dv',
    validationType: 'dv',
    maxExtraNames: 3,
  }),
  tls({
    id: 12,
    nameId: 'client_premium',
    name: 'Premium',
    price: 39.95,
    weight: 4,
    type: 'client_certificate',
    kind: 'client',
    validationType: 'client',
    maxExtraNames: 0,
    csrRequired: false,
  }),
  tls({
    id: 13,
    nameId: 'secure_email_mailbox',
    name: 'Secure Email Mailbox',
    price: 24,
    weight: 3,
    type: 'client_certificate',
    kind: 'client',
    validationType: 'client',
    maxExtraNames: 0,
    csrRequired: false,
  }),
  tls({
    id: 14,
    nameId: 'code_signing',
    name: 'Code Signing',
    price: 474,
    weight: 2,
    type: 'code_signing_certificate',
    kind: 'code-signing',
    validationType: 'cs',
    maxExtraNames: 0,
  }),
  tls({
    id: 15,
    nameId: 'code_signing_ev',
    name: 'EV Code Signing',
    price: 664,
    weight: 1,
    type: 'code_signing_certificate',
    kind: 'code-signing',
    validationType: 'cs',
    maxExtraNames: 0,
  }),
];

const byNameId = new Map(products.map((product) => [product.nameId, product]));

export const findProduct = (nameId: string): Product | undefined => byNameId.get(nameId);

export function productByNameId(nameId: string): Product {
  const found = findProduct(nameId);
  if (found === undefined) throw new Error(`There is no product "${nameId}".`);
  return found;
}

const validationNames = new Map([
  ['ov', { name: 'OV', description: 'Normal Organization Validation' }],
  ['ev', { name: 'EV', description: 'Extended Organization Validation (EV)' }],
  ['cs', { name: 'CS', description: 'Code Signing Organization Validation' }],
  ['dv', { name: 'DV', description: 'Domain Validation' }],
  ['client', { name: 'Client', description: 'Client Certificate Validation' }],
]);

/** The name and description that go with a validation type in answers. */
export function validationText(type: string): { readonly name: string; readonly description: string } {
  return validationNames.get(type) ?? { name: type.toUpperCase(), description: type };
}
