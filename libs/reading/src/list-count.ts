import type { CertCentral, OrderRead, PushedCondition } from '@certfolio/core';
import type { LearntFacts } from './source-facts.ts';

/** How many orders the list counts; answers of the other sources are held against it. */
export async function countByList(
  certCentral: CertCentral,
  facts: LearntFacts,
  where: readonly PushedCondition[],
  read: OrderRead,
): Promise<number> {
  const { total } = await certCentral.listOrders({ where, sort: null, limit: 1, offset: 0 }, read);
  if (where.length === 0) facts.totalOrders = total;
  return total;
}
