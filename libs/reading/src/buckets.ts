import {
  dimensionFacts,
  type BucketDimension,
  type BucketQuery,
  type CalendarDate,
  type Decimal,
  type Order,
  type OrderBucket,
  type OrderField,
  type Scalar,
} from '@certfolio/core';
import { compareValues } from './ordering.ts';

/** Fields of an order that buckets are made of. */
export function fieldsOfBuckets({ groupBy, withCost }: BucketQuery): ReadonlySet<OrderField> {
  const fields = new Set<OrderField>(['id', 'validTill']);
  for (const dimension of groupBy) fields.add(dimensionFacts(dimension).field);
  if (withCost) fields.add('cost');
  return fields;
}

interface Sums {
  readonly values: readonly (Scalar | null)[];
  count: number;
  costCents: bigint | null;
  costMin: Decimal | null;
  costMax: Decimal | null;
  validTillMin: CalendarDate | null;
  validTillMax: CalendarDate | null;
}

/** Counts orders by their values; sums are exact, in hundredths. */
export function bucketsOf(orders: Iterable<Order>, query: BucketQuery): readonly OrderBucket[] {
  const buckets = new Map<string, Sums>();
  for (const order of orders) {
    const values = query.groupBy.map((dimension) => valueOf(dimension, order));
    const key = JSON.stringify(values);
    let sums = buckets.get(key);
    if (sums === undefined) {
      sums = {
        values,
        count: 0,
        costCents: null,
        costMin: null,
        costMax: null,
        validTillMin: null,
        validTillMax: null,
      };
      buckets.set(key, sums);
    }
    addTo(sums, order, query.withCost);
  }
  return [...buckets.values()]
    .sort((a, b) => compareBuckets(query.groupBy, a.values, b.values))
    .map(({ costCents, ...sums }) => ({ ...sums, costSum: costCents === null ? null : decimalOf(costCents) }));
}

function addTo(sums: Sums, order: Order, withCost: boolean): void {
  sums.count += 1;
  const { cost, validTill } = order;
  if (withCost && cost != null) {
    sums.costCents = (sums.costCents ?? 0n) + centsOf(cost);
    if (sums.costMin === null || Number(cost) < Number(sums.costMin)) sums.costMin = cost;
    if (sums.costMax === null || Number(cost) > Number(sums.costMax)) sums.costMax = cost;
  }
  if (validTill == null) return;
  if (sums.validTillMin === null || validTill < sums.validTillMin) sums.validTillMin = validTill;
  if (sums.validTillMax === null || validTill > sums.validTillMax) sums.validTillMax = validTill;
}

function valueOf(dimension: BucketDimension, order: Order): Scalar | null {
  const { field, period } = dimensionFacts(dimension);
  const value = order[field] as Scalar | null | undefined;
  if (value == null) return null;
  return period === null ? value : firstDayOf(period, String(value).slice(0, 10));
}

function firstDayOf(period: 'day' | 'week' | 'month', day: string): string {
  if (period === 'day') return day;
  if (period === 'month') return `${day.slice(0, 7)}-01`;
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}

function compareBuckets(
  groupBy: readonly BucketDimension[],
  a: readonly (Scalar | null)[],
  b: readonly (Scalar | null)[],
): number {
  for (const [index, dimension] of groupBy.entries()) {
    const order = compareValues(dimensionFacts(dimension).field, a[index] ?? null, b[index] ?? null, 'asc');
    if (order !== 0) return order;
  }
  return 0;
}

function centsOf(amount: Decimal): bigint {
  return BigInt(amount.replace('.', ''));
}

function decimalOf(cents: bigint): Decimal {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0');
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}` as Decimal;
}
