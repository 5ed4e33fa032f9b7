import { customFields } from '../account/custom-fields.ts';
import { addDays, addYears, daysUntil, endOfDay, isoDay, SECOND_MS, startOfDay } from '../dates.ts';
import { makeSerialNumber } from '../orders/make-order.ts';
import { excludesCertificate, needsCertificate, statusAt, statusChangedAt } from '../orders/order-status.ts';
import { type Issuance, type Order, type Validity } from '../orders/order.ts';
import { testKeys, type TestKeyLabel } from '../pki/test-keys.ts';
import { type OrderChange } from './order-change.ts';

/** What was given, else what was there; `null` takes it away. */
function replaced<T>(given: T | null | undefined, before: T | undefined): T | undefined {
  return given === undefined ? before : (given ?? undefined);
}

function lastDay(firstDay: string, validity: Validity): string {
  if ('years' in validity) return addYears(firstDay, validity.years);
  return 'days' in validity ? addDays(firstDay, validity.days) : validity.custom_expiration_date;
}

/** The first day of a certificate of which only the last is known: a year before, or today if that is later than now. */
function firstDayFor(lastDayGiven: string, nowMs: number): string {
  const yearBefore = addDays(lastDayGiven, -365);
  return daysUntil(yearBefore, nowMs) > 0 ? isoDay(nowMs) : yearBefore;
}

type CertificateChange = NonNullable<OrderChange['certificate']>;

/** Makes up what a certificate needs, around the parts that were given. */
function changeIssuance(
  order: Order,
  given: CertificateChange,
  status: Order['status'],
  nowMs: number,
): Issuance | undefined {
  if (excludesCertificate(status)) return undefined;
  const before = order.issuance;
  const {
    valid_from: givenFrom,
    valid_till: givenTill,
    date_issued: givenIssuedMs,
    serial_number: serialNumber,
  } = given;
  const isTouched =
    givenFrom !== undefined || givenTill !== undefined || givenIssuedMs !== undefined || serialNumber !== undefined;
  if (before === undefined && !needsCertificate(status) && !isTouched) return undefined;

  const validFrom =
    givenFrom ?? before?.validFrom ?? (givenTill === undefined ? isoDay(nowMs) : firstDayFor(givenTill, nowMs));
  const validTill =
    givenTill ?? before?.validTill ?? lastDay(validFrom, given.cert_validity ?? order.certificateValidity);
  const issuedMs =
    givenIssuedMs ??
    before?.issuedMs ??
    (validFrom === isoDay(nowMs) ? nowMs : startOfDay(validFrom) + 9 * 3_600 * SECOND_MS);
  return {
    issuedMs: Math.floor(issuedMs / SECOND_MS) * SECOND_MS,
    validFrom,
    validTill,
    serialNumber: serialNumber ?? before?.serialNumber ?? makeSerialNumber('control', order.id, validFrom, validTill),
  };
}

function keyOfSize(bits: number | undefined, before: TestKeyLabel): TestKeyLabel {
  if (bits === undefined) return before;
  return (
    testKeys.find((key) => key.bits === bits && !key.label.includes('ca') && !key.label.includes('root'))?.label ??
    before
  );
}

function changeNames(order: Order, given: CertificateChange): Pick<Order, 'commonName' | 'otherNames'> {
  const commonName = given.common_name ?? order.commonName;
  if (given.dns_names !== undefined)
    return { commonName, otherNames: given.dns_names.filter((name) => name !== commonName) };
  // Other names of another host would make no sense.
  return { commonName, otherNames: given.common_name === undefined ? order.otherNames : [] };
}

/** A problem with a change that only the whole order shows. */
export function conflictIn({ issuance }: Order): string | undefined {
  if (issuance !== undefined && issuance.validTill < issuance.validFrom)
    return 'certificate.valid_till is before certificate.valid_from.';
  return undefined;
}

/**
 * The order with a change merged in, and all that follows from it: a new status brings or takes the certificate and
 * counts as a status change now.
 */
