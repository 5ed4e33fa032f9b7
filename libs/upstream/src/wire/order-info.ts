import { publicKeyOf, type ContainerId, type Order, type OrderId, type OrganizationId } from '@certfolio/core';
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

/** Reads one path below the body, for example `certificate.ca_cert.id`; undefined where a step is absent. */
type At = (path: string) => unknown;

const isoTimestamp = toTimestamp('UTC');

/** The names of each path, split once: there are some sixty paths in every order. */
const names = new Map<string, readonly string[]>();
function namesIn(path: string): readonly string[] {
  let split = names.get(path);
  if (split === undefined) names.set(path, (split = path.split('.')));
  return split;
}

/** GET /order/certificate/{order_id}. Fields that order info can carry and does not are null. @throws WrongShape */
export function parseOrderInfo(body: unknown): Order {
  const at: At = (path) => {
    let value: unknown = body;
    let place = '';
    for (const name of namesIn(path)) {
      value = place === '' ? member(value, name, place) : memberIfAny(value, name, place);
      place = place === '' ? name : `${place}.${name}`;
    }
    return value;
  };
  const text = (path: string) => toText(at(path), path);
  const integer = (path: string) => toInteger(at(path), path);
  const flag = (path: string) => toFlag(at(path), path);
  const commonName = text('certificate.common_name');
  const csr = text('certificate.csr');
  const key = csr === null ? null : publicKeyOf(csr);
  return {
    id: requiredId(at('id')),
    additionalEmails: toTexts(at('additional_emails'), 'additional_emails'),
    autoRenew: flag('auto_renew'),
    caCertId: text('certificate.ca_cert.id'),
    certificateId: integer('certificate.id'),
    commonName,
    contactsEmail: text('organization_contact.email'),
    containerId: integer('container.id') as ContainerId | null,
    containerName: text('container.name'),
    cost: toDecimal(at('price'), 'price'),
    csr,
    currency: text('currency'),
    customFields: toCustomFields(at('custom_fields'), 'custom_fields'),
    customRenewalMessage: text('custom_renewal_message'),
    customerOrderId: text('alternative_order_id'),
    dateCreated: isoTimestamp(at('date_created'), 'date_created'),
    dateIssued: isoTimestamp(at('certificate.date_issued'), 'certificate.date_issued'),
    dcvMethod: text('dcv_method'),
    disableIssuanceEmail: flag('disable_issuance_email'),
    disableRenewalNotifications: flag('disable_renewal_notifications'),
    dnsNames: otherNames(toTexts(at('certificate.dns_names'), 'certificate.dns_names'), commonName),
    email: toTexts(at('certificate.emails'), 'certificate.emails')?.[0] ?? null,
    isOutOfContract: flag('is_out_of_contract'),
    isRenewal: flag('is_renewal'),
    isRenewed: flag('is_renewed'),
    issuingCa: text('certificate.ca_cert.name'),
    keyAlgorithm: key?.algorithm ?? null,
    keySize: integer('certificate.key_size') ?? key?.size ?? null,
    locale: text('locale'),
    orderValidTill: toDate(at('order_valid_till'), 'order_valid_till'),
    organizationCity: text('organization.city'),
    organizationCountry: toLowerText(at('organization.country'), 'organization.country'),
    organizationId: (integer('organization.id') ?? integer('certificate.organization.id')) as OrganizationId | null,
    organizationName: text('organization.name'),
    organizationState: text('organization.state'),
    organizationUnit: toUnits(at('certificate.organization_units'), 'certificate.organization_units'),
    payType: text('payment_method'),
    productName: text('product.name'),
    productNameId: text('product.name_id') ?? text('product_name_id'),
    productType: text('product.type'),
    purchasedDnsNames: integer('purchased_dns_names') ?? integer('certificate.purchased_dns_names'),
    receiptId: integer('receipt_id') ?? integer('certificate.receipt_id'),
    renewalOfOrderId: toReference(at('renewal_of_order_id'), 'renewal_of_order_id') as OrderId | null,
    renewedOrderId: toReference(at('renewed_order_id'), 'renewed_order_id') as OrderId | null,
    serialNumber: toUpperText(at('certificate.serial_number'), 'certificate.serial_number'),
    serverType: integer('certificate.server_platform.id'),
    signatureHash: text('certificate.signature_hash'),
    status: requiredText(at('status'), 'status'),
    techEmail: text('technical_contact.email'),
    techFirstName: text('technical_contact.first_name'),
    techLastName: text('technical_contact.last_name'),
    techTelephone: text('technical_contact.telephone'),
    techTitle: text('technical_contact.job_title'),
    thumbprint: toUpperText(at('certificate.thumbprint'), 'certificate.thumbprint'),
    userAssignments: toEmails(at('user_assignments'), 'user_assignments'),
    userEmail: text('user.email'),
    userFirstName: text('user.first_name'),
    userId: integer('user.id'),
    userLastName: text('user.last_name'),
    validFrom: toDate(at('certificate.valid_from'), 'certificate.valid_from'),
    validTill: toDate(at('certificate.valid_till'), 'certificate.valid_till'),
    validityYears: integer('validity_years') ?? integer('order_validity.years'),
  };
}
