import DataLoader from 'dataloader';
import { allOrders, readOf, type Order, type OrderCondition, type RequestContext } from '@certfolio/core';
import type { OrganizationsPorts } from './resolvers.ts';

/** Orders whose certificate is still to come. */
export const waitingStatuses = [
  'pending',
  'needs_approval',
  'needs_csr',
  'processing',
  'reissue_pending',
  'waiting_pickup',
] as const;

/** Orders that lean on something that is validated apart from them. One per request; each reads once, when first asked. */
export interface OrderCounts {
  /** Orders that wait and have a name that is the domain or lies below it. */
  waitingOnDomain(name: string): Promise<number>;
  ofOrganization(id: number): Promise<{ readonly waiting: number; readonly issued: number }>;
}

export function createOrderCounts(ordersOf: OrganizationsPorts['ordersOf'], context: RequestContext): OrderCounts {
  const reader = () => ordersOf(context.principal.account);
  let waiting: Promise<ReadonlyMap<string, number>> | null = null;
  const readWaiting = async () => {
    const isWaiting: OrderCondition = { op: 'in', field: 'status', values: waitingStatuses };
    const fields = new Set(['id', 'commonName', 'dnsNames'] as const);
    const { orders } = await reader().findMany(
      { ...allOrders, conditions: [isWaiting] },
      { ...readOf(context), fields },
    );
    return countByDomain(orders);
  };
  const organizations = new DataLoader<number, { readonly waiting: number; readonly issued: number }>(
    async (ids) => {
      const conditions: OrderCondition[] = [
        { op: 'in', field: 'organizationId', values: ids },
        { op: 'in', field: 'status', values: [...waitingStatuses, 'issued'] },
      ];
      const buckets = await reader().buckets(
        { groupBy: ['organizationId', 'status'], conditions, withCost: false },
        readOf(context),
      );
      return ids.map((id) => {
        const own = buckets.filter(({ values }) => values[0] === id);
        const sum = (isIssued: boolean) =>
          own.reduce((all, { values, count }) => all + ((values[1] === 'issued') === isIssued ? count : 0), 0);
        return { waiting: sum(false), issued: sum(true) };
      });
    },
    { name: 'orderCounts' },
  );
  return {
    async waitingOnDomain(name) {
      return (await (waiting ??= readWaiting())).get(name.toLowerCase()) ?? 0;
    },
    ofOrganization: (id) => organizations.load(id),
  };
}

/** Each order once for every domain above one of its names. */
export function countByDomain(orders: readonly Pick<Order, 'commonName' | 'dnsNames'>[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { commonName, dnsNames } of orders) {
    const domains = new Set<string>();
    for (const name of commonName == null ? (dnsNames ?? []) : [commonName, ...(dnsNames ?? [])]) {
      const labels = name.toLowerCase().replace(/^\*\./, '').split('.');
      for (let at = 0; at < labels.length; at += 1) domains.add(labels.slice(at).join('.'));
    }
    for (const domain of domains) counts.set(domain, (counts.get(domain) ?? 0) + 1);
  }
  return counts;
}
