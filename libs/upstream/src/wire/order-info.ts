import {
  publicKeyOf,
  type PublicKeyFacts,
  type ContainerId,
  type Order,
  type OrderId,
  type OrganizationId,
} from '@certfolio/core';
import { requiredId, requiredText } from './required.ts';
import {
  objectIfAny,
  objectOf,
  otherNames,
  toCustomFields,
  toDate,
  toDecimal,
  toEmails,
  toFlag,
  toInteger,
  toLowerText,
  toReference,
  toText,
  toTexts,
  toTimestamp,
  toUnits,
  toUpperText,
} from './values.ts';

const isoTimestamp = toTimestamp('UTC');

/**
 * GET /order/certificate/{order_id}. Fields that order info can carry and does not are null. Written out by hand, since it
 * reads some sixty members for every order. `restOrderInfo` is no member of its own: copies of the order do not have it.
 *
 * @throws WrongShape
 */
export function parseOrderInfo(body: unknown): Order {
  const whole = objectOf(body, '');
  const certificate = objectIfAny(whole['certificate'], 'certificate');
  const container = objectIfAny(whole['container'], 'container');
  const orderValidity = objectIfAny(whole['order_validity'], 'order_validity');
  const organization = objectIfAny(whole['organization'], 'organization');
  const organizationContact = objectIfAny(whole['organization_contact'], 'organization_contact');
  const product = objectIfAny(whole['product'], 'product');
  const technicalContact = objectIfAny(whole['technical_contact'], 'technical_contact');
  const user = objectIfAny(whole['user'], 'user');
  const caCert = objectIfAny(certificate?.['ca_cert'], 'certificate.ca_cert');
  const certificateOrganization = objectIfAny(certificate?.['organization'], 'certificate.organization');
  const serverPlatform = objectIfAny(certificate?.['server_platform'], 'certificate.server_platform');
  const commonName = toText(certificate?.['common_name'], 'certificate.common_name');
  const csr = toText(certificate?.['csr'], 'certificate.csr');
  const keySize = toInteger(certificate?.['key_size'], 'certificate.key_size');
  const order: Omit<Order, LazyField> = {
    id: requiredId(whole['id']),
    additionalEmails: toTexts(whole['additional_emails'], 'additional_emails'),
    autoRenew: toFlag(whole['auto_renew'], 'auto_renew'),
    caCertId: toText(caCert?.['id'], 'certificate.ca_cert.id'),
    certificateId: toInteger(certificate?.['id'], 'certificate.id'),
    commonName,
    contactsEmail: toText(organizationContact?.['email'], 'organization_contact.email'),
    containerId: toInteger(container?.['id'], 'container.id') as ContainerId | null,
    containerName: toText(container?.['name'], 'container.name'),
    cost: toDecimal(whole['price'], 'price'),
    csr,
    currency: toText(whole['currency'], 'currency'),
    customFields: toCustomFields(whole['custom_fields'], 'custom_fields'),
    customRenewalMessage: toText(whole['custom_renewal_message'], 'custom_renewal_message'),
    customerOrderId: toText(whole['alternative_order_id'], 'alternative_order_id'),
    dateCreated: isoTimestamp(whole['date_created'], 'date_created'),
    dateIssued: isoTimestamp(certificate?.['date_issued'], 'certificate.date_issued'),
    dcvMethod: toText(whole['dcv_method'], 'dcv_method'),
    disableIssuanceEmail: toFlag(whole['disable_issuance_email'], 'disable_issuance_email'),
    disableRenewalNotifications: toFlag(whole['disable_renewal_notifications'], 'disable_renewal_notifications'),
    dnsNames: otherNames(toTexts(certificate?.['dns_names'], 'certificate.dns_names'), commonName),
    email: toTexts(certificate?.['emails'], 'certificate.emails')?.[0] ?? null,
    isOutOfContract: toFlag(whole['is_out_of_contract'], 'is_out_of_contract'),
    isRenewal: toFlag(whole['is_renewal'], 'is_renewal'),
    isRenewed: toFlag(whole['is_renewed'], 'is_renewed'),
    issuingCa: toText(caCert?.['name'], 'certificate.ca_cert.name'),
    locale: toText(whole['locale'], 'locale'),
    orderValidTill: toDate(whole['order_valid_till'], 'order_valid_till'),
    organizationCity: toText(organization?.['city'], 'organization.city'),
    organizationCountry: toLowerText(organization?.['country'], 'organization.country'),
    organizationId: (toInteger(organization?.['id'], 'organization.id') ??
      toInteger(certificateOrganization?.['id'], 'certificate.organization.id')) as OrganizationId | null,
    organizationName: toText(organization?.['name'], 'organization.name'),
    organizationState: toText(organization?.['state'], 'organization.state'),
    organizationUnit: toUnits(certificate?.['organization_units'], 'certificate.organization_units'),
    payType: toText(whole['payment_method'], 'payment_method'),
    productName: toText(product?.['name'], 'product.name'),
    productNameId:
      toText(product?.['name_id'], 'product.name_id') ?? toText(whole['product_name_id'], 'product_name_id'),
    productType: toText(product?.['type'], 'product.type'),
    purchasedDnsNames:
      toInteger(whole['purchased_dns_names'], 'purchased_dns_names') ??
      toInteger(certificate?.['purchased_dns_names'], 'certificate.purchased_dns_names'),
    receiptId:
      toInteger(whole['receipt_id'], 'receipt_id') ?? toInteger(certificate?.['receipt_id'], 'certificate.receipt_id'),
    renewalOfOrderId: toReference(whole['renewal_of_order_id'], 'renewal_of_order_id') as OrderId | null,
    renewedOrderId: toReference(whole['renewed_order_id'], 'renewed_order_id') as OrderId | null,
    serialNumber: toUpperText(certificate?.['serial_number'], 'certificate.serial_number'),
    serverType: toInteger(serverPlatform?.['id'], 'certificate.server_platform.id'),
    signatureHash: toText(certificate?.['signature_hash'], 'certificate.signature_hash'),
    status: requiredText(whole['status'], 'status'),
    techEmail: toText(technicalContact?.['email'], 'technical_contact.email'),
    techFirstName: toText(technicalContact?.['first_name'], 'technical_contact.first_name'),
    techLastName: toText(technicalContact?.['last_name'], 'technical_contact.last_name'),
    techTelephone: toText(technicalContact?.['telephone'], 'technical_contact.telephone'),
    techTitle: toText(technicalContact?.['job_title'], 'technical_contact.job_title'),
    thumbprint: toUpperText(certificate?.['thumbprint'], 'certificate.thumbprint'),
    userAssignments: toEmails(whole['user_assignments'], 'user_assignments'),
    userEmail: toText(user?.['email'], 'user.email'),
    userFirstName: toText(user?.['first_name'], 'user.first_name'),
    userId: toInteger(user?.['id'], 'user.id'),
    userLastName: toText(user?.['last_name'], 'user.last_name'),
    validFrom: toDate(certificate?.['valid_from'], 'certificate.valid_from'),
    validTill: toDate(certificate?.['valid_till'], 'certificate.valid_till'),
    validityYears:
      toInteger(whole['validity_years'], 'validity_years') ??
      toInteger(orderValidity?.['years'], 'order_validity.years'),
  };
  const source: Source = { body, csr, keySize, key: undefined };
  Object.defineProperty(order, sourceOf, { value: source });
  return Object.defineProperties(order, lazyFields) as Order;
}

