import type { CalendarDate, Order, OrderCertificate } from '@certfolio/core';

/**
 * Certificates of an order that are within their validity: the present one, duplicates, and those that a reissue replaced, which
 * stay valid until they end or are revoked. Whether one of these was revoked CertCentral does not tell, so they count; so do
 * archived ones, which are only put out of sight.
 */
export function liveCertificatesOf(
  { status, certificateId, validTill }: Pick<Order, 'status' | 'certificateId' | 'validTill'>,
  duplicates: readonly OrderCertificate[],
  reissues: readonly OrderCertificate[],
  today: CalendarDate,
): number {
  if (status === 'revoked') return 0;
  const hasPresent = validTill != null && validTill >= today;
  const isLive = (copy: OrderCertificate) =>
    (copy.status === 'approved' || copy.status === 'issued') &&
    copy.serialNumber !== null &&
    // A reissue without a last day of its own ends with the certificate that replaced it, at the latest.
    (copy.validTill === null ? hasPresent : copy.validTill >= today);
  const former = reissues.filter(({ id }) => id !== certificateId);
  return (hasPresent ? 1 : 0) + duplicates.filter(isLive).length + former.filter(isLive).length;
}
