import type {
  CertCentralOrderParts,
  Clock,
  OrderId,
  OrderPart,
  OrderPartReader,
  OrderPartsOf,
  OrderWithParts,
  Read,
  ReadLedger,
} from '@certfolio/core';
import { mapConcurrently } from './bounded.ts';
import { planCalls } from './planned-calls.ts';

/** Orders of one part that are read at the same time. */
const ordersInParallel = 25;

/** Reads what stands below orders as CertCentral has it now: a call per order, which requests and notes share. */
export function createLivePartReader(certCentral: CertCentralOrderParts, clock: Clock): OrderPartReader {
  // A request has one ledger, so its order infos can be told from those of others.
  const infosOf = new WeakMap<ReadLedger, Map<OrderId, Promise<OrderWithParts | null>>>();

  const infosIn = ({ ledger }: Read) => {
    let infos = infosOf.get(ledger);
    if (infos === undefined) infosOf.set(ledger, (infos = new Map()));
    return infos;
  };
  const orderInfo = (id: OrderId, read: Read): Promise<OrderWithParts | null> => {
    const infos = infosIn(read);
    const known = infos.get(id);
    if (known !== undefined) return known;
    const reading = certCentral.orderWithParts(id, read);
    infos.set(id, reading);
    reading.catch(() => infos.delete(id));
    return reading;
  };

  const partOf: { readonly [P in OrderPart]: (id: OrderId, read: Read) => Promise<OrderPartsOf[P] | null> } = {
    duplicates: (id, read) => certCentral.duplicates(id, read),
    reissues: (id, read) => certCentral.reissues(id, read),
    requests: async (id, read) => (await orderInfo(id, read))?.requests ?? null,
    notes: async (id, read) => (await orderInfo(id, read))?.notes ?? null,
    validation: (id, read) => certCentral.validation(id, read),
  };

  const plan = (part: OrderPart, ids: readonly OrderId[], read: Read): void => {
    const isOfInfo = part === 'requests' || part === 'notes';
    const calls = isOfInfo ? ids.filter((id) => !infosIn(read).has(id)) : ids;
    if (isOfInfo) for (const id of ids) infosIn(read).set(id, Promise.resolve(null));
    planCalls(read, `${part} of ${ids.length} orders`, calls.length, clock);
  };

  return {
    async find<P extends OrderPart>(part: P, ids: readonly OrderId[], read: Read) {
      const found = new Map<OrderId, OrderPartsOf[P]>();
      const wanted = [...new Set(ids)];
      if (read.planOnly) {
        plan(part, wanted, read);
        return found;
      }
      await mapConcurrently(wanted, ordersInParallel, async (id) => {
        const value = await partOf[part](id, read);
        read.ledger.readFrom('live', clock.nowMs());
        if (value !== null) found.set(id, value);
      });
      return found;
    },
  };
}
