import { sql, type RawBuilder } from 'kysely';
import { orderObjects, type ObjectsPerOrder, type OrderCount, type OrderObjects } from '@certfolio/core';
import { columnOf } from './order-columns.ts';
import { anyOf, type SqlCondition } from './sql-conditions.ts';

/** A statement that counts orders and what stands below them, and how its one row is understood. */
export interface CountShape {
  readonly statement: RawBuilder<unknown>;
  readonly decode: (row: readonly unknown[]) => OrderCount;
}

/**
 * What is known of one kind: its objects; the orders that they were read of; orders that may have some and were not read yet;
 * what an order of the account has on average where none of the matching ones was read; what one has where none was at all.
 */
interface Measures {
  readonly columns: readonly RawBuilder<unknown>[];
  readonly assumed: number | null;
}
type Measured = readonly [objects: number, readOf: number, unread: number, average: number | null];
const columnsOfKind = 4;

/** Copies of an order that says that it has some: the bundled emulator's account, made to be like a real one, has 1.9 to 2.3. */
const assumedCopies = 2;

/**
 * Lists that were not read yet count as those of the other orders that match do on average, or, where none of these was read,
 * as those of the account. Before any was, what an order has is assumed, and said to be.
 *
 * @param matching a condition on `mirror_orders`
 */
export function shapeOfCount(upstreamId: number, matching: SqlCondition, objects: readonly OrderObjects[]): CountShape {
  const kinds = [...new Set(objects)].map((kind) => ({ kind, ...measuresOf(kind, upstreamId) }));
  const columns = [sql`count(*)`, ...kinds.flatMap((measures) => measures.columns)];
  return {
    statement: sql`select ${sql.join(columns)} from mirror_orders where ${matching}`,
    decode: (row) => {
      const orders = row[0] as number;
      const below = new Map<OrderObjects, ObjectsPerOrder>();
      for (const [index, { kind, assumed }] of kinds.entries()) {
        const from = 1 + index * columnsOfKind;
        const measured = row.slice(from, from + columnsOfKind) as unknown as Measured; // as selected above
        const perOrder = orders === 0 ? null : objectsPerOrder(orders, measured, assumed);
        if (perOrder !== null) below.set(kind, perOrder);
      }
      return { orders, below };
    },
  };
}

function objectsPerOrder(
  orders: number,
  [objects, readOf, unread, average]: Measured,
  assumed: number | null,
): ObjectsPerOrder | null {
  if (unread === 0) return { ratio: objects / orders, isGuess: false };
  const known = readOf > 0 ? objects / readOf : average;
  const each = known ?? assumed;
  return each === null ? null : { ratio: (objects + unread * each) / orders, isGuess: known === null };
}

const nothing = sql`0`;
const unknown = sql`null`;

function measuresOf(kind: OrderObjects, upstreamId: number): Measures {
  switch (kind) {
    case 'customFields':
      return { columns: [lengthsOf('custom_fields'), nothing, nothing, unknown], assumed: null };
    case 'requests':
    case 'notes': {
      const column = sql.ref(kind);
      const unread = sql`count(*) filter (where ${column} is null)`;
      return { columns: [lengthsOf(kind), sql`count(${column})`, unread, unknown], assumed: null };
    }
    case 'duplicates':
      return copies(upstreamId, 'duplicate', sql`has_duplicates`, sql`duplicates_at`);
    case 'reissues':
      return copies(upstreamId, 'reissue', sql`has_reissues`, sql`reissues_at`);
    default: {
      const present = orderObjects
        .get(kind)!
        .map((field) => sql<boolean>`${sql.ref(columnOf(field).name)} is not null`);
      return { columns: [sql`count(*) filter (where ${anyOf(present)})`, nothing, nothing, unknown], assumed: null };
    }
  }
}

const lengthsOf = (column: string) =>
  sql`coalesce(sum(jsonb_array_length(${sql.ref(column)})) filter (where jsonb_typeof(${sql.ref(column)}) = 'array'), 0)::float8`;

/** @param has a flag of the order, which tells whether there are any and not how many; null where it is not known */
function copies(upstreamId: number, kind: string, has: RawBuilder<unknown>, readAt: RawBuilder<unknown>): Measures {
  const wasRead = sql`(where ${has} is not false and ${readAt} is not null)`;
  const columns = [
    sql`coalesce(sum((
      select count(*) from mirror_certificates c
      where c.upstream_id = mirror_orders.upstream_id and c.order_id = mirror_orders.id and c.kind = ${kind}
    )) filter ${wasRead}, 0)::float8`,
    sql`count(*) filter ${wasRead}`,
    sql`count(*) filter (where ${has} is not false and ${readAt} is null)`,
    // Looked up only where it is needed.
    sql`case when count(*) filter ${wasRead} = 0 then (
      select count(*)::float8 / nullif(count(distinct order_id), 0) from mirror_certificates
      where upstream_id = ${upstreamId} and kind = ${kind}
    ) end`,
  ];
  return { columns, assumed: assumedCopies };
}
