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
import type { ChangeWindow, StatusChange } from './cert-central.ts';
import type { ContainerId } from './ids.ts';
import type { Read } from './read.ts';

export interface ContainerBalance extends Balance {
  /** Null for an account without divisions. */
  readonly containerId: ContainerId | null;
}

/**
 * Reads what an account has beside orders, organizations and domains, within `read.scope`. What a division means to each:
 *
 * - a division is visible itself, its parent and children only where they are in the scope too;
 * - a user is visible where its own or an assigned division is;
 * - a product is visible where one of its divisions is, or when all may order it;
 * - a request is visible where the division of its order is, an entry of the balance history where its own is;
 * - unit orders and orders of subaccounts belong to no division: only an unrestricted caller sees them;
 * - definitions of custom fields are the same for all divisions: everybody who may see any division sees them.
 *
 * Divisions that such a row names beside are cut to the scope. Errors as `OrderReader`.
 */
export interface AccountReader {
  containers(read: Read): Promise<readonly Container[]>;
  /** Service users included. */
  users(read: Read): Promise<readonly User[]>;
  products(read: Read): Promise<readonly Product[]>;
  requests(read: Read): Promise<readonly ApprovalRequest[]>;
  balanceHistory(read: Read): Promise<readonly BalanceAdjustment[]>;
  unitOrders(read: Read): Promise<readonly UnitOrder[]>;
  customFieldDefinitions(read: Read): Promise<readonly CustomFieldDefinition[]>;
  /**
   * Of a division, or of an account that has none; null for a division outside the scope. What other divisions used of a
   * shared credit is told to unrestricted callers alone.
   */
  balance(containerId: ContainerId | null, read: Read): Promise<ContainerBalance | null>;
  /** What unit orders are made of, by id; an unknown one is left out. A call each. */
  unitBundles(unitOrderIds: readonly number[], read: Read): Promise<ReadonlyMap<number, readonly UnitBundle[]>>;
  /** Orders of the accounts below this one; a call per 1,000. */
  subaccountOrders(read: Read): Promise<readonly SubaccountOrder[]>;
  /** Null for a caller who is limited to divisions: the list does not tell whose the orders are. */
  statusChanges(window: ChangeWindow, read: Read): Promise<readonly StatusChange[] | null>;
  /**
   * One of CertCentral's own lists, in its order. Null for a caller who is limited to divisions where items name several of them:
   * an item is shown as it came, or not at all.
   */
  restList<L extends RestListName>(list: L, read: Read): Promise<readonly AccountListItems[L][] | null>;
}
