import type { AccountListItems, AccountListName } from './account-lists.ts';
import type { OrderId } from './ids.ts';
import type { Order, OrderField } from './order.ts';
import type { BucketQuery, OrderBucket } from './order-buckets.ts';
import { orderFields } from './order-fields.ts';
import type { CertificateMatch, CertificateRef, OrderPage } from './order-reader.ts';
import type { OrderCount, OrderObjects } from './order-objects.ts';
import type { OrderPart, OrderPartsOf } from './order-parts.ts';
import type { OrderCondition, OrderQuery } from './order-query.ts';
import type { OrderRead, ReadScope } from './read.ts';

/**
 * Fields that are read together and so are equally old.
 * `tracked`: cannot change without a change of the order's status, so the status-change list keeps them up to date;
 * `report`: the rest of the order report, whose silent edits only a whole comparison finds; `custom`: what only Custom
 * Reports and order info give; `list`: what only the list gives; `info`: what only order info gives, a call per order;
 * `key`: the size of the key, read out of the certificate request, and by order info of the few orders without one.
 */
export const fieldGroups = ['tracked', 'report', 'custom', 'list', 'info', 'key'] as const;
export type FieldGroup = (typeof fieldGroups)[number];

/** What `make` gives for each group, by its name. */
export function perGroup<Value>(make: (group: FieldGroup) => Value): Readonly<Record<FieldGroup, Value>> {
  // Object.fromEntries types its keys as any string; these are all groups, each once.
  return Object.fromEntries(fieldGroups.map((group) => [group, make(group)])) as Record<FieldGroup, Value>;
}

const trackedFields: ReadonlySet<OrderField> = new Set<OrderField>([
  'id',
  'accountId',
  'agreementId',
  'certificateId',
  'commonName',
  'csr',
  'dateCreated',
  'dnsNames',
  'issuingCa',
  'keyAlgorithm',
  'productId',
  'productName',
  'productNameId',
  'productType',
  'serialNumber',
  'serverType',
  'signatureHash',
  'status',
  'thumbprint',
  'validFrom',
  'validTill',
  'validityYears',
]);

/** The group of every field, by what gives it for the fewest calls. */
export const groupOfField: ReadonlyMap<OrderField, FieldGroup> = new Map(
  [...orderFields].map(([field, { sources }]): [OrderField, FieldGroup] => {
    if (trackedFields.has(field)) return [field, 'tracked'];
    if (field === 'keySize') return [field, 'key'];
    if (sources.has('report')) return [field, 'report'];
    if (sources.has('custom')) return [field, 'custom'];
    return [field, sources.has('list') ? 'list' : 'info'];
  }),
);

export function groupsOfFields(fields: Iterable<OrderField>): ReadonlySet<FieldGroup> {
  return new Set([...fields].map((field) => groupOfField.get(field)!));
}

export interface GroupState {
  /** Every order that the mirror knows has the group's fields. */
  readonly isComplete: boolean;
  /** All rows are at least as young; null before the first fill ended. Milliseconds since 1970. */
  readonly asOfMs: number | null;
  /** Orders that still lack the group. */
  readonly missing: number;
}

export interface MirrorState {
  /** Orders that exist, as far as known. */
  readonly orders: number;
  /** CertCentral's own count of all orders when it was last asked. */
  readonly upstreamTotal: number | null;
  readonly groups: Readonly<Record<FieldGroup, GroupState>>;
  /** Orders whose duplicates and reissues were not read yet. */
  readonly copiesMissing: number;
  /** Grows with every change of the data; answers of equal version are equal. */
  readonly version: number;
}

/** How a mirrored look-up by serial number or thumbprint ended. `ordersLeft`: orders whose other certificates are not read yet. */
export type MirrorLookup =
  | { readonly kind: 'found'; readonly match: CertificateMatch }
  | { readonly kind: 'none' }
  | { readonly kind: 'incomplete'; readonly ordersLeft: number };

/**
 * The mirror of one upstream account's orders, as queries see it. Nothing here calls CertCentral or looks at ages: who asks
 * has looked at `state` first, and reads only fields of complete groups (or accepts undefined values).
 * `read.scope` is applied before conditions, sort, limit and counts. Rejects with ServiceUnavailable when the database is away.
 */
export interface OrderMirror {
  /** Kept in memory for a moment; cheap. */
  state(): Promise<MirrorState>;
  findMany(query: OrderQuery, read: OrderRead): Promise<OrderPage>;
  findByIds(ids: readonly OrderId[], read: OrderRead): Promise<readonly Order[]>;
  findByCertificate(ref: CertificateRef, read: OrderRead): Promise<MirrorLookup>;
  buckets(query: BucketQuery, scope: ReadScope): Promise<readonly OrderBucket[]>;
  /** Counts the orders that match, and objects below them, in one statement. Lists that are not read yet count as the others do on average. */
  count(conditions: readonly OrderCondition[], objects: readonly OrderObjects[], scope: ReadScope): Promise<OrderCount>;
  /** Parts that were read already, with the time of each reading; others are left out. */
  parts<P extends OrderPart>(
    part: P,
    ids: readonly OrderId[],
  ): Promise<ReadonlyMap<OrderId, { readonly value: OrderPartsOf[P]; readonly asOfMs: number }>>;
}

/** What live reads hand to the mirror on the way, so that nothing is read twice. Failures are the mirror's own affair. */
export interface MirrorWriteBack {
  /** An order that order info gave at `asOfMs`; null when it does not exist (any more). */
  sawOrder(id: OrderId, order: Order | null, asOfMs: number): Promise<void>;
  sawPart<P extends OrderPart>(part: P, id: OrderId, value: OrderPartsOf[P], asOfMs: number): Promise<void>;
}

/** Brings the mirror up to date. */
export interface MirrorRefresher {
  /**
   * Reads what is needed for the groups to be at least as young as `notBeforeMs`; joins a refresh under way that is young enough.
   * Rejects with the errors of `OrderReader`, or GatewayTimeout when the deadline passes first (the refresh goes on then).
   */
  refresh(groups: ReadonlySet<FieldGroup>, notBeforeMs: number, wait: RefreshWait): Promise<void>;
  /** Milliseconds that a refresh of these groups is expected to take. */
  expectedMs(groups: ReadonlySet<FieldGroup>): number;
}

export interface RefreshWait {
  readonly deadline: Date;
  readonly signal: AbortSignal;
}

/** Whole lists as they were last read. */
export interface ListMirror {
  /** When a list was read last, in milliseconds since 1970; null before the first time. Its items stay where they are. */
  asOfMs(list: AccountListName): Promise<number | null>;
  find<L extends AccountListName>(
    list: L,
  ): Promise<{ readonly items: readonly AccountListItems[L][]; readonly asOfMs: number } | null>;
  keep<L extends AccountListName>(list: L, items: readonly AccountListItems[L][], asOfMs: number): Promise<void>;
}
