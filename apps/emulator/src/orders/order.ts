import { type CustomField } from '../account/custom-fields.ts';
import { type Division } from '../account/divisions.ts';
import { type DcvMethod } from '../account/domains.ts';
import { type IssuingCa } from '../account/issuing-cas.ts';
import { type Contact, type Organization } from '../account/organizations.ts';
import { type Product } from '../account/products.ts';
import { type ServerPlatform } from '../account/server-platforms.ts';
import { type User } from '../account/users.ts';
import { type SignatureHash } from '../pki/keys.ts';
import { type TestKeyLabel } from '../pki/test-keys.ts';

/** Union of the values in the vendor's filter lists and samples. */
export const orderStatuses = [
  'pending',
  'needs_approval',
  'needs_csr',
  'processing',
  'reissue_pending',
  'waiting_pickup',
  'issued',
  'expired',
  'revoked',
  'rejected',
  'canceled',
] as const;
export type OrderStatus = (typeof orderStatuses)[number];

/** Exactly one of them, as the service answers it. */
export type Validity =
  { readonly years: number } | { readonly days: number } | { readonly custom_expiration_date: string };

export const paymentMethods = ['balance', 'card', 'profile', 'wire_transfer', 'subscription'] as const;
export type PaymentMethod = (typeof paymentMethods)[number];

export interface CustomFieldValue {
  readonly field: CustomField;
  readonly value: string;
}

/** What exists once a certificate was issued. Days are `yyyy-MM-dd`, UTC, first and last day of validity. */
export interface Issuance {
  readonly issuedMs: number;
  readonly validFrom: string;
  readonly validTill: string;
  readonly serialNumber: string;
}

/**
 * One order, from which every endpoint renders its answer, so that list, order info, CSV and Custom Reports agree.
 * Instants are UTC milliseconds.
 */
export interface Order {
  readonly id: number;
  /** Place in the generated data; undefined for orders made through the control route. */
  readonly position: number | undefined;
  readonly certificateId: number;
  readonly requestId: number;
  readonly createdMs: number;
  /** Never `expired` unless a caller set it; see `statusAt`. */
  readonly status: OrderStatus;
  /** Set by a caller, so the passing of time does not turn it into `expired`. */
  readonly isStatusPinned: boolean;
  readonly statusChangedMs: number;
  readonly product: Product;
  readonly division: Division;
  readonly organization: Organization | undefined;
  readonly user: User;
  readonly assignees: readonly User[];
  readonly approver: User | undefined;
  readonly organizationContact: Contact | undefined;
  readonly technicalContact: Contact | undefined;
  readonly commonName: string;
  /** DNS names beside the common name. */
  readonly otherNames: readonly string[];
  readonly emails: readonly string[];
  readonly organizationUnits: readonly string[];
  readonly certificateValidity: Validity;
  readonly orderValidity: Validity;
  readonly validityYears: number;
  readonly orderValidTill: string | undefined;
  readonly isMultiYearPlan: boolean;
  readonly issuance: Issuance | undefined;
  readonly signatureHash: SignatureHash;
  readonly subjectKey: TestKeyLabel;
  readonly hasCsr: boolean;
  readonly ca: IssuingCa;
  readonly serverPlatform: ServerPlatform;
  readonly dcvMethod: DcvMethod | undefined;
  readonly isRenewed: boolean;
  /** The order that renewed this one. */
  readonly renewedOrderId: number | undefined;
  /** The order that this one renews. */
  readonly renewalOfOrderId: number | undefined;
  readonly duplicatesCount: number;
  readonly reissuesCount: number;
  readonly price: number | undefined;
  readonly currency: string;
  readonly paymentMethod: PaymentMethod | undefined;
  readonly receiptId: number | undefined;
  readonly agreementId: number | undefined;
  readonly additionalEmails: readonly string[];
  readonly customFields: readonly CustomFieldValue[];
  readonly notes: readonly { readonly id: number; readonly text: string }[];
  readonly alternativeOrderId: string | undefined;
  readonly customRenewalMessage: string | undefined;
  readonly locale: string | undefined;
  readonly hasPlusFeature: boolean;
  readonly isAutoRenewed: boolean;
  readonly isAutoReissued: boolean;
  readonly isRenewalNoticeDisabled: boolean;
  readonly isIssuanceEmailDisabled: boolean;
  readonly isCtDisabled: boolean;
  readonly areDuplicatesAllowed: boolean;
  readonly isOutOfContract: boolean;
  readonly isGuestAccessEnabled: boolean;
  readonly origin: 'certcentral' | 'migrated';
  /** A revocation that waits for approval. */
  readonly pendingRevocation: { readonly id: number; readonly atMs: number; readonly comments: string } | undefined;
}

const isTls = (order: Order) => order.product.kind !== 'client' && order.product.kind !== 'code-signing';

/** The names as JSON answers give them: the common name repeated in front; none for client and code signing orders. */
export const dnsNamesOf = (order: Order): readonly string[] =>
  isTls(order) ? [order.commonName, ...order.otherNames] : [];
