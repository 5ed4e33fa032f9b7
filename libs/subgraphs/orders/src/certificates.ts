import {
  BadUserInput,
  dayIn,
  daysBetween,
  postQuantumStateOf,
  publicKeyOf,
  resolveDays,
  type CertificateMatch,
  type Clock,
  type CopyKind,
  type Order,
  type OrderCertificate,
  type OrderFacts,
} from '@certfolio/core';
import type { Resolver } from '@certfolio/graph-kit';
import { baseDomainOf } from './base-domain.ts';
import { renewalsPerYear, weaknessesOf, type KeyPolicy } from './certificate-facts.ts';
import { userOf } from './order-user.ts';

/** Facts of an order that its present certificate shows by the same names. */
type CertificateFacts = {
  readonly [
    F in
      | 'certificateId'
      | 'commonName'
      | 'dnsNames'
      | 'validFrom'
      | 'validTill'
      | 'serialNumber'
      | 'thumbprint'
      | 'dateIssued'
      | 'csr'
      | 'keyAlgorithm'
      | 'keySize'
      | 'signatureHash'
  ]: OrderFacts[F] | null;
};

/** A duplicate or reissue where the schema has a `Certificate`. */
interface CopyAsCertificate extends CertificateFacts {
  readonly kind: CopyKind;
  readonly order: Order;
}

/** The parent of a `Certificate`. An order stands for its present one, so that a page of orders needs no wrappers. */
export type CertificateParent = Order | CopyAsCertificate;

/** The parent of a `CertificateCopy`. */
type CopyParent = OrderCertificate & { readonly kind: CopyKind };

export const copiesOf = (kind: CopyKind, certificates: readonly OrderCertificate[] | null): CopyParent[] | null =>
  certificates?.map((certificate) => ({ ...certificate, kind })) ?? null;

/** What a look-up found, as the schema shows it: of a copy the values are the copy's own. */
export function certificateOf({ order, copy }: CertificateMatch): CertificateParent {
  if (copy === null) return order;
  const { kind, certificate } = copy;
  return {
    kind,
    order,
    certificateId: certificate.id,
    commonName: certificate.commonName,
    dnsNames: certificate.dnsNames,
    validFrom: certificate.validFrom,
    validTill: certificate.validTill,
    serialNumber: certificate.serialNumber,
    thumbprint: certificate.thumbprint,
    dateIssued: certificate.dateIssued,
    csr: certificate.csr,
    keyAlgorithm: keyOf(certificate)?.algorithm ?? null,
    keySize: keySizeOf(certificate),
    signatureHash: certificate.signatureHash,
  };
}

const keyOf = ({ csr }: OrderCertificate) => (csr === null ? null : publicKeyOf(csr));
const keySizeOf = (certificate: OrderCertificate) => certificate.keySize ?? keyOf(certificate)?.size ?? null;

type Named = Pick<Order, 'commonName' | 'dnsNames'>;
type Valid = Pick<Order, 'validFrom' | 'validTill'>;

type FieldResolvers = Readonly<Record<string, Resolver>>;

export function createCertificateResolvers(clock: Clock): {
  readonly Certificate: FieldResolvers;
  readonly CertificateCopy: FieldResolvers;
} {
  const today = () => dayIn('UTC', clock.nowMs());
  const common = {
    names: (certificate: Named) => namesOf(certificate),
    wildcardNames: (certificate: Named) => namesOf(certificate).filter((name) => name.startsWith('*.')),
    daysLeft: ({ validTill }: Valid) => (validTill == null ? null : daysBetween(today(), validTill)),
    validityDays: validityDaysOf,
  };
  return {
    Certificate: {
      ...common,
      id: ({ certificateId }: CertificateParent) => certificateId,
      kind: (certificate: CertificateParent) => ('kind' in certificate ? certificate.kind : 'primary'),
      order: (certificate: CertificateParent) => ('order' in certificate ? certificate.order : certificate),
      daysPast({ validTill }: Valid) {
        const days = validTill == null ? 0 : daysBetween(validTill, today());
        return days > 0 ? days : null;
      },
      baseDomain: ({ commonName }: Named) => (commonName == null ? null : baseDomainOf(commonName)),
      baseDomains: (certificate: Named) => [
        ...new Set(namesOf(certificate).flatMap((name) => baseDomainOf(name) ?? [])),
      ],
      postQuantum: ({ keyAlgorithm }: CertificateFacts) => postQuantumStateOf(keyAlgorithm ?? null),
      weaknesses: (certificate: CertificateFacts, policy: KeyPolicy) => weaknessesOf(certificate, policy),
      renewalsPerYear(certificate: Valid, { maxDays }: { readonly maxDays?: number | null }) {
        if (maxDays != null && maxDays < 1) throw new BadUserInput(`maxDays is ${maxDays}; it must be 1 or more.`);
        return renewalsPerYear(validityDaysOf(certificate), maxDays ?? null);
      },
      outlives: ({ validTill }: Valid, { day }: { readonly day: string }) =>
        validTill == null ? null : validTill > resolveDays(day, today()).last,
      serverPlatformId: ({ serverType }: Order) => serverType,
      organizationUnits: ({ organizationUnit }: Order) => organizationUnit,
    },
    CertificateCopy: {
      ...common,
      keyAlgorithm: (certificate: CopyParent) => keyOf(certificate)?.algorithm ?? null,
      keySize: keySizeOf,
      user: userOf,
    },
  };
}

function validityDaysOf({ validFrom, validTill }: Valid): number | null {
  return validFrom == null || validTill == null ? null : daysBetween(validFrom, validTill);
}

function namesOf({ commonName, dnsNames }: Named): readonly string[] {
  return [...new Set([...(commonName == null ? [] : [commonName]), ...(dnsNames ?? [])])];
}
