import { daysUntil, isoInstant } from '../dates.ts';
import { divisionPart } from './render-parts.ts';
import { statusAt } from './order-status.ts';
import { dnsNamesOf, type Order } from './order.ts';

/**
 * An item of `GET /order/certificate`. It has no thumbprint, CSR, user, contacts or CA; what comes with issuance is
 * absent before it, a price before pricing. Source: vendor page "List orders" and recorded answers.
 */
export function renderListItem(order: Order, nowMs: number) {
  const { issuance, organization, product } = order;
  const dnsNames = dnsNamesOf(order);
  return {
    id: order.id,
    certificate: {
      id: order.certificateId,
      ...(issuance && { serial_number: issuance.serialNumber }),
      common_name: order.commonName,
      ...(dnsNames.length > 0 && { dns_names: dnsNames }),
      ...(issuance && {
        valid_from: issuance.validFrom,
        valid_till: issuance.validTill,
        days_remaining: daysUntil(issuance.validTill, nowMs),
      }),
      cert_validity: order.certificateValidity,
      signature_hash: order.signatureHash,
    },
    status: statusAt(order, nowMs),
    is_renewed: order.isRenewed,
    date_created: isoInstant(order.createdMs),
    ...(organization && { organization: { id: organization.id, name: organization.name } }),
    validity_years: order.validityYears,
    order_validity: order.orderValidity,
    ...(order.orderValidTill !== undefined && { order_valid_till: order.orderValidTill }),
    disable_renewal_notifications: order.isRenewalNoticeDisabled,
    container: divisionPart(order.division),
    product: { name_id: product.nameId, name: product.name, type: product.type },
    duplicates_count: order.duplicatesCount,
    has_duplicates: order.duplicatesCount > 0,
    reissues_count: order.reissuesCount,
    has_reissues: order.reissuesCount > 0,
    ...(order.price !== undefined && { price: order.price }),
    product_name_id: product.nameId,
    number_of_sans: dnsNames.length,
    ...(order.isMultiYearPlan && { is_multi_year_plan: '1' }),
  };
}
