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
  member,
  memberIfAny,
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
  const certificate = member(body, 'certificate', '');
  const container = member(body, 'container', '');
  const orderValidity = member(body, 'order_validity', '');
  const organization = member(body, 'organization', '');
  const organizationContact = member(body, 'organization_contact', '');
  const product = member(body, 'product', '');
  const technicalContact = member(body, 'technical_contact', '');
  const user = member(body, 'user', '');
  const caCert = memberIfAny(certificate, 'ca_cert', 'certificate');
  const certificateOrganization = memberIfAny(certificate, 'organization', 'certificate');
  const serverPlatform = memberIfAny(certificate, 'server_platform', 'certificate');
  const commonName = toText(memberIfAny(certificate, 'common_name', 'certificate'), 'certificate.common_name');
  const csr = toText(memberIfAny(certificate, 'csr', 'certificate'), 'certificate.csr');
  const keySize = toInteger(memberIfAny(certificate, 'key_size', 'certificate'), 'certificate.key_size');
  const order: Omit<Order, LazyField> = {
    id: requiredId(member(body, 'id', '')),
    additionalEmails: toTexts(member(body, 'additional_emails', ''), 'additional_emails'),
    autoRenew: toFlag(member(body, 'auto_renew', ''), 'auto_renew'),
    caCertId: toText(memberIfAny(caCert, 'id', 'certificate.ca_cert'), 'certificate.ca_cert.id'),
    certificateId: toInteger(memberIfAny(certificate, 'id', 'certificate'), 'certificate.id'),
    commonName,
    contactsEmail: toText(
      memberIfAny(organizationContact, 'email', 'organization_contact'),
      'organization_contact.email',
    ),
    containerId: toInteger(memberIfAny(container, 'id', 'container'), 'container.id') as ContainerId | null,
    containerName: toText(memberIfAny(container, 'name', 'container'), 'container.name'),
    cost: toDecimal(member(body, 'price', ''), 'price'),
    csr,
    currency: toText(member(body, 'currency', ''), 'currency'),
    customFields: toCustomFields(member(body, 'custom_fields', ''), 'custom_fields'),
    customRenewalMessage: toText(member(body, 'custom_renewal_message', ''), 'custom_renewal_message'),
    customerOrderId: toText(member(body, 'alternative_order_id', ''), 'alternative_order_id'),
    dateCreated: isoTimestamp(member(body, 'date_created', ''), 'date_created'),
    dateIssued: isoTimestamp(memberIfAny(certificate, 'date_issued', 'certificate'), 'certificate.date_issued'),
    dcvMethod: toText(member(body, 'dcv_method', ''), 'dcv_method'),
    disableIssuanceEmail: toFlag(member(body, 'disable_issuance_email', ''), 'disable_issuance_email'),
    disableRenewalNotifications: toFlag(
      member(body, 'disable_renewal_notifications', ''),
      'disable_renewal_notifications',
    ),
    dnsNames: otherNames(
      toTexts(memberIfAny(certificate, 'dns_names', 'certificate'), 'certificate.dns_names'),
      commonName,
    ),
    email: toTexts(memberIfAny(certificate, 'emails', 'certificate'), 'certificate.emails')?.[0] ?? null,
    isOutOfContract: toFlag(member(body, 'is_out_of_contract', ''), 'is_out_of_contract'),
    isRenewal: toFlag(member(body, 'is_renewal', ''), 'is_renewal'),
    isRenewed: toFlag(member(body, 'is_renewed', ''), 'is_renewed'),
    issuingCa: toText(memberIfAny(caCert, 'name', 'certificate.ca_cert'), 'certificate.ca_cert.name'),
    locale: toText(member(body, 'locale', ''), 'locale'),
    orderValidTill: toDate(member(body, 'order_valid_till', ''), 'order_valid_till'),
    organizationCity: toText(memberIfAny(organization, 'city', 'organization'), 'organization.city'),
    organizationCountry: toLowerText(memberIfAny(organization, 'country', 'organization'), 'organization.country'),
    organizationId: (toInteger(memberIfAny(organization, 'id', 'organization'), 'organization.id') ??
      toInteger(
        memberIfAny(certificateOrganization, 'id', 'certificate.organization'),
        'certificate.organization.id',
      )) as OrganizationId | null,
    organizationName: toText(memberIfAny(organization, 'name', 'organization'), 'organization.name'),
    organizationState: toText(memberIfAny(organization, 'state', 'organization'), 'organization.state'),
    organizationUnit: toUnits(
      memberIfAny(certificate, 'organization_units', 'certificate'),
      'certificate.organization_units',
    ),
    payType: toText(member(body, 'payment_method', ''), 'payment_method'),
    productName: toText(memberIfAny(product, 'name', 'product'), 'product.name'),
    productNameId:
      toText(memberIfAny(product, 'name_id', 'product'), 'product.name_id') ??
      toText(member(body, 'product_name_id', ''), 'product_name_id'),
    productType: toText(memberIfAny(product, 'type', 'product'), 'product.type'),
    purchasedDnsNames:
      toInteger(member(body, 'purchased_dns_names', ''), 'purchased_dns_names') ??
      toInteger(memberIfAny(certificate, 'purchased_dns_names', 'certificate'), 'certificate.purchased_dns_names'),
    receiptId:
      toInteger(member(body, 'receipt_id', ''), 'receipt_id') ??
      toInteger(memberIfAny(certificate, 'receipt_id', 'certificate'), 'certificate.receipt_id'),
    renewalOfOrderId: toReference(member(body, 'renewal_of_order_id', ''), 'renewal_of_order_id') as OrderId | null,
    renewedOrderId: toReference(member(body, 'renewed_order_id', ''), 'renewed_order_id') as OrderId | null,
    serialNumber: toUpperText(memberIfAny(certificate, 'serial_number', 'certificate'), 'certificate.serial_number'),
    serverType: toInteger(
      memberIfAny(serverPlatform, 'id', 'certificate.server_platform'),
      'certificate.server_platform.id',
    ),
    signatureHash: toText(memberIfAny(certificate, 'signature_hash', 'certificate'), 'certificate.signature_hash'),
    status: requiredText(member(body, 'status', ''), 'status'),
    techEmail: toText(memberIfAny(technicalContact, 'email', 'technical_contact'), 'technical_contact.email'),
    techFirstName: toText(
      memberIfAny(technicalContact, 'first_name', 'technical_contact'),
      'technical_contact.first_name',
    ),
    techLastName: toText(
      memberIfAny(technicalContact, 'last_name', 'technical_contact'),
      'technical_contact.last_name',
    ),
    techTelephone: toText(
      memberIfAny(technicalContact, 'telephone', 'technical_contact'),
      'technical_contact.telephone',
    ),
    techTitle: toText(memberIfAny(technicalContact, 'job_title', 'technical_contact'), 'technical_contact.job_title'),
    thumbprint: toUpperText(memberIfAny(certificate, 'thumbprint', 'certificate'), 'certificate.thumbprint'),
    userAssignments: toEmails(member(body, 'user_assignments', ''), 'user_assignments'),
    userEmail: toText(memberIfAny(user, 'email', 'user'), 'user.email'),
    userFirstName: toText(memberIfAny(user, 'first_name', 'user'), 'user.first_name'),
    userId: toInteger(memberIfAny(user, 'id', 'user'), 'user.id'),
    userLastName: toText(memberIfAny(user, 'last_name', 'user'), 'user.last_name'),
    validFrom: toDate(memberIfAny(certificate, 'valid_from', 'certificate'), 'certificate.valid_from'),
    validTill: toDate(memberIfAny(certificate, 'valid_till', 'certificate'), 'certificate.valid_till'),
    validityYears:
      toInteger(member(body, 'validity_years', ''), 'validity_years') ??
      toInteger(memberIfAny(orderValidity, 'years', 'order_validity'), 'order_validity.years'),
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
