import type { ContainerId, Order, OrderListPage, OrganizationId } from '@certfolio/core';
import { parsePage } from './page.ts';
import { requiredId, requiredText } from './required.ts';
import {
  member,
  memberIfAny,
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
  const certificate = member(item, 'certificate', '');
  const organization = member(item, 'organization', '');
  const container = member(item, 'container', '');
  const product = member(item, 'product', '');
  const orderValidity = member(item, 'order_validity', '');
  const ofCertificate = (name: string) => memberIfAny(certificate, name, 'certificate');
  const commonName = toText(ofCertificate('common_name'), 'certificate.common_name');
  return {
    id: requiredId(member(item, 'id', '')),
    certificateId: toInteger(ofCertificate('id'), 'certificate.id'),
    commonName,
    containerId: toInteger(memberIfAny(container, 'id', 'container'), 'container.id') as ContainerId | null,
    containerName: toText(memberIfAny(container, 'name', 'container'), 'container.name'),
    cost: toDecimal(member(item, 'price', ''), 'price'),
    dateCreated: isoTimestamp(member(item, 'date_created', ''), 'date_created'),
    disableRenewalNotifications: toFlag(
      member(item, 'disable_renewal_notifications', ''),
      'disable_renewal_notifications',
    ),
    dnsNames: otherNames(toTexts(ofCertificate('dns_names'), 'certificate.dns_names'), commonName),
    hasDuplicates: toFlag(member(item, 'has_duplicates', ''), 'has_duplicates'),
    hasReissues: toFlag(member(item, 'has_reissues', ''), 'has_reissues'),
    isRenewed: toFlag(member(item, 'is_renewed', ''), 'is_renewed'),
    orderValidTill: toDate(member(item, 'order_valid_till', ''), 'order_valid_till'),
    organizationId: toInteger(
      memberIfAny(organization, 'id', 'organization'),
      'organization.id',
    ) as OrganizationId | null,
    organizationName: toText(memberIfAny(organization, 'name', 'organization'), 'organization.name'),
    productName: toText(memberIfAny(product, 'name', 'product'), 'product.name'),
    productNameId: toText(
      memberIfAny(product, 'name_id', 'product') ?? member(item, 'product_name_id', ''),
      'product.name_id',
    ),
    productType: toText(memberIfAny(product, 'type', 'product'), 'product.type'),
    serialNumber: toUpperText(ofCertificate('serial_number'), 'certificate.serial_number'),
    signatureHash: toText(ofCertificate('signature_hash'), 'certificate.signature_hash'),
    status: requiredText(member(item, 'status', ''), 'status'),
    validFrom: toDate(ofCertificate('valid_from'), 'certificate.valid_from'),
    validTill: toDate(ofCertificate('valid_till'), 'certificate.valid_till'),
    validityYears: toInteger(
      member(item, 'validity_years', '') ?? memberIfAny(orderValidity, 'years', 'order_validity'),
      'validity_years',
    ),
  };
}
