import type { ContainerId, Decimal, OrderId, OrganizationId, Timestamp, CalendarDate } from './ids.ts';

/** A division. CertCentral calls it a container. */
export interface Container {
  readonly id: ContainerId;
  readonly name: string;
  readonly description: string | null;
  /** Null for the root. */
  readonly parentId: ContainerId | null;
  readonly isActive: boolean;
  readonly allowedDomainNames: readonly string[];
}

export interface AccessRole {
  readonly id: number;
  readonly name: string | null;
}

export interface User {
  readonly id: number;
  readonly username: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly email: string | null;
  readonly jobTitle: string | null;
  readonly telephone: string | null;
  readonly status: string | null;
  /** `standard`, …; the vocabulary is open. */
  readonly type: string | null;
  readonly lastLogin: Timestamp | null;
  readonly containerId: ContainerId | null;
  readonly containerName: string | null;
  readonly roles: readonly AccessRole[];
  /** Divisions the user is limited to; empty when there is no such limit. */
  readonly assignedContainerIds: readonly ContainerId[];
  /** A service user signs in by API key alone, and its role is the restriction of that key. */
  readonly isServiceUser: boolean;
}

export interface Product {
  readonly nameId: string;
  readonly name: string;
  readonly type: string | null;
  readonly groupName: string | null;
  readonly allowedValidityYears: readonly number[];
  readonly signatureHashes: readonly string[];
  readonly isCsrRequired: boolean | null;
  /** Divisions that may order it; null when all may. */
  readonly allowedContainerIds: readonly ContainerId[] | null;
  /** Identifier of the product that takes its place. */
  readonly replacedBy: string | null;
}

/** A request for approval: somebody asked for a certificate, a reissue, a duplicate or a revocation. */
export interface ApprovalRequest {
  readonly id: number;
  readonly date: Timestamp | null;
  /** `new_request`, `revoke`, `duplicate`, `reissue`; the vocabulary is open. */
  readonly type: string | null;
  /** `submitted`, `pending`, `approved`, `rejected`; the vocabulary is open. */
  readonly status: string | null;
  readonly comments: string | null;
  readonly requester: Person | null;
  readonly processor: Person | null;
  readonly orderId: OrderId | null;
  readonly commonName: string | null;
  readonly organizationId: OrganizationId | null;
  readonly organizationName: string | null;
  readonly containerId: ContainerId | null;
  readonly containerName: string | null;
  readonly productNameId: string | null;
  readonly productName: string | null;
}

export interface Person {
  readonly id: number | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly email: string | null;
}

/** Money of an account or a division. An amount is null where CertCentral leaves it out: unlimited credit has no limit. */
export interface Balance {
  readonly balance: Decimal | null;
  readonly currency: string | null;
  readonly unpaidInvoices: Decimal | null;
  readonly creditLimit: Decimal | null;
  readonly usedCreditOfOtherContainers: Decimal | null;
  readonly availableFunds: Decimal | null;
  readonly hasUnlimitedCredit: boolean;
}

/** One entry of the balance history. */
export interface BalanceAdjustment {
  readonly id: number;
  readonly containerId: ContainerId | null;
  readonly containerName: string | null;
  readonly credit: Decimal | null;
  readonly debit: Decimal | null;
  readonly transactionType: string | null;
  readonly receiptId: number | null;
  readonly transactionDate: Timestamp | null;
  readonly balanceAfter: Decimal | null;
  readonly currency: string | null;
  readonly note: string | null;
  readonly expirationDate: CalendarDate | null;
}

/** Units that were bought for a subaccount. */
export interface UnitOrder {
  readonly id: number;
  readonly unitAccountId: number | null;
  readonly unitAccountName: string | null;
  readonly cost: Decimal | null;
  readonly currency: string | null;
  /** `completed`, `canceled`; the vocabulary is open. */
  readonly status: string | null;
  readonly expirationDate: CalendarDate | null;
  readonly createdAt: Timestamp | null;
}

export interface UnitBundle {
  readonly productNameId: string;
  readonly productName: string | null;
  readonly units: number;
  readonly cost: Decimal | null;
}

/** An order of an account below this one, as far as the account above sees it. */
export interface SubaccountOrder {
  readonly id: number;
  readonly accountId: number | null;
  readonly productNameId: string | null;
  readonly status: string | null;
  readonly createdAt: Timestamp | null;
}

/** One of the account's own order fields. */
export interface CustomFieldDefinition {
  readonly id: number;
  readonly label: string;
  readonly isRequired: boolean;
  readonly isActive: boolean;
  /** `text`, `int`, `email_address`, `email_list`; null takes anything. */
  readonly dataType: string | null;
}
