import DataLoader from 'dataloader';
import type { OrderHistory, OrderId, RequestContext, Timestamp } from '@certfolio/core';
import type { OrdersPorts } from './ports.ts';

/** What the history tells of orders; one batch per tick, one per request, as every loader. */
export interface HistoryLoader {
  /**
   * Null where there is no history, the answer has to be live (nothing live tells of what was), or a CertCentral key is passed
   * through: what it may see there is not known of rows that it did not read.
   */
  readonly history: OrderHistory | null;
  firstSeenRevoked(id: OrderId): Promise<Timestamp | null>;
}

/** Name under which an answer says that it was told nothing of the past. */
export const historyFields = { firstSeenRevoked: 'firstSeenRevoked', orderChanges: 'orderChanges' } as const;

export function createHistoryLoader(historyOf: OrdersPorts['historyOf'], context: RequestContext): HistoryLoader {
  const { ledger, maxAgeMs, planOnly, principal } = context;
  const history = maxAgeMs === 0 || principal.upstreamKey !== undefined ? null : historyOf(principal.account);
  const loader = new DataLoader<OrderId, Timestamp | null>(
    async (ids) => {
      const found = planOnly || history === null ? new Map<OrderId, Timestamp>() : await history.firstSeenRevoked(ids);
      return ids.map((id) => found.get(id) ?? null);
    },
    { name: 'firstSeenRevoked' },
  );
  return {
    history,
    async firstSeenRevoked(id) {
      if (history !== null) return loader.load(id);
      ledger.cannotGive(historyFields.firstSeenRevoked);
      return null;
    },
  };
}
