import { sql, type RawBuilder } from 'kysely';
import type { Order, OrderField } from '@certfolio/core';
import { columnOf } from './order-columns.ts';

/** How rows with some columns are asked for and understood. */
export interface OrderShape {
  readonly columns: RawBuilder<unknown>;
  /** How many columns. */
  readonly width: number;
  /** From a row as an array, in the order of `columns`. */
  readonly decode: (row: readonly unknown[]) => Order;
}

/** The id comes first, whether it was asked for or not. */
export function shapeOfOrders(fields: Iterable<OrderField>): OrderShape {
  const columns = [...new Set<OrderField>(['id', ...fields])].map(columnOf);
  return {
    width: columns.length,
    columns: sql.join(columns.map(({ name }) => sql.ref(name))),
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
