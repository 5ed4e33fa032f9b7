import { UpstreamRefused, UpstreamUnavailable, type Order, type OrderId } from '@certfolio/core';
import { countOrders, pageOverlap, readNewest, reportPageRows } from './feed.ts';
import type { Round, RoundResult } from './rounds.ts';
import { orderOfReport } from './rounds-info.ts';
import { ownFields, reportFields } from './store-fields.ts';
import { applyOrders, batchRows, markVanished, readIds } from './store.postgres.ts';

/** The newest orders come with the count and bring what only the list has; more new ones than these wait for the next list round. */
const newestRows = 200;
/** Orders that came between the two reports are read one by one; more are a sign of an answer that was cut. */
const mostLateOrders = 20;

const reportRoute = 'GET /report/order';

/** The key may not read the order report. */
export class ReportRefused extends Error {}

/**
 * Reads the whole report and Custom Reports, writes what differs, and marks what neither has any more. Two or three calls
 * and one for every further 100,000 orders. What was written stays when it fails; the ages move only at the end.
 *
 * @throws UpstreamUnavailable when the report has fewer orders than the list counts
 * @throws ReportRefused
 */
export async function compareAll(round: Round): Promise<RoundResult> {
  const { feed, call, asOf } = round;
  const custom = round.abilities.custom ? await readCustom(round) : null;
  const newest = await readNewest(feed, call, newestRows);
  const reading = new ReportReading(round, custom);
  await reading.run(newest.total);

  let { total } = newest;
  if (reading.seen.size < total) total = Math.min(total, await countOrders(feed, call));
  if (reading.seen.size < total) {
    throw new UpstreamUnavailable(
      reportRoute,
      `it gave ${reading.seen.size} of the ${total} orders that the list counts`,
    );
  }
  const isCustomWhole = custom !== null && (await reading.readLate());
  await applyOrders(
    round.client,
    round.upstreamId,
    newest.orders.filter(({ id }) => reading.seen.has(id)),
    {
      source: 'list',
      fields: ownFields.list,
      asOf,
      recordsHistory: round.recordsHistory,
    },
  );
  const known = await readIds(round.client, round.upstreamId);
  const vanished = await markVanished(
    round.client,
    round.upstreamId,
    known.filter((id) => !reading.seen.has(id)),
    round,
  );
  return {
    changes: reading.changes + vanished,
    total: newest.total,
    groups: isCustomWhole ? ['tracked', 'report', 'custom'] : ['tracked', 'report'],
  };
}

/** Null when the key may not ask, or the service does not know the fields, or fails: the report goes on without. */
async function readCustom({ feed, call, refused, logger }: Round): Promise<ReadonlyMap<OrderId, Order> | null> {
  try {
    const answer = await feed.customReport({ fields: ownFields.custom, where: [], sort: null, limit: null }, call());
    if (answer.kind === 'rows') return new Map(answer.orders.map((order) => [order.id, order]));
    refused('custom');
    return null;
  } catch (error) {
    if (!(error instanceof UpstreamUnavailable || error instanceof UpstreamRefused)) throw error;
    if (error instanceof UpstreamRefused && error.upstreamStatus === 403) throw error; // the key itself
    logger.warn({ reason: error.message }, 'Custom Reports gave no answer; the order report is compared without it.');
    return null;
  }
}

class ReportReading {
  readonly seen = new Set<OrderId>();
  changes = 0;
  readonly #round: Round;
  readonly #custom: ReadonlyMap<OrderId, Order> | null;
  /** Orders of the report that Custom Reports did not have. */
  readonly #late: OrderId[] = [];
  #batch: Order[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(round: Round, custom: ReadonlyMap<OrderId, Order> | null) {
    this.#round = round;
    this.#custom = custom;
  }

  /** Pages overlap by a row; orders that stand in two count once. */
  async run(expected: number): Promise<void> {
    const { feed, call } = this.#round;
    const fields = new Set(['id' as const, ...reportFields, ...ownFields.key]);
    for (let offset = 0; ; offset += reportPageRows - pageOverlap) {
      let rows = 0;
      try {
        for await (const orders of feed.orderReport({ where: [], fields, limit: reportPageRows, offset }, call())) {
          rows += orders.length;
          for (const order of orders) this.#take(order);
          if (this.#batch.length >= batchRows) await this.#flush();
        }
      } catch (error) {
        // The connection is used by one statement at a time, also by whoever comes next.
        await this.#writing.catch(() => undefined);
        if (error instanceof UpstreamRefused && error.upstreamStatus === 403 && !isKeyRefused(error))
          throw new ReportRefused(error.message, { cause: error });
        throw error;
      }
      await this.#flush();
      if (rows < reportPageRows || this.seen.size >= expected) break;
    }
    await this.#writing;
  }

  /** Reads the few orders that came after Custom Reports was asked; false when there are so many that its answer was cut. */
  async readLate(): Promise<boolean> {
    if (this.#late.length > mostLateOrders) return false;
    for (const id of this.#late) {
      const answer = await this.#round.feed.customReport(
        { fields: ownFields.custom, where: [{ field: 'id', op: 'eq', value: id }], sort: null, limit: null },
        this.#round.call(),
      );
      if (answer.kind !== 'rows' || answer.orders[0] === undefined) return false;
      const { client, upstreamId, asOf, recordsHistory } = this.#round;
      await applyOrders(client, upstreamId, answer.orders.slice(0, 1), {
        source: 'list',
        fields: ownFields.custom,
        asOf,
        recordsHistory,
      });
    }
    return true;
  }

  #take(order: Order): void {
    if (this.seen.has(order.id)) return;
    this.seen.add(order.id);
    const rest = this.#custom?.get(order.id);
    if (this.#custom !== null && rest === undefined) this.#late.push(order.id);
    const own = orderOfReport(order);
    this.#batch.push(rest === undefined ? own : { ...own, ...rest });
  }

  /** One batch is written while the next arrives, and not more. */
  async #flush(): Promise<void> {
    await this.#writing;
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length > 0) this.#writing = this.#write(batch);
    // Awaited before the next batch, and at the end.
    this.#writing.catch(() => undefined);
  }

  async #write(batch: readonly Order[]): Promise<void> {
    const { client, upstreamId, asOf, recordsHistory } = this.#round;
    const isLate = (order: Order) => this.#custom === null || !this.#custom.has(order.id);
    for (const [orders, fields] of [
      [batch.filter((order) => !isLate(order)), [...reportFields, ...ownFields.key, ...ownFields.custom]],
      [batch.filter(isLate), [...reportFields, ...ownFields.key]],
    ] as const) {
      if (orders.length === 0) continue;
      this.changes += await applyOrders(client, upstreamId, orders, { source: 'report', fields, asOf, recordsHistory });
    }
  }
}

/** CertCentral's code for a key that is not, or no longer, good. */
export function isKeyRefused({ upstreamCode }: UpstreamRefused): boolean {
  return upstreamCode.includes('invalid_key');
}
