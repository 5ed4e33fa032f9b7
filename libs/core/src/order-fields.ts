import type { OrderField } from './order.ts';

/** How a field is stored, compared and written; all conversions follow from it. */
export type FieldKind =
  | 'integer'
  | 'text'
  | 'flag'
  | 'date'
  | 'timestamp'
  | 'decimal'
  | 'texts'
  | 'customFields'
  /** JSON of CertCentral's own, as text; nothing is filtered, sorted or compared by it (see decision 0014). */
  | 'document';

/**
 * CertCentral's reads that give orders:
 * `list` (GET /order/certificate), `report` (GET /report/order, CSV), `custom` (POST /reports/query),
 * `info` (GET /order/certificate/{id}), `account` (GET /account), `organizations` (GET /organization).
 */
export type OrderSource = 'list' | 'report' | 'custom' | 'info' | 'account' | 'organizations';

/** Rights group of a sensitive field; a key whose `fields` policy lacks it is refused by name. */
export type SensitiveGroup = 'csr' | 'cost' | 'email' | 'customFields';

/** What a place in the schema needs: one right, or each of several. */
export type FieldRights = SensitiveGroup | readonly SensitiveGroup[];

export const rightsOf = (rights: FieldRights): readonly SensitiveGroup[] =>
  typeof rights === 'string' ? [rights] : rights;

export interface FieldFacts {
  readonly kind: FieldKind;
  /** Name in DigiCert's Custom Reports API, null for fields it does not have. */
  readonly customName: string | null;
  readonly sources: ReadonlySet<OrderSource>;
  /** Of a document see `documentRights`. */
  readonly sensitive: SensitiveGroup | null;
}

const sourceOfLetter = new Map<string, OrderSource>([
  ['l', 'list'],
  ['r', 'report'],
  ['c', 'custom'],
  ['i', 'info'],
  ['a', 'account'],
  ['o', 'organizations'],
]);

/** One line: custom name, kind, sources as letters (see `sourceOfLetter`), sensitive group. Source: ADR 0004. */
function field(
  customName: string | null,
  kind: FieldKind,
  letters: string,
  sensitive: SensitiveGroup | null = null,
): FieldFacts {
  const sources = new Set([...letters].map((letter) => sourceOfLetter.get(letter)!));
  return { kind, customName, sources, sensitive };
}

