import { divisions } from '../account/divisions.ts';
import { issuingCas, ROOT_NAME, type IssuingCa } from '../account/issuing-cas.ts';
import { findProduct, products, type Product } from '../account/products.ts';
import { serverPlatforms } from '../account/server-platforms.ts';
import { notFound } from '../http/api-error.ts';
import { json } from '../http/answer.ts';
import { type Route } from '../http/route.ts';
import { platformPart } from '../orders/render-parts.ts';

const hashTypes = {
  allowed_hash_types: [
    { id: 'sha256', name: 'SHA-256' },
    { id: 'sha384', name: 'SHA-384' },
    { id: 'sha512', name: 'SHA-512' },
  ],
  default_hash_type_id: 'sha256',
};

function casOf({ kind, validationType }: Product): readonly IssuingCa[] {
  if (kind === 'private-tls') return [issuingCas.privateTls];
  if (kind === 'client') return [issuingCas.client];
  if (kind === 'code-signing') return [issuingCas.codeSigning];
  return validationType === 'ev' ? [issuingCas.ev] : [issuingCas.tlsRsa, issuingCas.tlsEc];
}

const planYears = ({ kind }: Product) => (kind === 'tls' ? [1, 2, 3] : [1]);

function listItem(product: Product) {
  return {
    group_name: product.type,
    name_id: product.nameId,
    name: product.name,
    type: product.type,
    allowed_container_ids: divisions.filter(({ isActive }) => isActive).map(({ id }) => id),
    allowed_validity_years: [1],
    allowed_order_validity_years: planYears(product),
    signature_hash_types: hashTypes,
    csr_required: product.csrRequired,
  };
}

/** `validation_type` is in upper case and `allowed_validity_years` holds texts here, unlike in the list. */
function info(product: Product) {
  return {
    group_name: product.type,
    name_id: product.nameId,
    name: product.name,
    type: product.type,
    validation_type: product.validationType.toUpperCase(),
    duplicates_allowed: product.isWildcard || product.maxExtraNames > 20,
    allowed_validity_years: ['1'],
    max_multi_year_order_validity_years: Math.max(...planYears(product)),
    signature_hash_types: hashTypes,
    allowed_ca_certs: casOf(product).map(({ id, name }) => ({ id, name, chain_info: `${name} > ${ROOT_NAME}` })),
    additional_dns_names_allowed: product.maxExtraNames > 0,
    increased_compatibility_allowed: false,
    custom_expiration_date_allowed: true,
    csr_required: product.csrRequired,
    allow_auto_renew: product.kind === 'tls',
    server_platforms: serverPlatforms.map(platformPart),
    license_agreement: 'Made up for the emulator.',
  };
}

/** Sources: vendor pages "Product list" and "Product info". */
export const productRoutes: readonly Route[] = [
  { method: 'GET', pattern: '/product', answer: () => json({ products: products.map(listItem) }) },
  {
    method: 'GET',
    pattern: '/product/{name_id}',
    answer: ({ param }) => {
      const product = findProduct(param('name_id'));
      if (product === undefined) throw notFound('product');
      return json(info(product));
    },
  },
];
