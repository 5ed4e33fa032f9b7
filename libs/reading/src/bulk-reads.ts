import {
  UpstreamUnavailable,
  type CertCentral,
  type Order,
  type OrderId,
  type OrderListPage,
  type OrderQuery,
  type OrderRead,
  type PushedCondition,
} from '@certfolio/core';
import { mapConcurrently } from './bounded.ts';
import type { OrderPredicate } from './conditions.ts';
import { listPageRows, reportPageRows, type ReadPlan } from './read-plan.ts';
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

export interface Selection {
  /** Meets the conditions, as far as the source's fields tell. */
  readonly matches: OrderPredicate;
  /** Comes after the position the page begins at. */
  readonly isAhead: OrderPredicate;
}

/** The plan did not fit what CertCentral answered. What was learnt is in the facts; planning starts again. */
export class PlanAgain extends Error {}

/** Rows that two neighbouring pages both ask for, so that a row that moves between two reads is seen. */
const pageOverlap = 1;

/** Makes the bulk read of a plan and proves that it is whole: pages fit together, counts agree with the list's. */
export class BulkReads {
  readonly #certCentral: CertCentral;
  readonly #facts: LearntFacts;
  readonly #pagesInParallel: number;
  #provingCustomRows: Promise<void> | null = null;

  constructor(certCentral: CertCentral, facts: LearntFacts, pagesInParallel: number) {
    this.#certCentral = certCentral;
    this.#facts = facts;
    this.#pagesInParallel = pagesInParallel;
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
    const single = plan.branches.length === 1;
    const scans: ListScan[] = [];
    for (const where of plan.branches) {
      const scan = new ListScan(
        this.#certCentral,
        where,
        selection,
        read,
        plan.exact ? plan.sourceLimit : null,
        this.#pagesInParallel,
      );
      await scan.run(plan.sourceLimit, single ? (query.after?.listOffset ?? 0) : 0, query.after?.id ?? null);
      scans.push(scan);
    }
    const orders = new Map(scans.flatMap((scan) => [...scan.wanted]));
    const stopped = scans.some((scan) => scan.stopped);
    if (plan.branches.every((where) => where.length === 0)) this.#facts.totalOrders = scans[0]!.total;
    const counted = scans.reduce((sum, scan) => sum + (plan.exact ? scan.total : scan.matching), 0);
    return {
      orders: [...orders.values()],
      matching: plan.exact || scans.every((scan) => !scan.stopped && scan.fromStart) ? counted : null,
      stopped,
      listOffsets: single ? scans[0]!.offsets : null,
    };
  }

  async #fetchReport(plan: ReadPlan, selection: Selection, read: OrderRead): Promise<BulkRows> {
    const rows = new RowSet(selection);
    for (const where of plan.branches) {
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
      const total = await this.#listCount(where, read);
      if (total !== null && seen.size < total) {
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
    for (const where of plan.branches) {
      const orders = await this.#askCustom(plan, query, where, read);
      const wantedBefore = rows.size;
      for (const order of orders) rows.take(order);
      const isCut = limit !== null && orders.length >= limit;
      if (!isCut) await this.#proveWhole(where, orders.length, read);
      if (!isCut) continue;
      if (rows.size - wantedBefore < orders.length || !firstRowsAreCertain(query, orders)) {
        // Ties or missing values at the end of the page, or rows that had to be dropped: only the whole answer tells.
        return this.#fetchCustom({ ...plan, sourceLimit: null }, query, selection, read);
      }
      return { ...rows.whole(), matching: null, stopped: true };
    }
    return rows.whole();
  }

  async #askCustom(
    plan: ReadPlan,
    query: OrderQuery,
    where: readonly PushedCondition[],
    read: OrderRead,
  ): Promise<readonly Order[]> {
    const sort = plan.sourceLimit === null ? null : query.sort[0]!;
    const answer = await this.#certCentral.customReport(
      { fields: [...plan.sourceFields], where, sort, limit: plan.sourceLimit },
      read,
    );
    if (answer.kind === 'not-allowed') {
      this.#facts.customReports = 'not-allowed';
      throw new PlanAgain('the upstream key may not use Custom Reports');
    }
    if (answer.kind === 'unknown-fields') {
      this.#facts.forgetCustomFields(answer.fields);
      throw new PlanAgain(`Custom Reports does not know ${answer.fields.join(', ')}`);
    }
    this.#facts.customReports = 'allowed';
    return answer.orders;
  }

  /** An answer is whole when the list counts no more rows, or when a longer one was seen whole before. */
  async #proveWhole(where: readonly PushedCondition[], rows: number, read: OrderRead): Promise<void> {
    if (rows < this.#facts.provenCustomRows) return;
    const total = await this.#listCount(where, read);
    if (total === null) {
      this.#provingCustomRows ??= this.#proveCustomRows(read).finally(() => (this.#provingCustomRows = null));
      await this.#provingCustomRows;
      if (rows < this.#facts.provenCustomRows) return;
    } else if (rows >= total) {
      this.#facts.provenCustomRows = Math.max(this.#facts.provenCustomRows, rows + 1);
      return;
    }
    this.#facts.customReports = 'not-allowed';
    throw new PlanAgain(`Custom Reports gave ${rows} rows and cannot be shown to have given all`);
  }

  /** Asks once for the ids of all orders, to learn whether Custom Reports cuts an answer of that size. */
  async #proveCustomRows(read: OrderRead): Promise<void> {
    const answer = await this.#certCentral.customReport({ fields: ['id'], where: [], sort: null, limit: null }, read);
    const total = await this.#listCount([], read);
    if (answer.kind === 'rows' && answer.orders.length >= total!)
      this.#facts.provenCustomRows = answer.orders.length + 1;
  }

  /** The list's count of rows with these filters; null when the list understands one of them differently. */
  async #listCount(where: readonly PushedCondition[], read: OrderRead): Promise<number | null> {
    if (!where.every(meansTheSameToTheList)) return null;
    const { total } = await this.#certCentral.listOrders({ where, sort: null, limit: 1, offset: 0 }, read);
    if (where.length === 0) this.#facts.totalOrders = total;
    return total;
  }
}

