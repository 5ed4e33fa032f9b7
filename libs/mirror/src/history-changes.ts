import { createHash } from 'node:crypto';
import type { Order, OrderField, OrderId } from '@certfolio/core';

/** What happened to an order. */
export type HistoryEntry =
  | { readonly orderId: OrderId; readonly change: 'added' | 'removed' | 'returned' }
  | {
      readonly orderId: OrderId;
      readonly change: 'changed';
      readonly field: OrderField;
      readonly before: unknown;
      readonly after: unknown;
    };

/** Fields that differ. A field that `after` does not have is as it was. */
export function changedFields(before: Order, after: Order, fields: readonly OrderField[]): readonly OrderField[] {
  return fields.filter((field) => after[field] !== undefined && !isEqual(before[field] ?? null, after[field]));
}

export function historyOf(before: Order, after: Order, fields: readonly OrderField[]): readonly HistoryEntry[] {
  return fields.map((field) => ({
    orderId: after.id,
    change: 'changed',
    field,
    before: recorded(field, before[field]),
    after: recorded(field, after[field]),
  }));
}

/** A certificate request is long and says nothing to a reader: which one it was is enough. */
function recorded(field: OrderField, value: unknown): unknown {
  if (value == null) return null;
  return field === 'csr' ? `sha256:${createHash('sha256').update(String(value)).digest('hex')}` : value;
}

/** Lists are equal when their items are, one by one; so are custom fields, whose members may come in any order. */
function isEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  const members = Object.entries(one);
  const others: ReadonlyMap<string, unknown> = new Map(Object.entries(other));
  return members.length === others.size && members.every(([name, value]) => isEqual(value, others.get(name)));
}
