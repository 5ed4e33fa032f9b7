import {
  UpstreamUnavailable,
  type CertCentral,
  type Order,
  type OrderId,
  type OrderQuery,
  type OrderRead,
} from '@certfolio/core';
import { CustomReads } from './custom-reads.ts';
import { countByList } from './list-count.ts';
import { ListScan, pageOverlap, resumePoint, type Selection } from './list-scan.ts';
import { isByIdAscending } from './ordering.ts';
import type { ReadPlan } from './read-plan.ts';
import { reportPageRows } from './source-abilities.ts';
import type { LearntFacts } from './source-facts.ts';

/** The rows of a bulk read that are wanted, each once, in no promised order. */
export interface BulkRows {
  readonly orders: readonly Order[];
  /** Rows that meet the conditions, wherever the page begins; null when the read stopped before the end. */
  readonly matching: number | null;
  /** The read stopped with rows left. */
  readonly stopped: boolean;
  /** The list's row count up to and including an order, where one unfiltered scan gave the rows. */
  readonly listOffsets: ReadonlyMap<OrderId, number> | null;
}

/** Makes the bulk read of a plan and proves that it is whole: pages fit together, counts agree with the list's. */
export class BulkReads {
  readonly #certCentral: CertCentral;
  readonly #facts: LearntFacts;
  readonly #pagesInParallel: number;
  readonly #customReads: CustomReads;

  constructor(certCentral: CertCentral, facts: LearntFacts, pagesInParallel: number) {
    this.#certCentral = certCentral;
    this.#facts = facts;
    this.#pagesInParallel = pagesInParallel;
    this.#customReads = new CustomReads(certCentral, facts);
  }

  /** @throws PlanAgain when the source cannot do what the plan expects of it */
  fetch(plan: ReadPlan, query: OrderQuery, selection: Selection, read: OrderRead): Promise<BulkRows> {
    switch (plan.source) {
      case 'list':
        return this.#fetchList(plan, query, selection, read);
      case 'report':
        return this.#fetchReport(plan, selection, read);
      case 'custom':
        return this.#fetchCustom(plan, query, selection, read);
    }
  }

  async #fetchList(plan: ReadPlan, query: OrderQuery, selection: Selection, read: OrderRead): Promise<BulkRows> {
    const isByOneScan = plan.branches.length === 1 && isByIdAscending(query);
    // A scan that begins inside the list cannot count what lies before; only the list's own count can then be the total.
    const mayResume = isByOneScan && (plan.exact || !query.withTotal);
    const scans: ListScan[] = [];
    for (const where of plan.branches) {
      const scan = new ListScan(this.#certCentral, where, selection, read, this.#pagesInParallel);
      const resume = mayResume && query.after !== null ? resumePoint(query.after) : null;
      await scan.run({ enough: plan.sourceLimit, isExact: plan.exact, isFirstPage: query.after === null, resume });
      scans.push(scan);
    }
    const orders = new Map(scans.flatMap((scan) => [...scan.wanted]));
    const stopped = scans.some((scan) => scan.stopped);
    const isWhole = scans.every((scan) => !scan.stopped && scan.fromStart);
    if (plan.branches.every((where) => where.length === 0)) this.#facts.totalOrders = scans[0]!.total;
    if (query.withTotal && !isWhole && scans.some((scan) => scan.dropped > 0)) {
      // The list gave rows that do not meet what it was asked to apply, so its count is not ours.
      return this.#fetchList({ ...plan, exact: false, sourceLimit: null }, query, selection, read);
    }
    // A row can stand in several branches and counts once.
    const matching = isWhole ? new Set(scans.flatMap((scan) => [...scan.matching])).size : null;
    const listCounts = plan.exact && scans.length === 1 && scans[0]!.dropped === 0;
    return {
      orders: [...orders.values()],
      matching: matching ?? (listCounts ? scans[0]!.total : null),
      stopped,
      listOffsets: isByOneScan ? scans[0]!.offsets : null,
    };
  }

  async #fetchReport(plan: ReadPlan, selection: Selection, read: OrderRead): Promise<BulkRows> {
    const rows = new RowSet(selection);
    for (const where of plan.branches) {
      const counting = countByList(this.#certCentral, this.#facts, where, read);
      // Awaited below; when the report fails first, its error is the one that counts.
      counting.catch(() => undefined);
      const seen = new Set<OrderId>();
      for (let offset = 0; ; offset += reportPageRows - pageOverlap) {
        let pageRows = 0;
        for await (const batch of this.#certCentral.orderReport(
          { where, fields: plan.sourceFields, limit: reportPageRows, offset },
          read,
        )) {
          pageRows += batch.length;
          for (const order of batch) {
            seen.add(order.id);
            rows.take(order);
          }
        }
        if (pageRows < reportPageRows) break;
      }
      // Orders come and go while a report is read: it lost some only if it has fewer than the list had and has.
      let total = await counting;
      if (seen.size < total) total = Math.min(total, await countByList(this.#certCentral, this.#facts, where, read));
      if (seen.size < total) {
        throw new UpstreamUnavailable(
          'GET /report/order',
          `it gave ${seen.size} of the ${total} orders that the list counts`,
        );
      }
    }
    return rows.whole();
  }

  async #fetchCustom(plan: ReadPlan, query: OrderQuery, selection: Selection, read: OrderRead): Promise<BulkRows> {
    const rows = new RowSet(selection);
    const limit = plan.sourceLimit;
    let stopped = false;
    for (const where of plan.branches) {
      const wantedBefore = rows.size;
      const orders = await this.#customReads.read(plan, query, where, read);
      for (const order of orders ?? []) rows.take(order);
      const isCut = orders !== null && limit !== null && orders.length >= limit;
      if (orders === null || (isCut && rows.size - wantedBefore < orders.length)) {
        // Not the right rows, or some had to be dropped: only the whole answer tells.
        return this.#fetchCustom({ ...plan, sourceLimit: null }, query, selection, read);
      }
      stopped ||= isCut;
    }
    return stopped ? { ...rows.whole(), matching: null, stopped } : rows.whole();
  }
}

class RowSet {
  readonly #selection: Selection;
  readonly #seen = new Set<OrderId>();
  readonly #wanted = new Map<OrderId, Order>();
  #matching = 0;

  constructor(selection: Selection) {
    this.#selection = selection;
  }

  get size(): number {
    return this.#wanted.size;
  }

  take(order: Order): void {
    if (this.#seen.has(order.id)) return;
    this.#seen.add(order.id);
    if (!this.#selection.matches(order)) return;
    this.#matching += 1;
    if (this.#selection.isAhead(order)) this.#wanted.set(order.id, order);
  }

  whole(): BulkRows {
    return { orders: [...this.#wanted.values()], matching: this.#matching, stopped: false, listOffsets: null };
  }
}
