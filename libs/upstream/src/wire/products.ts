import type { ContainerId, Product } from '@certfolio/core';
import { z } from 'zod';
import { looseFlag, looseId, looseInteger, looseText, parseWith, requiredLooseText } from './loose.ts';
import { parseList } from './page.ts';

export interface ProductInfo extends Product {
  /** Lower case: `ov`, `ev`, … */
  readonly validationType: string | null;
  readonly allowsDuplicates: boolean | null;
  readonly allowsAdditionalNames: boolean | null;
  readonly allowsAutoRenew: boolean | null;
  readonly maxMultiYearValidityYears: number | null;
  readonly caCertificates: readonly { readonly id: string; readonly name: string | null }[];
}

const product = z.object({
  name_id: requiredLooseText,
  name: requiredLooseText,
  type: looseText,
  group_name: looseText,
  allowed_validity_years: z.array(looseInteger).nullish(), // numbers in the list, texts in product info
  signature_hash_types: z
    .object({ allowed_hash_types: z.array(z.object({ id: requiredLooseText })).nullish() })
    .nullish(),
  csr_required: looseFlag,
  allowed_container_ids: z.array(looseId).nullish(),
  replacement_product_name_id: looseText,
});

const productInfo = z.object({
  validation_type: looseText,
  duplicates_allowed: looseFlag,
  additional_dns_names_allowed: looseFlag,
  allow_auto_renew: looseFlag,
  max_multi_year_order_validity_years: looseInteger,
  allowed_ca_certs: z.array(z.object({ id: requiredLooseText, name: looseText })).nullish(),
});

/** GET /product. @throws WrongShape */
export function parseProducts(body: unknown): readonly Product[] {
  return parseList(body, 'products', parseProduct);
}

/** GET /product/{name_id}. @throws WrongShape */
export function parseProductInfo(body: unknown): ProductInfo {
  const wire = parseWith(productInfo, body);
  return {
    ...parseProduct(body),
    validationType: wire.validation_type?.toLowerCase() ?? null, // "OV" here, "ov" everywhere else
    allowsDuplicates: wire.duplicates_allowed,
    allowsAdditionalNames: wire.additional_dns_names_allowed,
    allowsAutoRenew: wire.allow_auto_renew,
    maxMultiYearValidityYears: wire.max_multi_year_order_validity_years,
    caCertificates: wire.allowed_ca_certs ?? [],
  };
}

export function parseProduct(item: unknown): Product {
  const wire = parseWith(product, item);
  return {
    nameId: wire.name_id,
    name: wire.name,
    type: wire.type,
    groupName: wire.group_name,
    allowedValidityYears: (wire.allowed_validity_years ?? []).filter((years) => years !== null),
    signatureHashes: (wire.signature_hash_types?.allowed_hash_types ?? []).map(({ id }) => id),
    isCsrRequired: wire.csr_required,
    // An empty list would be a product that nobody may order; such are not listed.
    allowedContainerIds: wire.allowed_container_ids?.length ? (wire.allowed_container_ids as ContainerId[]) : null,
    replacedBy: wire.replacement_product_name_id,
  };
}
