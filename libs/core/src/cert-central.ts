import type {
  ApprovalRequest,
  Balance,
  BalanceAdjustment,
  Container,
  CustomFieldDefinition,
  Product,
  SubaccountOrder,
  UnitBundle,
  UnitOrder,
  User,
} from './account-entities.ts';
import type { AccountListItems, RestListName } from './account-lists.ts';
import type { ContainerId, OrderId } from './ids.ts';
import type { Order, OrderField } from './order.ts';
import type { OrderCertificate, OrderNote, OrderRequest, OrderValidation } from './order-parts.ts';
import type { CertificateRef } from './order-reader.ts';
import type { Scalar } from './order-query.ts';
import type { Domain, Organization, OrganizationContacts } from './organization.ts';
import type { Read } from './read.ts';

/** What one upstream call needs: who pays, until when, where it is noted. */
export type UpstreamCall = Pick<Read, 'deadline' | 'lane' | 'onBehalfOf' | 'signal' | 'ledger'>;

/** A condition that CertCentral is asked to apply. `domainName` looks at the common name and all alternative names. */
export interface PushedCondition {
  readonly field: OrderField | 'domainName' | 'search';
  readonly op: 'eq' | 'gt' | 'gte' | 'lt' | 'lte' | 'like';
  readonly value: Scalar;
}

export interface OrderListRequest {
  readonly where: readonly PushedCondition[];
  readonly sort: { readonly field: 'id' | 'dateCreated'; readonly direction: 'asc' | 'desc' } | null;
  /** 1 to 1,000. */
  readonly limit: number;
  readonly offset: number;
  /** The orders carry `restListItem` too; left out, they do not. */
  readonly withDocuments?: boolean;
}

export interface OrderListPage {
  readonly orders: readonly Order[];
  /** CertCentral's count of all rows that meet the filters. */
  readonly total: number;
}

export interface OrderReportRequest {
  readonly where: readonly PushedCondition[];
  /** Columns the caller needs; others are not converted. */
  readonly fields: ReadonlySet<OrderField>;
  /** 1 to 100,000. */
  readonly limit: number;
  readonly offset: number;
}

export interface CustomReportRequest {
  readonly fields: readonly OrderField[];
  readonly where: readonly PushedCondition[];
  readonly sort: { readonly field: OrderField; readonly direction: 'asc' | 'desc' } | null;
  readonly limit: number | null;
  /** A second question in the same call, for all rows that meet its own conditions. */
  readonly witness?: { readonly fields: readonly OrderField[]; readonly where: readonly PushedCondition[] };
}

/**
 * A Custom Reports query can also say that the key may not POST, that it does not know a field, or that it failed with a
 * witness in it: nobody says that two questions may share a call.
 */
export type CustomReportResult =
  | {
      readonly kind: 'rows';
      readonly orders: readonly Order[];
      /** The rows of the witness; null where none was asked for. */
      readonly witness: readonly Order[] | null;
    }
  | { readonly kind: 'not-allowed' }
  | { readonly kind: 'unknown-fields'; readonly fields: readonly OrderField[] }
  | { readonly kind: 'witness-refused' }
  /** Longer than an answer may be that is read as a whole. */
  | { readonly kind: 'too-long' };

export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
}

/**
 * CertCentral's reads, one method per endpoint, typed and paced by the call budget of one account.
 * Errors as `OrderReader`. A 404 is an absent value, never an error.
 */
export interface CertCentral {
  listOrders(request: OrderListRequest, call: UpstreamCall): Promise<OrderListPage>;
  /** Order info by id, serial number or thumbprint of the primary certificate; null for an unknown one. */
  orderInfo(ref: OrderId | CertificateRef, call: UpstreamCall): Promise<Order | null>;
  /** The order report, in batches as they arrive. */
  orderReport(request: OrderReportRequest, call: UpstreamCall): AsyncIterable<readonly Order[]>;
  customReport(request: CustomReportRequest, call: UpstreamCall): Promise<CustomReportResult>;
  account(call: UpstreamCall): Promise<{ readonly id: number; readonly name: string | null }>;
  listOrganizations(
    page: { readonly limit: number; readonly offset: number },
    call: UpstreamCall,
  ): Promise<Page<Organization>>;
  organization(id: number, call: UpstreamCall): Promise<Organization | null>;
  listDomains(page: { readonly limit: number; readonly offset: number }, call: UpstreamCall): Promise<Page<Domain>>;
  domain(id: number, call: UpstreamCall): Promise<Domain | null>;
  /** What the call budget expects, for the read planner; spends nothing. */
  outlook(): BudgetOutlook;
}