export function changeOrder(order: Order, change: OrderChange, nowMs: number): Order {
  const given = change.certificate ?? {};
  const status = change.status ?? order.status;
  const product = change.product ?? order.product;
  const issuance = changeIssuance(order, given, status, nowMs);
  const organization =
    product.kind === 'dv' && change.organization === undefined
      ? undefined
      : replaced(change.organization, order.organization);
  const hasNewOrganization = organization !== order.organization;
  const reissuedTill = issuance?.validTill === order.issuance?.validTill ? order.orderValidTill : issuance?.validTill;
  const renewedOrderId =
    change.renewed_order_id === undefined ? order.renewedOrderId : change.renewed_order_id || undefined;

  const changed: Order = {
    ...order,
    status,
    isStatusPinned: isPinned(order, change, issuance, nowMs),
    certificateId: given.id ?? order.certificateId,
    createdMs: change.date_created ?? order.createdMs,
    product,
    division: change.container ?? order.division,
    organization,
    organizationContact: replaced(
      change.organization_contact,
      hasNewOrganization ? organization?.contact : order.organizationContact,
    ),
    technicalContact: replaced(
      change.technical_contact,
      hasNewOrganization ? organization?.contact : order.technicalContact,
    ),
    user: change.user ?? order.user,
    assignees: change.user_assignments ?? order.assignees,
    approver: replaced(change.approver, order.approver),
    ...changeNames(order, given),
    emails: given.emails ?? order.emails,
    organizationUnits: given.organization_units ?? order.organizationUnits,
    certificateValidity: given.cert_validity ?? order.certificateValidity,
    orderValidity: change.order_validity ?? order.orderValidity,
    validityYears: change.validity_years ?? order.validityYears,
    isMultiYearPlan:
      change.is_multi_year_plan === undefined ? order.isMultiYearPlan : change.is_multi_year_plan === '1',
    orderValidTill: replaced(change.order_valid_till, issuance === undefined ? undefined : reissuedTill),
    issuance,
    signatureHash: given.signature_hash ?? order.signatureHash,
    subjectKey: keyOfSize(given.key_size, order.subjectKey),
    hasCsr: order.hasCsr && status !== 'needs_csr',
    ca: given.ca_cert ?? order.ca,
    serverPlatform: given.server_platform ?? order.serverPlatform,
    dcvMethod: replaced(change.dcv_method, order.dcvMethod),
    isRenewed: change.is_renewed ?? (change.renewed_order_id ? true : order.isRenewed),
    renewedOrderId,
    renewalOfOrderId:
      change.renewal_of_order_id === undefined ? order.renewalOfOrderId : change.renewal_of_order_id || undefined,
    duplicatesCount: issuance === undefined ? 0 : (change.duplicates_count ?? order.duplicatesCount),
    reissuesCount: issuance === undefined ? 0 : (change.reissues_count ?? order.reissuesCount),
    price: replaced(change.price, order.price),
    currency: change.currency ?? order.currency,
    paymentMethod: replaced(change.payment_method, order.paymentMethod),
    receiptId: replaced(change.receipt_id, order.receiptId),
    additionalEmails: change.additional_emails ?? order.additionalEmails,
    customFields:
      change.custom_fields?.flatMap(({ id, value }) =>
        customFields.filter((field) => field.id === id).map((field) => ({ field, value })),
      ) ?? order.customFields,
    notes: change.notes ?? order.notes,
    alternativeOrderId: replaced(change.alternative_order_id, order.alternativeOrderId),
    customRenewalMessage: replaced(change.custom_renewal_message, order.customRenewalMessage),
    locale: replaced(change.locale, order.locale),
    isAutoRenewed: change.auto_renew ?? order.isAutoRenewed,
    isAutoReissued: change.auto_reissue ?? order.isAutoReissued,
    isRenewalNoticeDisabled: change.disable_renewal_notifications ?? order.isRenewalNoticeDisabled,
    isIssuanceEmailDisabled: change.disable_issuance_email ?? order.isIssuanceEmailDisabled,
    isCtDisabled: change.disable_ct ?? order.isCtDisabled,
    areDuplicatesAllowed: change.allow_duplicates ?? order.areDuplicatesAllowed,
    isOutOfContract: change.is_out_of_contract ?? order.isOutOfContract,
    isGuestAccessEnabled: change.is_guest_access_enabled ?? order.isGuestAccessEnabled,
  };
  // What counts is the status shown: moving the last day of validity can change it as well.
  const isSameStatus = statusAt(changed, nowMs) === statusAt(order, nowMs);
  return { ...changed, statusChangedMs: isSameStatus ? statusChangedAt(order, nowMs) : nowMs };
}

/** A status that a caller set stays, even `issued` on a certificate whose last day had passed already. */
function isPinned(order: Order, change: OrderChange, issuance: Issuance | undefined, nowMs: number): boolean {
  if (change.status === undefined) return order.isStatusPinned && change.certificate?.valid_till === undefined;
  return change.status !== 'issued' || (issuance !== undefined && endOfDay(issuance.validTill) < nowMs);
}

/** A new order from a draft: what follows from the given parts is moved with them. */
export function completeDraft(draft: Order, change: OrderChange, nowMs: number): Order {
  const status = change.status ?? 'issued';
  const blank: Order = {
    ...draft,
    status,
    issuance: undefined,
    certificateValidity: { years: 1 },
    orderValidity: { years: 1 },
    orderValidTill: undefined,
    duplicatesCount: 0,
    reissuesCount: 0,
    isRenewed: false,
    isStatusPinned: false,
    id: change.id ?? draft.id,
  };
  const order = changeOrder(blank, change, nowMs);
  const startedMs = order.issuance === undefined ? nowMs : Math.min(nowMs, order.issuance.issuedMs);
  return {
    ...order,
    createdMs: change.date_created ?? Math.floor(startedMs / SECOND_MS) * SECOND_MS,
    orderValidTill: replaced(change.order_valid_till, order.issuance?.validTill),
    statusChangedMs: nowMs,
    subjectKey: keyOfSize(change.certificate?.key_size, 'rsa-2048-a'),
  };
}
