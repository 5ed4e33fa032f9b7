import type { CalendarDate, Decimal } from './ids.ts';
import type { OrderField } from './order.ts';
import type { OrderCondition, Scalar } from './order-query.ts';

/** What orders can be counted by. Weeks begin on Monday; a week or month is named by its first day. */
export const bucketDimensions = [
  'status',
  'containerId',
  'containerName',
  'productNameId',
  'productName',
  'productType',
  'issuingCa',
  'caCertId',
  'organizationId',
  'organizationName',
  'validTillDay',
  'validTillWeek',
  'validTillMonth',
  'dateCreatedDay',
  'dateCreatedWeek',
  'dateCreatedMonth',
  'keyAlgorithm',
  'keySize',
  'signatureHash',
  'dcvMethod',
  'payType',
  'userId',
  'userEmail',
  'autoRenew',
  'isRenewed',
] as const;
export type BucketDimension = (typeof bucketDimensions)[number];

const periods = new Map<BucketDimension, { readonly field: OrderField; readonly period: 'day' | 'week' | 'month' }>([
  ['validTillDay', { field: 'validTill', period: 'day' }],
  ['validTillWeek', { field: 'validTill', period: 'week' }],
  ['validTillMonth', { field: 'validTill', period: 'month' }],
  ['dateCreatedDay', { field: 'dateCreated', period: 'day' }],
  ['dateCreatedWeek', { field: 'dateCreated', period: 'week' }],
  ['dateCreatedMonth', { field: 'dateCreated', period: 'month' }],
]);

/** The field a dimension looks at, and the period its value is rounded down to (UTC); null takes the value as it is. */
export function dimensionFacts(dimension: BucketDimension): {
  readonly field: OrderField;
  readonly period: 'day' | 'week' | 'month' | null;
} {
  return periods.get(dimension) ?? { field: dimension as OrderField, period: null };
}

export interface BucketQuery {
  /** At least one; all orders with equal values of all of them are one bucket. */
  readonly groupBy: readonly BucketDimension[];
  readonly conditions: readonly OrderCondition[];
  /** Whether costs are summed: a read of `cost`, which a key may have no right to. */
  readonly withCost: boolean;
}

export interface OrderBucket {
  /** In the order of `groupBy`; null for orders without a value. */
  readonly values: readonly (Scalar | null)[];
  readonly count: number;
  /** Null unless asked for, and where no order of the bucket has a cost. Currencies are not converted. */
  readonly costSum: Decimal | null;
  readonly costMin: Decimal | null;
  readonly costMax: Decimal | null;
  readonly validTillMin: CalendarDate | null;
  readonly validTillMax: CalendarDate | null;
}
