import {
  AppError,
  type Clock,
  type OrderId,
  type OrderMirror,
  type OrderPart,
  type OrderPartReader,
  type OrderPartsOf,
  type Read,
} from '@certfolio/core';

export interface FreshPartReaderOptions {
  readonly live: OrderPartReader;
  readonly mirror: Pick<OrderMirror, 'parts'>;
  readonly clock: Clock;
  /** As of `FreshOrderReaderOptions`. */
  readonly distrustBeforeMs?: number;
}

/** Parts of orders from the mirror where they are young enough, the others live; old ones only when CertCentral fails. */
export function createFreshPartReader({
  live,
  mirror,
  clock,
  distrustBeforeMs = 0,
}: FreshPartReaderOptions): OrderPartReader {
  return {
    async find<P extends OrderPart>(part: P, ids: readonly OrderId[], read: Read) {
      if (read.maxAgeMs === 0) return live.find(part, ids, read);
      const mirrored = await mirror.parts(part, ids).catch(() => new Map<OrderId, Kept<P>>());
      const kept = new Map([...mirrored].filter(([, { asOfMs }]) => asOfMs >= distrustBeforeMs));
      const nowMs = clock.nowMs();
      const isYoung = (id: OrderId) => {
        const known = kept.get(id);
        return known !== undefined && nowMs - known.asOfMs <= read.maxAgeMs;
      };
      const found = new Map<OrderId, OrderPartsOf[P]>();
      const take = (id: OrderId, { value, asOfMs }: Kept<P>) => {
        found.set(id, value);
        read.ledger.readFrom('mirror', asOfMs);
      };
      for (const id of ids) if (isYoung(id)) take(id, kept.get(id)!);
      const missing = ids.filter((id) => !found.has(id));
      if (missing.length === 0) return found;
      try {
        for (const [id, value] of await live.find(part, missing, read)) found.set(id, value);
      } catch (error) {
        const isDown = error instanceof AppError && error.entry.fault === 'certcentral';
        if (!isDown || missing.some((id) => !kept.has(id))) throw error;
        for (const id of missing) take(id, kept.get(id)!);
        read.ledger.isOlderThanAsked();
      }
      return found;
    },
  };
}

interface Kept<P extends OrderPart> {
  readonly value: OrderPartsOf[P];
  readonly asOfMs: number;
}
