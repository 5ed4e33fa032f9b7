import {
  scopeKey,
  type Clock,
  type Order,
  type OrderId,
  type OrderPage,
  type OrderQuery,
  type OrderRead,
} from '@certfolio/core';
import { comesAfter } from './ordering.ts';

/** Rows of a run are let go when no page was asked for in this time. */
const idleMs = 120_000;
/** Rows that all runs together may hold; beyond it the run that was idle longest reads again if it ever comes back. */
const maxHeldRows = 400_000;

interface HeldRun {
  readonly page: OrderPage;
  readonly indexOf: ReadonlyMap<OrderId, number>;
  lastUsedMs: number;
}

/**
 * The pages of one report run come from one read of CertCentral: the first page reads the rows of the whole run, up to
 * its row cap, the next ones cut theirs from it. A page whose run is not held any more is simply read again.
 */
export class RunPages {
  readonly #clock: Clock;
  readonly #held = new Map<string, HeldRun>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async page(
    query: OrderQuery,
    read: OrderRead,
    readWhole: (query: OrderQuery) => Promise<OrderPage>,
  ): Promise<OrderPage> {
    const { id, rowCap } = read.run!;
    const key = JSON.stringify([
      id,
      scopeKey(read.scope),
      query.conditions,
      query.sort,
      query.offset,
      query.withTotal,
      [...read.fields].sort(),
    ]);
    this.#letGo();
    let held = this.#held.get(key);
    if (held === undefined) {
      const whole = await readWhole({ ...query, after: null, limit: rowCap });
      if (whole.hasNext) read.ledger.cutOff();
      const total = whole.total ?? (whole.hasNext ? null : whole.orders.length);
      if (total !== null) read.ledger.counted(total);
      held = {
        page: whole,
        indexOf: new Map(whole.orders.map((order: Order, index) => [order.id, index])),
        lastUsedMs: 0,
      };
      this.#held.set(key, held);
    }
    held.lastUsedMs = this.#clock.nowMs();

    const { orders } = held.page;
    const start = startOf(query, held);
    const end = query.limit === null ? orders.length : Math.min(orders.length, start + query.limit);
    const hasNext = end < orders.length;
    if (!hasNext) this.#held.delete(key);
    return { ...held.page, orders: orders.slice(start, end), hasNext };
  }

  #letGo(): void {
    const nowMs = this.#clock.nowMs();
    let rows = 0;
    const newestFirst = [...this.#held].sort(([, a], [, b]) => b.lastUsedMs - a.lastUsedMs);
    for (const [key, held] of newestFirst) {
      rows += held.page.orders.length;
      if (held.lastUsedMs < nowMs - idleMs || rows > maxHeldRows) this.#held.delete(key);
    }
  }
}

/** Index of the first row after the position; by the order of rows where the row itself is gone since. */
function startOf({ after, sort }: OrderQuery, { page: { orders }, indexOf }: HeldRun): number {
  if (after === null) return 0;
  const index = indexOf.get(after.id as OrderId);
  if (index !== undefined) return index + 1;
  const first = orders.findIndex(comesAfter(sort, after));
  return first < 0 ? orders.length : first;
}
