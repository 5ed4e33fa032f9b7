import {
  factsOf,
  type Order,
  type OrderField,
  type OrderPosition,
  type OrderQuery,
  type OrderSort,
  type Scalar,
} from '@certfolio/core';

export type OrderComparator = (a: Order, b: Order) => number;

/** Compares by the sort, then by id ascending; an order without a value comes after those with one, in both directions. */
export function compareOrders(sort: readonly OrderSort[]): OrderComparator {
  return (a, b) => {
    for (const { field, direction } of sort) {
      const order = compareValues(field, sortValue(a[field]), sortValue(b[field]), direction);
      if (order !== 0) return order;
    }
    return a.id - b.id;
  };
}

export function positionOf(order: Order, sort: readonly OrderSort[]): OrderPosition {
  return { sortValues: sort.map(({ field }) => sortValue(order[field])), id: order.id };
}

/** Whether an order comes after the position in the order that `compareOrders` makes. */
export function comesAfter(sort: readonly OrderSort[], position: OrderPosition): (order: Order) => boolean {
  return (order) => {
    for (const [index, { field, direction }] of sort.entries()) {
      const difference = compareValues(field, sortValue(order[field]), position.sortValues[index] ?? null, direction);
      if (difference !== 0) return difference > 0;
    }
    return order.id > position.id;
  };
}

/** The list is read in the order of ids, so a page of that order can stop early whatever the conditions are. */
export function isByIdAscending(query: OrderQuery): boolean {
  const [first] = query.sort;
  return first === undefined || (first.field === 'id' && first.direction === 'asc');
}

/** Lists sort by their first entry, custom fields by their first value. */
function sortValue(value: unknown): Scalar | null {
  if (value == null) return null;
  if (Array.isArray(value)) {
    const first: unknown = value[0];
    return sortValue(typeof first === 'object' && first !== null && 'value' in first ? first.value : first);
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

/** Compares two values of a field; a missing one comes last in both directions. */
export function compareValues(
  field: OrderField,
  a: Scalar | null,
  b: Scalar | null,
  direction: 'asc' | 'desc',
): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  // Amounts are text; "99.00" is less than "238.00".
  const [left, right] = factsOf(field).kind === 'decimal' ? [Number(a), Number(b)] : [a, b];
  if (left === right) return 0;
  const ascending = isLess(left, right) ? -1 : 1;
  return direction === 'asc' ? ascending : -ascending;
}

function isLess(left: Scalar, right: Scalar): boolean {
  return typeof left === 'string' && typeof right === 'string' ? isTextLess(left, right) : left < right;
}

/**
 * By code point, as UTF-8 and so databases sort. JavaScript's own order is by UTF-16 units, where an emoji comes before
 * a full-width letter.
 */
function isTextLess(left: string, right: string): boolean {
  const end = Math.min(left.length, right.length);
  for (let at = 0; at < end; at += 1) {
    const a = left.charCodeAt(at);
    const b = right.charCodeAt(at);
    if (a !== b) return rankOf(a) < rankOf(b);
  }
  return left.length < right.length;
}

/** Halves of surrogate pairs stand for code points above those of all single units. */
const rankOf = (unit: number) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
