import { sql, type RawBuilder } from 'kysely';
import type { Order, OrderField } from '@certfolio/core';
import { columnOf, documentSources, type OrderColumn } from './order-columns.ts';

/** How rows with some columns are asked for and understood. */
export interface OrderShape {
  readonly columns: RawBuilder<unknown>;
  /** How many columns. */
  readonly width: number;
  /** Some are documents, which are looked up row by row. */
  readonly hasDocuments: boolean;
  /** From a row as an array, in the order of `columns`. */
  readonly decode: (row: readonly unknown[]) => Order;
}

/** The id comes first, whether it was asked for or not. */
export function shapeOfOrders(fields: Iterable<OrderField>): OrderShape {
  const columns = [...new Set<OrderField>(['id', ...fields])].map(columnOf);
  return {
    width: columns.length,
    hasDocuments: columns.some(({ kind }) => kind === 'document'),
    columns: sql.join(
      columns.map((column) => (column.kind === 'document' ? documentOf(column) : sql.ref(column.name))),
    ),
    decode: (row) => {
      const order: Record<string, unknown> = {};
      for (let index = 0; index < columns.length; index += 1) {
        const { field, decode } = columns[index]!;
        order[field] = decode(row[index]);
      }
      return order as unknown as Order; // as wide as the shape; who reads it selects no other fields
    },
  };
}

/** Order info that was read before the order changed is as good as none; the list is read as a whole. */
function documentOf({ field }: OrderColumn): RawBuilder<unknown> {
  const source = documentSources.get(field);
  const isYoung = source === 'info' ? sql`mirror_orders.info_at is not null` : sql`true`;
  return sql`(select document from mirror_documents as its where ${isYoung} and its.upstream_id = mirror_orders.upstream_id
    and its.order_id = mirror_orders.id and its.source = ${source})`;
}