/** One pass over the order list in the order of ids. */
class ListScan {
  readonly wanted = new Map<OrderId, Order>();
  readonly offsets = new Map<OrderId, number>();
  total = 0;
  matching = 0;
  stopped = false;
  fromStart = true;
  readonly #certCentral: CertCentral;
  readonly #where: readonly PushedCondition[];
  readonly #selection: Selection;
  readonly #read: OrderRead;
  readonly #pageRows: number;
  readonly #pagesInParallel: number;
  readonly #seen = new Set<OrderId>();

  /** @param exactRows rows that suffice when the source applies all conditions, null when pages should be as long as can be */
  constructor(
    certCentral: CertCentral,
    where: readonly PushedCondition[],
    selection: Selection,
    read: OrderRead,
    exactRows: number | null,
    pagesInParallel: number,
  ) {
    this.#certCentral = certCentral;
    this.#where = where;
    this.#selection = selection;
    this.#read = read;
    this.#pageRows = Math.min(exactRows ?? listPageRows, listPageRows);
    this.#pagesInParallel = pagesInParallel;
  }

  /**
   * @param enough stops when so many wanted rows are found; null reads to the end
   * @param resumeAt rows of the list up to and including the order `resumeAfter`, as far as an earlier page knew
   */
  async run(enough: number | null, resumeAt: number, resumeAfter: number | null): Promise<void> {
    const startAt = Math.max(0, resumeAt - pageOverlap);
    const first = await this.#readPage(startAt, null);
    if (startAt > 0 && first.orders[0]?.id !== resumeAfter) {
      // Rows moved since the earlier page, so its place in the list means nothing any more.
      return this.run(enough, 0, null);
    }
    this.fromStart = startAt === 0;
    this.total = first.total;
    this.#take(first.orders, startAt);
    const offsets = rangeOf(startAt + this.#pageRows, this.total, this.#pageRows);
    while (offsets.length > 0 && (enough === null || this.wanted.size < enough)) {
      // With a limit the stride grows while rows stay thin; without one all pages are read.
      const stride =
        enough === null
          ? offsets.length
          : Math.min(this.#pagesInParallel, Math.max(1, Math.ceil(this.#seen.size / this.#pageRows)));
      const next = offsets.splice(0, stride);
      const pages = await mapConcurrently(next, this.#pagesInParallel, (offset) => this.#readPage(offset, this.total));
      pages.forEach((page, index) => this.#take(page.orders, next[index]!));
    }
    this.stopped = offsets.length > 0;
    if (!this.stopped && this.#seen.size < this.total - startAt) await this.#readAgain(startAt);
  }

  async #readPage(offset: number, total: number | null): Promise<OrderListPage> {
    const request = {
      where: this.#where,
      sort: { field: 'id', direction: 'asc' },
      limit: this.#pageRows,
      offset,
    } as const;
    const page = await this.#certCentral.listOrders(request, this.#read);
    const isShort =
      new Set(page.orders.map(({ id }) => id)).size < Math.min(this.#pageRows, (total ?? page.total) - offset);
    // A page with fewer rows than its own count says lost some on the way; one more look decides.
    return isShort ? this.#certCentral.listOrders(request, this.#read) : page;
  }

  /** Pages that were read while rows moved between them do not fit together: one slow pass with overlaps, then give up aloud. */
  async #readAgain(startAt: number): Promise<void> {
    for (let offset = startAt; offset < this.total; offset += this.#pageRows - pageOverlap) {
      const page = await this.#readPage(offset, null);
      this.total = page.total;
      this.#take(page.orders, offset);
    }
    if (this.#seen.size < this.total - startAt) {
      throw new UpstreamUnavailable(
        'GET /order/certificate',
        `its pages gave ${this.#seen.size} of the ${this.total - startAt} orders it counts, twice`,
      );
    }
  }

  #take(orders: readonly Order[], offset: number): void {
    orders.forEach((order, index) => {
      if (this.#seen.has(order.id)) return;
      this.#seen.add(order.id);
      if (!this.#selection.matches(order)) return;
      this.matching += 1;
      if (!this.#selection.isAhead(order)) return;
      this.wanted.set(order.id, order);
      this.offsets.set(order.id, offset + index + 1);
    });
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

/** `issued` does not: the list's filter also gives orders that have since expired. */
function meansTheSameToTheList({ field, op, value }: PushedCondition): boolean {
  if (op !== 'eq') return false;
  if (field === 'status')
    return ['pending', 'rejected', 'revoked', 'waiting_pickup', 'reissue_pending', 'canceled'].includes(String(value));
  return (
    field === 'id' ||
    field === 'containerId' ||
    field === 'organizationId' ||
    field === 'productNameId' ||
    field === 'isRenewed'
  );
}

/** Whether the first rows of a sorted, cut answer are surely the first: no value is missing, and the tie at the page's end is complete. */
function firstRowsAreCertain(query: OrderQuery, orders: readonly Order[]): boolean {
  const { field } = query.sort[0]!;
  if (orders.some((order) => order[field] == null)) return false;
  const boundary = orders[query.offset + query.limit!];
  const last = orders.at(-1);
  return boundary !== undefined && last !== undefined && boundary[field] !== last[field];
}

function rangeOf(from: number, to: number, step: number): number[] {
  const values: number[] = [];
  for (let value = from; value < to; value += step) values.push(value);
  return values;
}
