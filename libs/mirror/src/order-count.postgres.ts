import { sql, type RawBuilder } from 'kysely';
import { orderObjects, type OrderCount, type OrderObjects } from '@certfolio/core';
import { columnOf } from './order-columns.ts';
import { anyOf, type SqlCondition } from './sql-conditions.ts';

/** A statement that counts orders and what stands below them, and how its one row is understood. */
export interface CountShape {
  readonly statement: RawBuilder<unknown>;
  readonly decode: (row: readonly unknown[]) => OrderCount;
}

/**
 * What is known of one kind: its objects; the orders that they were read of; orders that may have some and were not read yet;
 * what an order of the account has on average where none of the matching ones was read.
 */
type Measures = readonly [objects: number, readOf: number, unread: number, average: number | null];
const measuresOfKind = 4;

/**
 * Lists that were not read yet count as those of the other orders that match do on average, or, where none of these was read,
 * as those of the account.
 *
 * @param matching a condition on `mirror_orders`
 */
export function shapeOfCount(upstreamId: number, matching: SqlCondition, objects: readonly OrderObjects[]): CountShape {
  const kinds = [...new Set(objects)];
  const columns = [sql`count(*)`, ...kinds.flatMap((kind) => measuresOf(kind, upstreamId))];
  return {
    statement: sql`select ${sql.join(columns)} from mirror_orders where ${matching}`,
    decode: (row) => {
      const orders = row[0] as number;
      const below = new Map<OrderObjects, number>();
      for (const [index, kind] of kinds.entries()) {
        const from = 1 + index * measuresOfKind;
        const objectsBelow = objectsIn(row.slice(from, from + measuresOfKind) as unknown as Measures); // as selected above
        if (orders > 0 && objectsBelow !== null) below.set(kind, objectsBelow / orders);
      }
      return { orders, below };
    },
  };
}

function objectsIn([objects, readOf, unread, average]: Measures): number | null {
  if (unread === 0) return objects;
  const each = readOf > 0 ? objects / readOf : average;
  return each === null ? null : objects + unread * each;
}

const nothing = sql`0`;
const unknown = sql`null`;

function measuresOf(kind: OrderObjects, upstreamId: number): readonly RawBuilder<unknown>[] {
  switch (kind) {
    case 'customFields':
      return [lengthsOf('custom_fields'), nothing, nothing, unknown];
    case 'requests':
    case 'notes': {
      const column = sql.ref(kind);
      return [lengthsOf(kind), sql`count(${column})`, sql`count(*) filter (where ${column} is null)`, unknown];
    }
    case 'duplicates':
      return copies(upstreamId, 'duplicate', sql`has_duplicates is not false`, sql`duplicates_at`);
    case 'reissues':
      return copies(upstreamId, 'reissue', sql`has_reissues is not false`, sql`reissues_at`);
    default: {
      const present = orderObjects.get(kind)!.map((field) => sql<boolean>`${sql.ref(columnOf(field).name)} is not null`);
      return [sql`count(*) filter (where ${anyOf(present)})`, nothing, nothing, unknown];
    }
  }
}

const lengthsOf = (column: string) =>
  sql`coalesce(sum(jsonb_array_length(${sql.ref(column)})) filter (where jsonb_typeof(${sql.ref(column)}) = 'array'), 0)::float8`;

/** @param mayHave by a flag of the order, which tells whether there are any and not how many */
function copies(
  upstreamId: number,
  kind: string,
  mayHave: RawBuilder<unknown>,
  readAt: RawBuilder<unknown>,
): readonly RawBuilder<unknown>[] {
  const wasRead = sql`(where ${mayHave} and ${readAt} is not null)`;
  return [
    sql`coalesce(sum((
      select count(*) from mirror_certificates c
      where c.upstream_id = mirror_orders.upstream_id and c.order_id = mirror_orders.id and c.kind = ${kind}
    )) filter ${wasRead}, 0)::float8`,
    sql`count(*) filter ${wasRead}`,
    sql`count(*) filter (where ${mayHave} and ${readAt} is null)`,
    // Looked up only where it is needed.
    sql`case when count(*) filter ${wasRead} = 0 then (
      select count(*)::float8 / nullif(count(distinct order_id), 0) from mirror_certificates
      where upstream_id = ${upstreamId} and kind = ${kind}
    ) end`,
  ];
}
