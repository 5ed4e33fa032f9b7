import { createHash } from 'node:crypto';
import { endOfDay, startOfDay } from '../dates.ts';
import { dnsNamesOf, type Issuance, type Order } from '../orders/order.ts';
import { type RequestSpec } from '../pki/certificate-request.ts';
import { type CertificateSpec, type CertificateUse } from '../pki/certificate.ts';
import { type AlternativeNames, type DistinguishedName } from '../pki/names.ts';

/** All that an order's files are made from; two equal specs give byte-equal files. */
export interface FileSpec {
  readonly certificate: CertificateSpec | undefined;
  readonly request: RequestSpec | undefined;
}

/** A certificate of an order other than its primary one differs in these. */
export interface CertificateVariant extends Issuance {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
}

function subjectOf(order: Order, commonName: string): DistinguishedName {
  const { organization } = order;
  return {
    country: organization?.country,
    state: organization?.state,
    city: organization?.city,
    organization: organization?.name,
    units: order.organizationUnits,
    commonName,
  };
}

function useOf(order: Order): CertificateUse {
  if (order.product.kind === 'client') return 'client';
  return order.product.kind === 'code-signing' ? 'code-signing' : 'tls';
}

function specOf(
  order: Order,
  subject: DistinguishedName,
  names: AlternativeNames,
  issuance: Issuance | undefined,
): FileSpec {
  const certificate: CertificateSpec | undefined = issuance && {
    serialNumber: issuance.serialNumber,
    issuer: order.ca.subject,
    issuerKey: order.ca.key,
    hash: order.signatureHash,
    notBeforeMs: startOfDay(issuance.validFrom),
    notAfterMs: endOfDay(issuance.validTill),
    subject,
    subjectKey: order.subjectKey,
    names,
    use: useOf(order),
  };
  const request = order.hasCsr ? { subject, names, key: order.subjectKey, hash: order.signatureHash } : undefined;
  return { certificate, request };
}

export function primarySpec(order: Order): FileSpec {
  const names = { dnsNames: dnsNamesOf(order), emails: order.emails };
  return specOf(order, subjectOf(order, order.commonName), names, order.issuance);
}

export function variantSpec(order: Order, variant: CertificateVariant): FileSpec {
  return specOf(
    order,
    subjectOf(order, variant.commonName),
    { dnsNames: variant.dnsNames, emails: order.emails },
    variant,
  );
}

export function specDigest(spec: FileSpec): string {
  return createHash('sha1').update(JSON.stringify(spec)).digest('base64url');
}
