import { type OrderFiles } from '../certificates/make-files.ts';
import { sqlInstant } from '../dates.ts';
import { statusAt } from './order-status.ts';
import { type Order } from './order.ts';

/** Reads one column; null when the order has no such value. */
export type ReadColumn = (order: Order, files: OrderFiles, nowMs: number) => string | null;

const flag = (value: boolean) => (value ? '1' : '0');
const text = (value: string | number | undefined) => (value === undefined ? null : String(value));
const list = (values: readonly string[]) => (values.length === 0 ? null : values.join(','));

/** Custom fields as the compact JSON of order info's `custom_fields`. */
function metadata({ customFields }: Order): string | null {
  if (customFields.length === 0) return null;
  return JSON.stringify(customFields.map(({ field, value }) => ({ metadata_id: field.id, label: field.label, value })));
}

/** The account number is the same for all orders, so it is given once. */
export function createOrderColumns(accountId: number): ReadonlyMap<string, ReadColumn> {
  return new Map<string, ReadColumn>([
    ['account_id', () => String(accountId)],
    ['additional_emails', ({ additionalEmails }) => list(additionalEmails)],
    ['agreement_id', ({ agreementId }) => text(agreementId)],
    ['auto_renew', ({ isAutoRenewed }) => flag(isAutoRenewed)],
    ['ca_cert_id', ({ ca }) => ca.id],
    ['certificate_tracker_id', ({ certificateId }) => String(certificateId)],
    ['common_name', ({ commonName }) => commonName],
    ['contacts_email', ({ organizationContact }) => text(organizationContact?.email)],
    ['container_id', ({ division }) => String(division.id)],
    ['container_name', ({ division }) => division.name],
    ['cost', ({ price }) => (price === undefined ? null : price.toFixed(2))],
    ['csr', (_order, { csr }) => text(csr)],
    ['custom_renewal_message', ({ customRenewalMessage }) => text(customRenewalMessage)],
    ['customer_order_id', ({ alternativeOrderId }) => text(alternativeOrderId)],
    ['date_created', ({ createdMs }) => sqlInstant(createdMs)],
    ['dcv_method', ({ dcvMethod }) => text(dcvMethod)],
    ['disable_issuance_email', ({ isIssuanceEmailDisabled }) => flag(isIssuanceEmailDisabled)],
    ['disable_renewal_notifications', ({ isRenewalNoticeDisabled }) => flag(isRenewalNoticeDisabled)],
    ['dns_names', ({ otherNames }) => list(otherNames)],
    ['email', ({ emails }) => text(emails[0])],
    ['has_duplicates', ({ duplicatesCount }) => flag(duplicatesCount > 0)],
    ['id', ({ id }) => String(id)],
    ['is_out_of_contract', ({ isOutOfContract }) => flag(isOutOfContract)],
    ['is_renewed', ({ isRenewed }) => flag(isRenewed)],
    ['issuing_ca', ({ ca }) => ca.name],
    ['locale', ({ locale }) => text(locale)],
    ['metadata', metadata],
    ['organization_address_1', ({ organization }) => text(organization?.address)],
    ['organization_address_2', ({ organization }) => text(organization?.address2)],
    ['organization_city', ({ organization }) => text(organization?.city)],
    ['organization_country', ({ organization }) => text(organization?.country)],
    ['organization_id', ({ organization }) => text(organization?.id)],
    ['organization_name', ({ organization }) => text(organization?.name)],
    ['organization_state', ({ organization }) => text(organization?.state)],
    ['organization_unit', ({ organizationUnits }) => list(organizationUnits)],
    ['pay_type', ({ paymentMethod }) => text(paymentMethod)],
    ['plus_feature', ({ hasPlusFeature }) => flag(hasPlusFeature)],
    ['product_id', ({ product }) => String(product.id)],
    ['product_name', ({ product }) => product.name],
    ['product_name_id', ({ product }) => product.nameId],
    ['product_type', ({ product }) => product.type],
    ['purchased_dns_names', ({ otherNames }) => String(otherNames.length)],
    ['receipt_id', ({ receiptId }) => text(receiptId)],
    ['renewed_order_id', ({ renewedOrderId }) => text(renewedOrderId)],
    ['serial_number', ({ issuance }) => text(issuance?.serialNumber)],
    ['server_type', ({ serverPlatform }) => String(serverPlatform.id)],
    ['signature_hash', ({ signatureHash }) => signatureHash],
    ['status', (order, _files, nowMs) => statusAt(order, nowMs)],
    ['tech_email', ({ technicalContact }) => text(technicalContact?.email)],
    ['tech_first_name', ({ technicalContact }) => text(technicalContact?.firstName)],
    ['tech_last_name', ({ technicalContact }) => text(technicalContact?.lastName)],
    ['tech_telephone', ({ technicalContact }) => text(technicalContact?.telephone)],
    ['tech_title', ({ technicalContact }) => text(technicalContact?.jobTitle)],
    ['thumbprint', (_order, { thumbprint }) => text(thumbprint)],
    ['user_assignments', ({ assignees }) => list(assignees.map(({ email }) => email))],
    ['user_email', ({ user }) => user.email],
    ['user_first_name', ({ user }) => user.firstName],
    ['user_id', ({ user }) => String(user.id)],
    ['user_last_name', ({ user }) => user.lastName],
    ['valid_from', ({ issuance }) => text(issuance?.validFrom)],
    ['valid_till', ({ issuance }) => text(issuance?.validTill)],
    ['validity_years', ({ validityYears }) => String(validityYears)],
  ]);
}
