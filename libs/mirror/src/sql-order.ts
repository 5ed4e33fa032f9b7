import { sql, type RawBuilder, type SqlBool } from 'kysely';
import {
  BadUserInput,
  type OrderField,
  type OrderPosition,
  type OrderQuery,
  type OrderSort,
  type Scalar,
} from '@certfolio/core';
import { columnOf, type OrderColumn } from './order-columns.ts';
import { allOf, anyOf, isDecimal, type SqlCondition } from './sql-conditions.ts';
import { storableText } from './storable.ts';

/** By the sort, then by id; rows without a value last in both directions. */
export function sqlOfOrder(sort: readonly OrderSort[]): RawBuilder<unknown> {
  const keys = keysOf(sort);
  const parts = keys.map(({ field, direction }) =>
    direction === 'asc' ? sql`${sortKey(columnOf(field))} asc` : sql`${sortKey(columnOf(field))} desc nulls last`,
  );
  return sql.join(keys.at(-1)?.field === 'id' ? parts : [...parts, sql`id asc`]);
}

/**
 * What orders rows before their ids do. No two have the same id, so what comes after it orders nothing, and would keep the database
 * from reading along an index.
 */
function keysOf(sort: readonly OrderSort[]): readonly OrderSort[] {
  const at = sort.findIndex(({ field }) => field === 'id');
  if (at < 0) return sort;
  return sort.slice(0, sort[at]!.direction === 'asc' ? at : at + 1);
}

/**
 * Rows behind the position in that order.
 *
 * @throws BadUserInput when the position was not made by this sort
 */
export function sqlOfPosition(query: OrderQuery, position: OrderPosition): SqlCondition {
  const { conditions } = query;
  const sort = keysOf(query.sort);
  if (!Number.isSafeInteger(position.id)) throw new BadUserInput('The cursor names no order.');
  const ofId = query.sort.findIndex(({ field }) => field === 'id');
  if (ofId >= 0 && position.sortValues[ofId] !== position.id)
    throw new BadUserInput('The cursor was made for another sort: "id" has no value like its own.');
  const isBehindFrom = (index: number): SqlCondition => {
    const part = sort[index];
    if (part === undefined) return sql`id > ${position.id}`;
    if (part.field === 'id') return sql`id < ${position.id}`;
    const column = columnOf(part.field);
    const key = sortKey(column);
    const value = position.sortValues[index] ?? null;
    if (value === null) return allOf([sql`${key} is null`, isBehindFrom(index + 1)]);
    const at = sortParameter(column, value);
    const isLast = index === sort.length - 1;
    const behind =
      isLast && part.direction === 'asc'
        ? // An index on the key and the id begins there.
          sql<SqlBool>`(${key}, id) > (${at}, ${position.id}::bigint)`
        : anyOf([
            sql`${key} ${part.direction === 'asc' ? sql.raw('>') : sql.raw('<')} ${at}`,
            allOf([sql`${key} = ${at}`, isBehindFrom(index + 1)]),
          ]);
    return hasValue(part.field) ? behind : anyOf([behind, sql`${key} is null`]);
  };
  /** Where a condition leaves no row without a value, the index is not spoilt by looking for one. */
  const hasValue = (field: OrderField) =>
    conditions.some((one) => (one.op === 'in' || one.op === 'range') && one.field === field);
  return isBehindFrom(0);
}

/** Lists by their first entry, custom fields by their first value, texts by code point. */
function sortKey({ kind, name }: OrderColumn): RawBuilder<unknown> {
  const column = sql.ref(name);
  if (kind === 'texts') return sql`(${column}[1] collate "C")`;
  if (kind === 'customFields') return sql`((${column} -> 0 ->> 'value') collate "C")`;
  return column;
}

function sortParameter({ kind, field }: OrderColumn, value: Scalar): RawBuilder<unknown> {
  if (kind === 'integer' && Number.isSafeInteger(value)) return sql`${value}::bigint`;
  if (kind === 'flag' && typeof value === 'boolean') return sql`${value}::boolean`;
  if (kind === 'decimal' && isDecimal(value)) return sql`${String(value)}::numeric`;
  if (kind !== 'integer' && kind !== 'flag' && kind !== 'decimal' && typeof value === 'string')
    return sql`${storableText(value)}::text`;
  throw new BadUserInput(`The cursor was made for another sort: "${field}" has no value like its own.`);
}
