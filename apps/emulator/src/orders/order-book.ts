import { type OrderFactory } from './make-order.ts';
import { type Order } from './order.ts';

/** The account's orders as they are now. */
export interface OrderBook {
  /** Grows with every change; results computed from the book are good as long as it stays. */
  readonly version: () => number;
  /** Ascending by id. */
  readonly all: () => readonly Order[];
  readonly find: (id: number) => Order | undefined;
  readonly findBySerialNumber: (serialNumber: string) => Order | undefined;
  /** The orders as they were made, by position; changes never touch them. */
  readonly generated: readonly Order[];
  /** Orders that differ from what was generated, new ones included. */
  readonly changed: () => readonly Order[];
  /** Adds the order, or replaces the one with its id. */
  readonly put: (order: Order) => void;
  readonly remove: (id: number) => boolean;
  /** A plain order with fresh ids, not yet in the book. */
  readonly draft: (createdMs: number) => Order;
}

export function createOrderBook(factory: OrderFactory): OrderBook {
  const generated = Array.from({ length: factory.count }, (_, position) => factory.make(position));
  const byId = new Map(generated.map((order) => [order.id, order]));
  const changed = new Map<number, Order>();
  let sorted: readonly Order[] | undefined = generated;
  let bySerialNumber: Map<string, number> | undefined;
  let version = 0;
  let drafts = 0;

  const invalidate = () => {
    version += 1;
    sorted = undefined;
    bySerialNumber = undefined;
  };
  const indexSerialNumbers = () => {
    const issued = [...byId.values()].flatMap(({ id, issuance }) =>
      issuance ? [[issuance.serialNumber, id] as const] : [],
    );
    return new Map(issued);
  };

  return {
    generated,
    version: () => version,
    all: () => (sorted ??= [...byId.values()].sort((one, other) => one.id - other.id)),
    find: (id) => byId.get(id),
    findBySerialNumber: (serialNumber) => {
      bySerialNumber ??= indexSerialNumbers();
      const id = bySerialNumber.get(serialNumber.toUpperCase());
      return id === undefined ? undefined : byId.get(id);
    },
    changed: () => [...changed.values()],
    put: (order) => {
      byId.set(order.id, order);
      changed.set(order.id, order);
      invalidate();
    },
    remove: (id) => {
      changed.delete(id);
      const wasThere = byId.delete(id);
      if (wasThere) invalidate();
      return wasThere;
    },
    draft: (createdMs) => {
      drafts += 1;
      return factory.makeExtra(drafts - 1, createdMs);
    },
  };
}