type LazyField = 'keyAlgorithm' | 'keySize' | 'restOrderInfo';

/** What the fields are made of that are made when they are asked for. */
interface Source {
  readonly body: unknown;
  readonly csr: string | null;
  readonly keySize: number | null;
  /** Undefined until it is read, which takes as long as all the rest of the order. */
  key: PublicKeyFacts | null | undefined;
}

const sourceOf = Symbol('source of lazy fields');

interface Sourced {
  readonly [sourceOf]: Source;
}

/**
 * One function for all orders: V8 keeps a getter in the hidden class of its object, so that getters of their own make a class for
 * each order, and with it keep the whole answer alive until the next full collection. Copies of an order do not have `restOrderInfo`.
 */
const lazyFields: Readonly<Record<LazyField, PropertyDescriptor & ThisType<Sourced>>> = {
  keyAlgorithm: {
    enumerable: true,
    get() {
      return keyOf(this[sourceOf])?.algorithm ?? null;
    },
  },
  keySize: {
    enumerable: true,
    get() {
      return this[sourceOf].keySize ?? keyOf(this[sourceOf])?.size ?? null;
    },
  },
  restOrderInfo: {
    enumerable: false,
    get() {
      return JSON.stringify(this[sourceOf].body);
    },
  },
};

function keyOf(source: Source): PublicKeyFacts | null {
  if (source.key === undefined) source.key = source.csr === null ? null : publicKeyOf(source.csr);
  return source.key;
}
