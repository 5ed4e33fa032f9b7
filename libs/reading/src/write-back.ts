import type {
  CertCentral,
  Clock,
  Logger,
  MirrorWriteBack,
  OrderId,
  OrderPart,
  OrderPartReader,
  OrderPartsOf,
  Read,
} from '@certfolio/core';

export interface WriteBackOptions {
  readonly writeBack: MirrorWriteBack;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The same reads; what order info says of an order also goes to the mirror. Nobody waits for that, and its failure is logged. */
export function writingBackOrders(certCentral: CertCentral, options: WriteBackOptions): CertCentral {
  return {
    ...certCentral,
    async orderInfo(ref, call) {
      const startedAtMs = options.clock.nowMs();
      const order = await certCentral.orderInfo(ref, call);
      const id = order?.id ?? (typeof ref === 'number' ? ref : null);
      if (id !== null) settle(options.writeBack.sawOrder(id, order, startedAtMs), options.logger);
      return order;
    },
  };
}

/** The same reads; the parts also go to the mirror. */
export function writingBackParts(parts: OrderPartReader, options: WriteBackOptions): OrderPartReader {
  return {
    async find<P extends OrderPart>(part: P, ids: readonly OrderId[], read: Read) {
      const startedAtMs = options.clock.nowMs();
      const found: ReadonlyMap<OrderId, OrderPartsOf[P]> = await parts.find(part, ids, read);
      for (const [id, value] of found) settle(options.writeBack.sawPart(part, id, value, startedAtMs), options.logger);
      return found;
    },
  };
}

function settle(writing: Promise<void>, logger: Logger): void {
  writing.catch((error: unknown) =>
    logger.warn({ reason: String(error) }, 'What was read live could not be mirrored.'),
  );
}
