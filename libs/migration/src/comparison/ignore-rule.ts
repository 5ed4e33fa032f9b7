/** A difference that an operator decided not to count, for a reason and for a time. */
export interface IgnoreRule {
  readonly id: string;
  /** Of the catalog of routes; null for every route. */
  readonly route: string | null;
  /** Pattern of fields: `orders[*].price`, `orders[*].**`, `header:content-type`, `status`. */
  readonly field: string;
  readonly reason: string;
  /** From then on the difference counts again. */
  readonly expiresAt: Date;
  readonly createdAt: Date;
  /** Id of the key. */
  readonly createdBy: string;
}
