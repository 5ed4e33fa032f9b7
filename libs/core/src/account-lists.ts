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
import type { ChangeWindow, StatusChange } from './cert-central.ts';
import type { ContainerId } from './ids.ts';
import type { Domain, Organization } from './organization.ts';
import type { Read } from './read.ts';

/** The lists of an account that are read whole: one call per 1,000 rows, and little changes from day to day. */
export interface AccountListItems {
  organizations: Organization;
  domains: Domain;
  containers: Container;
  /** Service users included. */
  users: User;
  products: Product;
  requests: ApprovalRequest;
  balanceAdjustments: BalanceAdjustment;
  unitOrders: UnitOrder;
  customFieldDefinitions: CustomFieldDefinition;

  // The lists as CertCentral's own answers show them, for who asks for those: read beside the others, and only then.
  restOrganizations: Documented<Organization>;
  restDomains: Documented<Domain>;
  restContainers: Documented<Container>;
  /** Without service users. */
  restUsers: Documented<User>;
  restProducts: Documented<Product>;
  restRequests: Documented<ApprovalRequest>;
}

/** A row with the item that it was read from, as JSON; the order of its members is kept. */
export type Documented<T> = T & { readonly restDocument: string };

export type AccountListName = keyof AccountListItems;

export const accountListNames = [
  'organizations',
  'domains',
  'containers',
  'users',
  'products',
  'requests',
  'balanceAdjustments',
  'unitOrders',
  'customFieldDefinitions',
] as const satisfies readonly AccountListName[];

/** Lists that are kept young once somebody has asked for them. */
export const restListNames = [
  'restOrganizations',
  'restDomains',
  'restContainers',
  'restUsers',
  'restProducts',
  'restRequests',
] as const satisfies readonly AccountListName[];
export type RestListName = (typeof restListNames)[number];

/**
 * Whole lists, as fresh as `read.maxAgeMs` asks; `read.scope` is NOT applied: readers of each entity know what a division
 * means to it. Errors as `OrderReader`.
 */
export interface AccountLists {
  all<L extends AccountListName>(list: L, read: Read): Promise<readonly AccountListItems[L][]>;
}

/** What an account has beside its lists; each is one call where nothing else is said. Errors as `OrderReader`. */
export interface AccountFacts {
  /** Of a division, or of the account where it has only one. */
  balance(containerId: ContainerId | null, read: Read): Promise<Balance | null>;
  /** What a unit order is made of; null for an unknown one. */
  unitBundles(unitOrderId: number, read: Read): Promise<readonly UnitBundle[] | null>;
  /** Orders of the accounts below this one; a call per 1,000. */
  subaccountOrders(read: Read): Promise<readonly SubaccountOrder[]>;
  /** Orders whose status changed in the window, as CertCentral lists them now; a call. */
  statusChanges(window: ChangeWindow, read: Read): Promise<readonly StatusChange[]>;
}
