import type { OrderCount } from './order-objects.ts';
import type { OrderId } from './ids.ts';
import type { Order } from './order.ts';
import type { OrderPosition, OrderQuery } from './order-query.ts';
import type { BucketQuery, OrderBucket } from './order-buckets.ts';
import type { CopyKind, OrderCertificate } from './order-parts.ts';
import type { OrderRead, Read } from './read.ts';

export interface OrderPage {
  readonly orders: readonly Order[];
  readonly hasNext: boolean;
  /** Rows that meet the conditions within the scope; null when it was not asked for. */
  readonly total: number | null;
  /** Of a read that only plans: rows that the mirror knows to meet the conditions within the scope, however old; absent where it cannot tell. */
  readonly expectedRows?: number | null;
  /** Beside it, what these rows hold of the kinds that `OrderRead.counted` asks for and the mirror knows. */
  readonly expectedBelow?: OrderCount['below'];
  /** Where the next page begins when it begins after this order. */
  readonly positionOf: (order: Order) => OrderPosition;
}

export type CertificateRef = { readonly serialNumber: string } | { readonly thumbprint: string };

/** A certificate that was found, with its order. */
export interface CertificateMatch {
  readonly order: Order;
  /** The duplicate or reissue that was meant; null when it is the order's present certificate. */
  readonly copy: { readonly kind: CopyKind; readonly certificate: OrderCertificate } | null;
}

/**
 * Reads orders within `read.scope`, which is applied before conditions, sort, limit and counts.
 * Fields of `read.fields` that no source gives are null and named in the ledger.
 *
 * All methods throw UpstreamBudgetExhausted when no call is free before the deadline, GatewayTimeout when the
 * deadline passes, UpstreamUnavailable and UpstreamRefused as CertCentral fails or refuses.
 */
export interface OrderReader {
  /** Finds orders by id, in any order; an unknown id, or one outside the scope, is left out, never null. */
  findByIds(ids: readonly OrderId[], read: OrderRead): Promise<readonly Order[]>;
  /**
   * Finds a certificate, null when there is none in the scope. Live reads know the present certificate of an order only.
   *
   * @throws LookupIncomplete when there may be one that was not read yet
   */
  findByCertificate(ref: CertificateRef, read: OrderRead): Promise<CertificateMatch | null>;
  findMany(query: OrderQuery, read: OrderRead): Promise<OrderPage>;
  /** Buckets in the order of their values, orders without one last. */
  buckets(query: BucketQuery, read: Read): Promise<readonly OrderBucket[]>;
}
