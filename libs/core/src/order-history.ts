import type { ContainerId, OrderId, Timestamp } from './ids.ts';
import type { OrderField } from './order.ts';
import type { OrderCondition } from './order-query.ts';
import type { Read } from './read.ts';

/** What a mirror saw happen to an order; `returned` is an order that CertCentral lists again after it did not. */
export type OrderChangeKind = 'added' | 'changed' | 'removed' | 'returned';

/** One entry of the history, with what the order is called and where it is now. */
export interface OrderChange {
  readonly id: number;
  readonly orderId: OrderId;
  readonly kind: OrderChangeKind;
  /** Null unless a field changed. */
  readonly field: OrderField | null;
  /** As the field has it; of a certificate request its SHA-256. */
  readonly before: unknown;
  readonly after: unknown;
  /** When the reading began that saw it: the change itself is earlier, and later than the reading before. */
  readonly seenAt: Timestamp;
  readonly status: string | null;
  readonly commonName: string | null;
  readonly containerId: ContainerId | null;
  readonly containerName: string | null;
}

export interface OrderChangeQuery {
  /** When it was seen, half-open; absent bounds do not limit. */
  readonly seenAt: { readonly gte?: string; readonly lt?: string };
  /** Null takes all. */
  readonly kinds: readonly OrderChangeKind[] | null;
  /** Fields whose changes are meant; null takes all. */
  readonly fields: readonly OrderField[] | null;
  /** Fields whose changes are not shown whatever else is asked, since the caller may not read them. */
  readonly hiddenFields: readonly OrderField[];
  /** On the order as it is now, or was when it was seen last. */
  readonly conditions: readonly OrderCondition[];
  readonly limit: number;
  /** Id of the entry before the first; null begins with the oldest. */
  readonly after: number | null;
}

/**
 * What a mirror saw change, within `read.scope`: the division that an order belongs to now decides, or that it had when it was
 * seen last. Costs statements of the database only.
 */
export interface OrderHistory {
  /** Between these instants no change went unseen, but for what was undone between two looks; null while the mirror is not filled. */
  known(): Promise<{ readonly since: Timestamp; readonly until: Timestamp } | null>;
  /** Oldest first. */
  changes(
    query: OrderChangeQuery,
    read: Read,
  ): Promise<{ readonly changes: readonly OrderChange[]; readonly hasNext: boolean }>;
  /** How many changes there are, whatever the limit, and how many of them are of an order with a division. */
  count(query: OrderChangeQuery, read: Read): Promise<{ readonly changes: number; readonly withContainer: number }>;
  /** When each of these orders was first seen revoked; those that were revoked before anything was known are left out. */
  firstSeenRevoked(ids: readonly OrderId[]): Promise<ReadonlyMap<OrderId, Timestamp>>;
  /** Orders that are revoked and became so, or appeared, at this instant or later. */
  revokedSince(from: string, read: Read): Promise<readonly OrderId[]>;
}
