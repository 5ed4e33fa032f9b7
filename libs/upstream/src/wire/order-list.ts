import type { ContainerId, Order, OrderListPage, OrganizationId } from '@certfolio/core';
import { parsePage } from './page.ts';
import { requiredId, requiredText } from './required.ts';
import {
  objectIfAny,
  objectOf,
  otherNames,
  toDate,
  toDecimal,
  toFlag,
  toInteger,
  toText,
  toTexts,
  toTimestamp,
  toUpperText,
} from './values.ts';

/** GET /order/certificate. @param withDocuments whether orders keep their items @throws WrongShape */
export function parseOrderList(body: unknown, offset: number, withDocuments = false): OrderListPage {
  const parse = withDocuments ? orderWithItem : orderOfListItem;
  const { items, total } = parsePage(body, 'orders', offset, parse);
  return { orders: items, total };
}

const orderWithItem = (item: unknown): Order => ({ ...orderOfListItem(item), restListItem: JSON.stringify(item) });

const isoTimestamp = toTimestamp('UTC');

/** Written out by hand: it runs for a thousand orders per page. An absent key is null; what lists do not carry stays undefined. */
function orderOfListItem(item: unknown): Order {
  const whole = objectOf(item, '');
  const certificate = objectIfAny(whole['certificate'], 'certificate');
  const organization = objectIfAny(whole['organization'], 'organization');
  const container = objectIfAny(whole['container'], 'container');
  const product = objectIfAny(whole['product'], 'product');
  const orderValidity = objectIfAny(whole['order_validity'], 'order_validity');
  const commonName = toText(certificate?.['common_name'], 'certificate.common_name');
  return {
    id: requiredId(whole['id']),
    certificateId: toInteger(certificate?.['id'], 'certificate.id'),
    commonName,
    containerId: toInteger(container?.['id'], 'container.id') as ContainerId | null,
    containerName: toText(container?.['name'], 'container.name'),
    cost: toDecimal(whole['price'], 'price'),
    dateCreated: isoTimestamp(whole['date_created'], 'date_created'),
    disableRenewalNotifications: toFlag(whole['disable_renewal_notifications'], 'disable_renewal_notifications'),
    dnsNames: otherNames(toTexts(certificate?.['dns_names'], 'certificate.dns_names'), commonName),
    hasDuplicates: toFlag(whole['has_duplicates'], 'has_duplicates'),
    hasReissues: toFlag(whole['has_reissues'], 'has_reissues'),
    isRenewed: toFlag(whole['is_renewed'], 'is_renewed'),
    orderValidTill: toDate(whole['order_valid_till'], 'order_valid_till'),
    organizationId: toInteger(organization?.['id'], 'organization.id') as OrganizationId | null,
    organizationName: toText(organization?.['name'], 'organization.name'),
    productName: toText(product?.['name'], 'product.name'),
    productNameId: toText(product?.['name_id'] ?? whole['product_name_id'], 'product.name_id'),
    productType: toText(product?.['type'], 'product.type'),
    serialNumber: toUpperText(certificate?.['serial_number'], 'certificate.serial_number'),
    signatureHash: toText(certificate?.['signature_hash'], 'certificate.signature_hash'),
    status: requiredText(whole['status'], 'status'),
    validFrom: toDate(certificate?.['valid_from'], 'certificate.valid_from'),
    validTill: toDate(certificate?.['valid_till'], 'certificate.valid_till'),
    validityYears: toInteger(whole['validity_years'] ?? orderValidity?.['years'], 'validity_years'),
  };
}
