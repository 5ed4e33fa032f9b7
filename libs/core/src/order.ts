import type { CalendarDate, ContainerId, Decimal, OrderId, OrganizationId, Timestamp } from './ids.ts';

/** A value of one of the account's custom fields on an order. `id` and `label` are null where a source gives text alone. */
export interface CustomFieldValue {
  readonly id: number | null;
  readonly label: string | null;
  readonly value: string;
}

/** Every fact an order can have. CertCentral's sources each give some of them; see `order-sources.ts`. */
export interface OrderFacts {
  accountId: number;
  additionalEmails: readonly string[];
  agreementId: number;
  autoRenew: boolean;
  /** CertCentral's public hexadecimal id of the issuing CA certificate. */
  caCertId: string;
  certificateId: number;
  commonName: string;
  contactsEmail: string;
  containerId: ContainerId;
  containerName: string;
  cost: Decimal;
  /** PEM, several lines. */
  csr: string;
  currency: string;
  customFields: readonly CustomFieldValue[];
  customRenewalMessage: string;
  customerOrderId: string;
  dateCreated: Timestamp;
  dateIssued: Timestamp;
  dcvMethod: string;
  disableIssuanceEmail: boolean;
  disableRenewalNotifications: boolean;
  /** Names beside the common name. */
  dnsNames: readonly string[];
  email: string;
  hasDuplicates: boolean;
  hasReissues: boolean;
  isOutOfContract: boolean;
  isRenewal: boolean;
  isRenewed: boolean;
  /** Name of the issuing CA. */
  issuingCa: string;
  /** Of the certificate request's key, see `publicKeyOf`. */
  keyAlgorithm: string;
  keySize: number;
  locale: string;
  /** Expiry of the order, which a multi-year plan has later than its certificate. */
  orderValidTill: CalendarDate;
  organizationAddress1: string;
  organizationAddress2: string;
  organizationCity: string;
  /** Two letters, lower case. */
  organizationCountry: string;
  organizationId: OrganizationId;
  organizationName: string;
  organizationState: string;
  organizationUnit: readonly string[];
  payType: string;
  plusFeature: boolean;
  productId: number;
  productName: string;
  productNameId: string;
  productType: string;
  purchasedDnsNames: number;
  receiptId: number;
  renewalOfOrderId: OrderId;
  renewedOrderId: OrderId;
  /** The item of CertCentral's list that the order was read from, as JSON; the order of its members is kept. */
  restListItem: string;
  /** CertCentral's order info, as JSON; the order of its members is kept. */
  restOrderInfo: string;
  /** Hexadecimal, upper case. */
  serialNumber: string;
  /** Server platform number; -1 is "other". */
  serverType: number;
  signatureHash: string;
  status: string;
  techEmail: string;
  techFirstName: string;
  techLastName: string;
  techTelephone: string;
  techTitle: string;
  /** SHA-1 of the certificate, 40 upper-case hexadecimal digits. */
  thumbprint: string;
  /** E-mail addresses of the users assigned to the order. */
  userAssignments: readonly string[];
  userEmail: string;
  userFirstName: string;
  userId: number;
  userLastName: string;
  /** First day of the certificate's validity. */
  validFrom: CalendarDate;
  /** Last day of the certificate's validity. */
  validTill: CalendarDate;
  validityYears: number;
}

export type OrderField = 'id' | keyof OrderFacts;

/** An order as far as it was read: a field is undefined when no source was asked for it, null when it has no value. */
export type Order = { readonly id: OrderId } & { readonly [F in keyof OrderFacts]?: OrderFacts[F] | null };
