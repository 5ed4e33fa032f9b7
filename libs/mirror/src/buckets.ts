import { sql, type RawBuilder } from 'kysely';
import {
  dimensionFacts,
  type BucketDimension,
  type BucketQuery,
  type CalendarDate,
  type Decimal,
  type OrderBucket,
  type Scalar,
} from '@certfolio/core';
import { columnOf } from './order-columns.ts';
import { sqlOfDay } from './sql-days.ts';

/** The parts of a statement that counts orders by their values. */
export interface BucketShape {
  readonly columns: RawBuilder<unknown>;
  readonly groups: RawBuilder<unknown>;
  readonly order: RawBuilder<unknown>;
  /** From a row as an array, in the order of `columns`. */
  readonly decode: (row: readonly unknown[]) => OrderBucket;
}

const measures = [
  sql`count(*)`,
  sql`min(valid_till)`,
  sql`max(valid_till)`,
  sql`sum(cost)::text`,
  sql`min(cost)::text`,
  sql`max(cost)::text`,
];
const measuresWithoutCost = 3;

/** Buckets in the order of their values, those without one last. Sums are exact: the column has two places. */
export function shapeOfBuckets({ groupBy, withCost }: BucketQuery): BucketShape {
  // By position in the list of columns, so that a value is computed once.
  const places = groupBy.map((_dimension, index) => sql.raw(String(index + 1)));
  const measured = withCost ? measures : measures.slice(0, measuresWithoutCost);
  return {
    columns: sql.join([...groupBy.map(valueOf), ...measured]),
    groups: sql.join(places),
    order: sql.join(places),
    decode: (row) => {
      const [count, validTillMin, validTillMax, costSum = null, costMin = null, costMax = null] = row.slice(
        groupBy.length,
      ) as [number, CalendarDate | null, CalendarDate | null, Decimal?, Decimal?, Decimal?];
      return {
        values: row.slice(0, groupBy.length) as (Scalar | null)[],
        count,
        costSum,
        costMin,
        costMax,
        validTillMin,
        validTillMax,
      };
    },
  };
}

/** Days are text; of the week alone PostgreSQL has to know the calendar. */
function valueOf(dimension: BucketDimension): RawBuilder<unknown> {
  const { field, period } = dimensionFacts(dimension);
  const column = sql.ref(columnOf(field).name);
  switch (period) {
    case null:
      return column;
    case 'day':
      return sql`left(${column}, 10)`;
    case 'month':
      return sql`left(${column}, 7) || '-01'`;
    case 'week':
      return sql`to_char(date_trunc('week', ${sqlOfDay(columnOf(field).name)}::timestamp), 'YYYY-MM-DD') collate "C"`;
  }
}
