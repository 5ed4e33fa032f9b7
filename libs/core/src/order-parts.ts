import type { CalendarDate, DomainId, OrderId, OrganizationId, Timestamp } from './ids.ts';
import type { Person } from './account-entities.ts';
import type { Validation } from './organization.ts';
import type { Read } from './read.ts';

export type CopyKind = 'duplicate' | 'reissue';

/** A certificate of an order beside or before its present one: a duplicate or a reissue. */
export interface OrderCertificate {
  readonly id: number;
  readonly thumbprint: string | null;
  readonly serialNumber: string | null;
  readonly commonName: string | null;
  /** Names beside the common name. */
  readonly dnsNames: readonly string[] | null;
  /** `approved` (duplicates only), `issued`, `pending` or `rejected`. */
  readonly status: string | null;
  readonly dateCreated: Timestamp | null;
  /** Reissues only. */
  readonly dateIssued: Timestamp | null;
  /** Duplicates only. */
  readonly validFrom: CalendarDate | null;
  readonly validTill: CalendarDate | null;
  /** PEM. */
  readonly csr: string | null;
  /** Duplicates only. */
  readonly signatureHash: string | null;
  readonly keySize: number | null;
  readonly isArchived: boolean;
  readonly userId: number | null;
  readonly userFirstName: string | null;
  readonly userLastName: string | null;
  /** Reissues only. */
  readonly userEmail: string | null;
  /** Reissues only. */
  readonly receiptId: number | null;
  /** Reissues only. */
  readonly purchasedDnsNames: number | null;
  /** The entry as CertCentral gave it, as JSON; the order of its members is kept. */
  readonly restDocument: string;
}

export interface OrderNote {
  readonly id: number;
  readonly text: string;
}

/** A request for approval as order info carries it. */
export interface OrderRequest {
  readonly id: number;
  readonly date: Timestamp | null;
  readonly type: string | null;
  readonly status: string | null;
  readonly comments: string | null;
}

/** Where the checks of an order stand. */
export interface OrderValidation {
  readonly orderId: OrderId;
  readonly status: string | null;
  /** `base_domain` or `fqdn`. */
  readonly nameScope: string | null;
  readonly dcvMethod: string | null;
  readonly organizationId: OrganizationId | null;
  readonly organizationName: string | null;
  readonly organizationValidations: readonly (Validation & {
    readonly verifiedContacts: readonly (Person & { readonly status: string | null })[];
    /** Steps of the check, such as `address_verification`, and where each stands. */
    readonly verificationDetails: readonly { readonly step: string; readonly status: string }[];
  })[];
  readonly dnsNameValidations: readonly {
    readonly domainId: DomainId | null;
    readonly nameScope: string | null;
    readonly approvalScope: string | null;
    readonly status: string | null;
    readonly method: string | null;
    readonly dnsNames: readonly string[];
  }[];
}

/** What stands below an order and takes calls of its own. */
export interface OrderPartsOf {
  readonly duplicates: readonly OrderCertificate[];
  readonly reissues: readonly OrderCertificate[];
  readonly requests: readonly OrderRequest[];
  readonly notes: readonly OrderNote[];
  readonly validation: OrderValidation | null;
}
export type OrderPart = keyof OrderPartsOf;

/**
 * Reads parts of orders; one call per order and part where no mirror has them. Callers ask only for orders that they
 * were given within the scope. Errors as `OrderReader`.
 */
export interface OrderPartReader {
  /** By order id; an unknown order is left out. */
  find<P extends OrderPart>(
    part: P,
    ids: readonly OrderId[],
    read: Read,
  ): Promise<ReadonlyMap<OrderId, OrderPartsOf[P]>>;
}
