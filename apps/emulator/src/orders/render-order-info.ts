import { displayName, type Organization } from '../account/organizations.ts';
import { validationText } from '../account/products.ts';
import { type OrderFiles } from '../certificates/make-files.ts';
import { daysUntil, isoInstant } from '../dates.ts';
import { keyShape } from '../pki/keys.ts';
import { hasOpenRequest, requestsOf } from './order-requests.ts';
import { statusAt } from './order-status.ts';
import { dnsNamesOf, type Order } from './order.ts';
import { contactPart, divisionPart, platformPart, userPart } from './render-parts.ts';

function certificatePart(order: Order, files: OrderFiles, nowMs: number) {
  const { issuance, organization } = order;
  const dnsNames = dnsNamesOf(order);
  const wildcards = dnsNames.filter((name) => name.startsWith('*.')).length;
  return {
    ...(issuance && { id: order.certificateId, thumbprint: files.thumbprint, serial_number: issuance.serialNumber }),
    common_name: order.commonName,
    ...(issuance && { cert_validity: order.certificateValidity }),
    ...(order.emails.length > 0 && { emails: order.emails }),
    ...(dnsNames.length > 0 && { dns_names: dnsNames }),
    date_created: isoInstant(order.createdMs),
    ...(issuance && {
      date_issued: isoInstant(issuance.issuedMs),
      valid_from: issuance.validFrom,
      valid_till: issuance.validTill,
      days_remaining: daysUntil(issuance.validTill, nowMs),
    }),
    ...(files.csr !== undefined && { csr: files.csr }),
    ...(organization && { organization: { id: organization.id } }),
    ...(order.organizationUnits.length > 0 && { organization_units: order.organizationUnits }),
    server_platform: platformPart(order.serverPlatform),
    signature_hash: order.signatureHash,
    key_size: keyShape(order.subjectKey).bits,
    ca_cert: { id: order.ca.id, name: order.ca.name },
    user_id: order.user.id,
    purchased_dns_names: String(order.otherNames.length),
    purchased_wildcard_names: String(wildcards),
    ...(order.receiptId !== undefined && { receipt_id: String(order.receiptId) }),
  };
}

function organizationPart(organization: Organization) {
  const { id, name, assumedName, status, city, state, country, telephone } = organization;
  return {
    id,
    name,
    ...(assumedName !== undefined && { assumed_name: assumedName }),
    display_name: displayName(organization),
    is_active: status === 'active',
    ...(city !== undefined && { city }),
    ...(state !== undefined && { state }),
    country,
    ...(telephone !== undefined && { telephone }),
  };
}

function productPart({ product }: Order) {
  const { name, description } = validationText(product.validationType);
  return {
    name_id: product.nameId,
    name: product.name,
    type: product.type,
    validation_type: product.validationType,
    validation_name: name,
    validation_description: description,
    csr_required: product.csrRequired,
  };
}

function requestParts(order: Order) {
  return requestsOf(order).map(({ id, atMs, type, status, comments }) => ({
    id,
    date: isoInstant(atMs),
    type,
    status,
    ...(comments !== undefined && { comments }),
  }));
}

/** CAA texts come only while a TLS or secure e-mail order is pending. */
function caaPart(order: Order) {
  const names =
    order.product.kind === 'client' ? order.emails.map((email) => email.split('@')[1] ?? email) : dnsNamesOf(order);
  const isWaiting = order.status === 'pending' || order.status === 'processing';
  if (!isWaiting || names.length === 0) return {};
  return {
    caa_status_message: Object.fromEntries(names.map((name) => [name, 'No CAA records found; issuance is allowed.'])),
  };
}

/**
 * `GET /order/certificate/{id}`. Absent keys instead of nulls; `auto_renew` is a number, `is_multi_year_plan` the text
 * "1" or absent, numbers below `certificate` are texts. Source: vendor page "Order info" and public client models.
 */
export function renderOrderInfo(order: Order, files: OrderFiles, nowMs: number, includeCaaStatus = false) {
  const { organization, organizationContact, technicalContact, product } = order;
  const hasVerifiedContacts = product.validationType === 'ev' || product.kind === 'code-signing';
  return {
    id: order.id,
    certificate: certificatePart(order, files, nowMs),
    status: statusAt(order, nowMs),
    is_renewal: order.renewalOfOrderId !== undefined,
    is_renewed: order.isRenewed,
    renewed_order_id: order.renewedOrderId ?? 0,
    ...(order.renewalOfOrderId !== undefined && { renewal_of_order_id: order.renewalOfOrderId }),
    date_created: isoInstant(order.createdMs),
    ...(order.orderValidTill !== undefined && { order_valid_till: order.orderValidTill }),
    validity_years: order.validityYears,
    order_validity: order.orderValidity,
    ...(organization && { organization: organizationPart(organization) }),
    ...(organizationContact && { organization_contact: contactPart(organizationContact) }),
    ...(technicalContact && { technical_contact: contactPart(technicalContact) }),
    ...(hasVerifiedContacts && organizationContact && { verified_contacts: [contactPart(organizationContact)] }),
    user: userPart(order.user),
    ...(order.assignees.length > 0 && { user_assignments: order.assignees.map(userPart) }),
    ...(order.approver && { approver: userPart(order.approver) }),
    requests: requestParts(order),
    container: divisionPart(order.division),
    product: productPart(order),
    product_name_id: product.nameId,
    ...(order.additionalEmails.length > 0 && { additional_emails: order.additionalEmails }),
    ...(order.customFields.length > 0 && {
      custom_fields: order.customFields.map(({ field, value }) => ({
        metadata_id: field.id,
        label: field.label,
        value,
      })),
    }),
    ...(order.notes.length > 0 && { notes: order.notes }),
    ...(order.price !== undefined && { price: order.price, currency: order.currency }),
    ...(order.paymentMethod !== undefined && { payment_method: order.paymentMethod }),
    ...(order.receiptId !== undefined && { receipt_id: order.receiptId }),
    auto_renew: Number(order.isAutoRenewed),
    auto_reissue: Number(order.isAutoReissued),
    disable_renewal_notifications: order.isRenewalNoticeDisabled,
    disable_issuance_email: order.isIssuanceEmailDisabled,
    disable_ct: order.isCtDisabled,
    allow_duplicates: order.areDuplicatesAllowed,
    is_out_of_contract: order.isOutOfContract,
    is_guest_access_enabled: order.isGuestAccessEnabled,
    has_pending_request: hasOpenRequest(order),
    duplicates_count: order.duplicatesCount,
    reissues_count: order.reissuesCount,
    purchased_dns_names: order.otherNames.length,
    ...(order.dcvMethod !== undefined && { dcv_method: order.dcvMethod }),
    cs_provisioning_method: product.kind === 'code-signing' ? 'ship_token' : 'none',
    ...(order.alternativeOrderId !== undefined && { alternative_order_id: order.alternativeOrderId }),
    ...(order.customRenewalMessage !== undefined && { custom_renewal_message: order.customRenewalMessage }),
    ...(order.locale !== undefined && { locale: order.locale }),
    ...(order.isMultiYearPlan && { is_multi_year_plan: '1' }),
    ...(includeCaaStatus && caaPart(order)),
  };
}