/** Offset and size of a page; at most 1,000 rows. */
export interface PageRequest {
  readonly limit: number;
  readonly offset: number;
}

/** A list item by item with what it was read from; `restContainers` and `restProducts` have no pages. Errors as `OrderReader`. */
export type RestListPage = <L extends RestListName>(
  list: L,
  page: PageRequest,
  call: UpstreamCall,
) => Promise<Page<AccountListItems[L]>>;

/** CertCentral's reads of what an account has beside orders, organizations and domains. Errors as `OrderReader`. */
export interface CertCentralAccount {
  readonly restListPage: RestListPage;
  listContainers(call: UpstreamCall): Promise<readonly Container[]>;
  /** People, without service users. */
  listUsers(page: PageRequest, call: UpstreamCall): Promise<Page<User>>;
  listServiceUsers(page: PageRequest, call: UpstreamCall): Promise<Page<User>>;
  listProducts(call: UpstreamCall): Promise<readonly Product[]>;
  listRequests(page: PageRequest, call: UpstreamCall): Promise<Page<ApprovalRequest>>;
  balance(containerId: ContainerId | null, call: UpstreamCall): Promise<Balance>;
  listBalanceAdjustments(page: PageRequest, call: UpstreamCall): Promise<Page<BalanceAdjustment>>;
  listUnitOrders(page: PageRequest, call: UpstreamCall): Promise<Page<UnitOrder>>;
  /** What a unit order is made of; null for an unknown one. */
  unitBundles(unitOrderId: number, call: UpstreamCall): Promise<readonly UnitBundle[] | null>;
  /** Of accounts below this one. */
  listSubaccountOrders(page: PageRequest, call: UpstreamCall): Promise<Page<SubaccountOrder>>;
  customFieldDefinitions(call: UpstreamCall): Promise<readonly CustomFieldDefinition[]>;
  /** The people of an organization; null for an unknown one. */
  organizationContacts(id: number, call: UpstreamCall): Promise<OrganizationContacts | null>;
}

/** CertCentral's reads below one order, a call each. All are null for an unknown order. Errors as `OrderReader`. */
export interface CertCentralOrderParts {
  duplicates(id: OrderId, call: UpstreamCall): Promise<readonly OrderCertificate[] | null>;
  reissues(id: OrderId, call: UpstreamCall): Promise<readonly OrderCertificate[] | null>;
  validation(id: OrderId, call: UpstreamCall): Promise<OrderValidation | null>;
  /** Order info with the parts it carries. */
  orderWithParts(id: OrderId, call: UpstreamCall): Promise<OrderWithParts | null>;
}

export interface OrderWithParts {
  readonly order: Order;
  readonly requests: readonly OrderRequest[];
  readonly notes: readonly OrderNote[];
}

export interface StatusChange {
  readonly orderId: OrderId;
  readonly certificateId: number | null;
  /** The status now, not the one it had at the change. */
  readonly status: string;
}

/**
 * The last so many seconds, or a range of instants. Seven days at most, else CertCentral answers `time_frame_too_long`.
 * A range leaves out orders that changed again after its end.
 */
export type ChangeWindow = { readonly lastSeconds: number } | { readonly from: Date; readonly to: Date };

/** What tells a mirror that something changed. Errors as `OrderReader`. */
export interface CertCentralChanges {
  /** Orders whose status changed in the window, without the times of the changes. */
  statusChanges(window: ChangeWindow, call: UpstreamCall): Promise<readonly StatusChange[]>;
}

export interface BudgetOutlook {
  /** Milliseconds until the last of `calls` further calls could be sent. */
  waitMsFor(calls: number): number;
}
