import { type CertificateStore } from '../certificates/certificate-store.ts';
import { variantSpec } from '../certificates/file-spec.ts';
import { type OrderFiles } from '../certificates/make-files.ts';
import { daysUntil, isoInstant } from '../dates.ts';
import { keyShape } from '../pki/keys.ts';
import { type OrderCertificate } from './order-variants.ts';
import { type Order } from './order.ts';
import { platformPart } from './render-parts.ts';

function filesOf(order: Order, { variant }: OrderCertificate, certificates: CertificateStore): OrderFiles {
  return variant === undefined
    ? certificates.filesOf({ ...order, issuance: undefined })
    : certificates.filesOfSpec(variantSpec(order, variant));
}

/** `archived` is a text here, a number for reissues; names have no underscore in both. */
export function renderDuplicate(
  order: Order,
  one: OrderCertificate,
  at: number,
  certificates: CertificateStore,
  nowMs: number,
) {
  const { variant } = one;
  const { thumbprint, csr } = filesOf(order, one, certificates);
  return {
    id: one.id,
    ...(variant && { thumbprint, serial_number: variant.serialNumber }),
    common_name: one.commonName,
    dns_names: one.dnsNames,
    status: one.status,
    date_created: isoInstant(one.createdMs),
    ...(variant && {
      valid_from: variant.validFrom,
      valid_till: variant.validTill,
      days_remaining: daysUntil(variant.validTill, nowMs),
    }),
    ...(csr !== undefined && { csr }),
    server_platform: platformPart(order.serverPlatform),
    signature_hash: order.signatureHash,
    key_size: keyShape(order.subjectKey).bits,
    ca_cert_id: order.ca.internalId,
    sub_id: String(at + 1).padStart(3, '0'),
    public_id: `DUP${one.id}`,
    archived: one.isArchived ? '1' : '0',
    user_id: order.user.id,
    firstname: order.user.firstName,
    lastname: order.user.lastName,
  };
}

/** What was rejected or waits has no thumbprint, serial number or validity. */
export function renderReissue(order: Order, one: OrderCertificate, certificates: CertificateStore, nowMs: number) {
  const { variant } = one;
  const { thumbprint, csr } = filesOf(order, one, certificates);
  const wildcards = one.dnsNames.filter((name) => name.startsWith('*.')).length;
  return {
    id: one.id,
    ...(variant && { thumbprint, serial_number: variant.serialNumber }),
    common_name: one.commonName,
    dns_names: one.dnsNames,
    status: one.status,
    date_created: isoInstant(one.createdMs),
    ...(variant && {
      date_issued: isoInstant(variant.issuedMs),
      valid_till: variant.validTill,
      days_remaining: daysUntil(variant.validTill, nowMs),
    }),
    ...(csr !== undefined && { csr }),
    key_size: keyShape(order.subjectKey).bits,
    archived: Number(one.isArchived),
    user_id: order.user.id,
    email: order.user.email,
    firstname: order.user.firstName,
    lastname: order.user.lastName,
    ...(order.receiptId !== undefined && { receipt_id: String(order.receiptId) }),
    purchased_dns_names: String(order.otherNames.length),
    purchased_wildcard_names: String(wildcards),
  };
}
