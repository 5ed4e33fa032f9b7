import type { SubaccountOrder, UnitBundle, UnitOrder } from '@certfolio/core';

/** Orders that use no unit, or give it back. */
const withoutUnit: ReadonlySet<string | null> = new Set(['rejected', 'canceled']);

const keyOf = (unitOrderId: number, productNameId: string) => `${unitOrderId} ${productNameId}`;

export interface UnitUsage {
  /** Units of a bundle that orders have used. */
  used(unitOrderId: number, productNameId: string): number;
}

/**
 * Counts each order of a subaccount as one unit of its product, of the oldest unit order that was valid when it was placed and has
 * units left. CertCentral tells no use of units: orders that were paid otherwise, or took several units, make the count wrong.
 */
export function unitUsageOf(
  unitOrders: readonly UnitOrder[],
  bundlesOf: ReadonlyMap<number, readonly UnitBundle[]>,
  orders: readonly SubaccountOrder[],
): UnitUsage {
  const oldestFirst = unitOrders
    .filter(({ status }) => status === 'completed')
    .toSorted((a, b) => compare(a.createdAt, b.createdAt) || a.id - b.id);
  const left = new Map(
    oldestFirst.flatMap(({ id }) =>
      (bundlesOf.get(id) ?? []).map(({ productNameId, units }) => [keyOf(id, productNameId), units] as const),
    ),
  );
  const used = new Map<string, number>();
  for (const order of orders.toSorted((a, b) => compare(a.createdAt, b.createdAt) || a.id - b.id)) {
    const { accountId, productNameId, createdAt, status } = order;
    if (productNameId === null || createdAt === null || withoutUnit.has(status)) continue;
    const source = oldestFirst.find((one) => {
      const isValid =
        (one.createdAt === null || one.createdAt <= createdAt) &&
        (one.expirationDate === null || createdAt.slice(0, 10) <= one.expirationDate);
      return one.unitAccountId === accountId && isValid && (left.get(keyOf(one.id, productNameId)) ?? 0) > 0;
    });
    if (source === undefined) continue;
    const key = keyOf(source.id, productNameId);
    left.set(key, left.get(key)! - 1);
    used.set(key, (used.get(key) ?? 0) + 1);
  }
  return { used: (unitOrderId, productNameId) => used.get(keyOf(unitOrderId, productNameId)) ?? 0 };
}

const compare = (a: string | null, b: string | null) => (a === b ? 0 : (a ?? '') < (b ?? '') ? -1 : 1);