export const orderFields: ReadonlyMap<OrderField, FieldFacts> = new Map<OrderField, FieldFacts>([
  ['accountId', field('account_id', 'integer', 'rca')],
  ['additionalEmails', field('additional_emails', 'texts', 'rci', 'email')],
  ['agreementId', field('agreement_id', 'integer', 'rc')],
  ['autoRenew', field('auto_renew', 'flag', 'rci')],
  ['caCertId', field('ca_cert_id', 'text', 'ci')],
  ['certificateId', field('certificate_tracker_id', 'integer', 'lrci')],
  ['commonName', field('common_name', 'text', 'lrci')],
  ['contactsEmail', field('contacts_email', 'text', 'ci', 'email')],
  ['containerId', field('container_id', 'integer', 'lrci')],
  ['containerName', field('container_name', 'text', 'lrci')],
  ['cost', field('cost', 'decimal', 'lrci', 'cost')],
  ['csr', field('csr', 'text', 'rci', 'csr')],
  ['currency', field(null, 'text', 'i', 'cost')],
  ['customFields', field('metadata', 'customFields', 'rci', 'customFields')],
  ['customRenewalMessage', field('custom_renewal_message', 'text', 'rci')],
  ['customerOrderId', field('customer_order_id', 'text', 'rci')],
  ['dateCreated', field('date_created', 'timestamp', 'lrci')],
  ['dateIssued', field(null, 'timestamp', 'i')],
  ['dcvMethod', field('dcv_method', 'text', 'rci')],
  ['disableIssuanceEmail', field('disable_issuance_email', 'flag', 'rci')],
  ['disableRenewalNotifications', field('disable_renewal_notifications', 'flag', 'lrci')],
  ['dnsNames', field('dns_names', 'texts', 'lrci')],
  ['email', field('email', 'text', 'rci', 'email')],
  ['hasDuplicates', field('has_duplicates', 'flag', 'lrc')],
  ['hasReissues', field(null, 'flag', 'l')],
  ['id', field('id', 'integer', 'lrci')],
  ['isOutOfContract', field('is_out_of_contract', 'flag', 'rci')],
  ['isRenewal', field(null, 'flag', 'i')],
  ['isRenewed', field('is_renewed', 'flag', 'lrci')],
  ['issuingCa', field('issuing_ca', 'text', 'rci')],
  ['keyAlgorithm', field(null, 'text', 'rci')],
  // Reports give it where they give a certificate request; not every order has one.
  ['keySize', field(null, 'integer', 'i')],
  ['locale', field('locale', 'text', 'ci')],
  ['orderValidTill', field(null, 'date', 'li')],
  ['organizationAddress1', field('organization_address_1', 'text', 'rco')],
  ['organizationAddress2', field('organization_address_2', 'text', 'rco')],
  ['organizationCity', field('organization_city', 'text', 'rcio')],
  ['organizationCountry', field('organization_country', 'text', 'rcio')],
  ['organizationId', field('organization_id', 'integer', 'lrci')],
  ['organizationName', field('organization_name', 'text', 'lrci')],
  ['organizationState', field('organization_state', 'text', 'rcio')],
  ['organizationUnit', field('organization_unit', 'texts', 'rci')],
  ['payType', field('pay_type', 'text', 'rci')],
  ['plusFeature', field('plus_feature', 'flag', 'rc')],
  ['productId', field('product_id', 'integer', 'rc')],
  ['productName', field('product_name', 'text', 'lrci')],
  ['productNameId', field('product_name_id', 'text', 'lrci')],
  ['productType', field('product_type', 'text', 'lrci')],
  ['purchasedDnsNames', field('purchased_dns_names', 'integer', 'ci')],
  ['receiptId', field('receipt_id', 'integer', 'rci')],
  ['renewalOfOrderId', field(null, 'integer', 'i')],
  ['renewedOrderId', field('renewed_order_id', 'integer', 'rci')],
  ['restListItem', field(null, 'document', 'l')],
  ['restOrderInfo', field(null, 'document', 'i')],
  ['serialNumber', field('serial_number', 'text', 'lrci')],
  ['serverType', field('server_type', 'integer', 'rci')],
  ['signatureHash', field('signature_hash', 'text', 'lrci')],
  ['status', field('status', 'text', 'lrci')],
  ['techEmail', field('tech_email', 'text', 'rci', 'email')],
  ['techFirstName', field('tech_first_name', 'text', 'rci')],
  ['techLastName', field('tech_last_name', 'text', 'rci')],
  ['techTelephone', field('tech_telephone', 'text', 'rci')],
  ['techTitle', field('tech_title', 'text', 'rci')],
  ['thumbprint', field('thumbprint', 'text', 'rci')],
  ['userAssignments', field('user_assignments', 'texts', 'rci', 'email')],
  ['userEmail', field('user_email', 'text', 'rci', 'email')],
  ['userFirstName', field('user_first_name', 'text', 'rci')],
  ['userId', field('user_id', 'integer', 'rci')],
  ['userLastName', field('user_last_name', 'text', 'rci')],
  ['validFrom', field('valid_from', 'date', 'lrci')],
  ['validTill', field('valid_till', 'date', 'lrci')],
  ['validityYears', field('validity_years', 'integer', 'lrci')],
]);

/** What a document may hold that a key needs a right to see; CertCentral adds members without notice. */
export const documentRights: ReadonlyMap<OrderField, readonly SensitiveGroup[]> = new Map([
  ['restListItem', ['cost', 'customFields']],
  ['restOrderInfo', ['csr', 'cost', 'email', 'customFields']],
]);

/** @throws TypeError for a name that is no field: a fault of ours, since callers pass parsed names */
export function factsOf(name: OrderField): FieldFacts {
  const facts = orderFields.get(name);
  if (facts === undefined) throw new TypeError(`"${name}" is no field of an order.`);
  return facts;
}

/** Fields that CertCentral's reports do not have, and the one that they are read out of where an order has it. */
export const derivedFrom: ReadonlyMap<OrderField, OrderField> = new Map([
  ['keyAlgorithm', 'csr'],
  ['keySize', 'csr'],
]);

/** DigiCert's names to ours; `purchase_dns_names` is a spelling of its documentation for `purchased_dns_names`. */
export const fieldOfCustomName: ReadonlyMap<string, OrderField> = new Map([
  ...[...orderFields].flatMap(([name, { customName }]) => (customName === null ? [] : [[customName, name] as const])),
  ['purchase_dns_names', 'purchasedDnsNames'] as const,
]);

export function fieldsFrom(source: OrderSource): ReadonlySet<OrderField> {
  return new Set([...orderFields].filter(([, facts]) => facts.sources.has(source)).map(([name]) => name));
}
