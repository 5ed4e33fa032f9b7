import {
  UpstreamUnavailable,
  type CertCentral,
  type Order,
  type OrderId,
  type OrderListPage,
  type OrderPosition,
  type OrderQuery,
  type OrderRead,
  type PushedCondition,
} from '@certfolio/core';
import { mapConcurrently } from './bounded.ts';
import type { OrderPredicate } from './conditions.ts';
import { compareOrders } from './ordering.ts';
import { isByIdAscending, listPageRows, reportPageRows, type ReadPlan } from './read-plan.ts';
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

/** Custom Reports gave an answer that cannot be shown to be whole: cut at a limit nobody documents, or a failure that passes. */
export class CustomReportsDoubted extends PlanAgain {}

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
    return {
      orders: [...orders.values()],
      matching: matching ?? (plan.exact && scans.length === 1 ? scans[0]!.total : null),
      stopped,
      listOffsets: isByOneScan ? scans[0]!.offsets : null,
    };
  }

  async #fetchReport(plan: ReadPlan, selection: Selection, read: OrderRead): Promise<BulkRows> {
    const rows = new RowSet(selection);
    for (const where of plan.branches) {
      const counting = this.#listCount(where, read);
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
      if (seen.size < total) total = Math.min(total, await this.#listCount(where, read));
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
    const isCut = (orders: readonly Order[]) => limit !== null && orders.length >= limit;
    let stopped = false;
    for (const where of plan.branches) {
      const asking = this.#askCustom(plan, query, where, read);
      const counting = limit === null && isCountedByList(where) ? this.#listCount(where, read) : null;
      // Awaited below; when Custom Reports fails first, its error is the one that counts.
      counting?.catch(() => undefined);
      let orders = await asking;
      if (!isCut(orders)) orders = await this.#provenWhole(plan, query, where, orders, counting, read);
      const wantedBefore = rows.size;
      for (const order of orders) rows.take(order);
      if (!isCut(orders)) continue;
      if (rows.size - wantedBefore < orders.length || !firstRowsAreCertain(query, orders)) {
        // Ties or missing values at the end of the page, or rows that had to be dropped: only the whole answer tells.
        return this.#fetchCustom({ ...plan, sourceLimit: null }, query, selection, read);
      }
      stopped = true;
    }
    return stopped ? { ...rows.whole(), matching: null, stopped } : rows.whole();
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

  /**
   * An answer is whole when the list counts no more rows; where the list cannot count them, when a longer answer was seen
   * whole before.
   *
   * @throws CustomReportsDoubted when it cannot be shown to be whole
   * @throws UpstreamUnavailable when it lost rows of an answer shorter than another that was whole
   */
  async #provenWhole(
    plan: ReadPlan,
    query: OrderQuery,
    where: readonly PushedCondition[],
    orders: readonly Order[],
    counting: Promise<number> | null,
    read: OrderRead,
  ): Promise<readonly Order[]> {
    // There is no second order of one id.
    if (orders.length === 1 && where.some(({ field, op }) => field === 'id' && op === 'eq')) return orders;
    // A whole answer of so many rows may have reached the cap exactly: only shorter ones are surely not cut.
    const isProvenSize = (rows: readonly Order[]) => rows.length < this.#facts.provenCustomRows;
    let latest = orders;
    if (where.every(meansTheSameToTheList)) {
      let total = await (counting ?? this.#listCount(where, read));
      // An order that came or went between the answer and the count looks like a lost one; a second look at both tells.
      if (latest.length < total) {
        latest = await this.#askCustom(plan, query, where, read);
        if (latest.length < total) total = Math.min(total, await this.#listCount(where, read));
      }
      if (latest.length >= total) {
        this.#facts.provenCustomRows = Math.max(this.#facts.provenCustomRows, latest.length);
        return latest;
      }
      if (isProvenSize(latest)) {
        throw new UpstreamUnavailable(
          'POST /reports/query',
          `it gave ${latest.length} of the ${total} orders that the list counts, twice`,
        );
      }
    } else if (isProvenSize(orders)) {
      return orders;
    } else {
      this.#provingCustomRows ??= this.#proveCustomRows(read).finally(() => (this.#provingCustomRows = null));
      // The caller who began the proof may have left; then it is begun again for this one.
      await this.#provingCustomRows.catch(() => this.#proveCustomRows(read));
      if (isProvenSize(orders) || orders.length >= this.#facts.totalOrders!) return orders;
    }
    throw new CustomReportsDoubted(`Custom Reports gave ${latest.length} rows and cannot be shown to have given all`);
  }

  /** Asks once for the ids of all orders, to learn whether Custom Reports cuts an answer of that size. */
  async #proveCustomRows(read: OrderRead): Promise<void> {
    // Counted first: an order that comes between the two is then one more, not one too few.
    const total = await this.#listCount([], read);
    const answer = await this.#certCentral.customReport({ fields: ['id'], where: [], sort: null, limit: null }, read);
    if (answer.kind === 'rows' && answer.orders.length >= total) {
      this.#facts.provenCustomRows = Math.max(this.#facts.provenCustomRows, answer.orders.length);
    }
  }

  async #listCount(where: readonly PushedCondition[], read: OrderRead): Promise<number> {
    const { total } = await this.#certCentral.listOrders({ where, sort: null, limit: 1, offset: 0 }, read);
    if (where.length === 0) this.#facts.totalOrders = total;
    return total;
  }
}

interface ScanOrder {
  /** Wanted rows that suffice; null reads to the end. */
  readonly enough: number | null;
  /** The list applies all conditions, so that pages need be no longer than what is wanted. */
  readonly isExact: boolean;
  /** Nothing precedes the wanted rows. */
  readonly isFirstPage: boolean;
  readonly resume: ResumePoint | null;
}

/** Rows of the list up to and including an order, as an earlier page knew it. */
interface ResumePoint {
  readonly listOffset: number;
  readonly id: number;
}

function resumePoint({ listOffset, id }: OrderPosition): ResumePoint | null {
  return listOffset === undefined || listOffset === 0 ? null : { listOffset, id };
}

/** Times one page is asked for before its missing rows are taken for lost. */
const maxLooks = 3;

/** One pass over the order list in the order of ids. */
class ListScan {
  readonly wanted = new Map<OrderId, Order>();
  readonly offsets = new Map<OrderId, number>();
  readonly matching = new Set<OrderId>();
  /** Rows that do not meet the conditions. */
  dropped = 0;
  total = 0;
  stopped = false;
  fromStart = true;
  readonly #certCentral: CertCentral;
  readonly #where: readonly PushedCondition[];
  readonly #selection: Selection;
  readonly #read: OrderRead;
  readonly #pagesInParallel: number;
  readonly #seen = new Set<OrderId>();
  #pageRows = listPageRows;
  #lastId: OrderId | null = null;

  constructor(
    certCentral: CertCentral,
    where: readonly PushedCondition[],
    selection: Selection,
    read: OrderRead,
    pagesInParallel: number,
  ) {
    this.#certCentral = certCentral;
    this.#where = where;
    this.#selection = selection;
    this.#read = read;
    this.#pagesInParallel = pagesInParallel;
  }

  async run({ enough, isExact, isFirstPage, resume }: ScanOrder): Promise<void> {
    const startAt = resume === null ? 0 : resume.listOffset - pageOverlap;
    // Short pages only where the wanted rows stand at the beginning; else a long list would be read in small steps.
    const isAtWanted = resume !== null || isFirstPage;
    const needed =
      enough !== null && isExact && isAtWanted ? enough + (resume === null ? 0 : pageOverlap) : listPageRows;
    this.#pageRows = Math.min(Math.max(needed, 1 + pageOverlap), listPageRows);
    const first = await this.#readPage(startAt);
    if (resume !== null && first.orders[0]?.id !== resume.id) {
      // Rows moved since the earlier page, so its place in the list means nothing any more.
      return this.run({ enough, isExact, isFirstPage, resume: null });
    }
    this.fromStart = startAt === 0;
    this.total = first.total;
    // A list without more rows than that is read to its end anyway.
    if (enough !== null && first.total - startAt <= enough) enough = null;
    this.#take(first.orders, startAt);
    // A read to the end is proved by the count, one that stops early by pages that overlap.
    const step = enough === null ? this.#pageRows : this.#pageRows - pageOverlap;
    const offsets = rangeOf(startAt + step, this.total - (this.#pageRows - step), step);
    while (offsets.length > 0 && !this.#has(enough)) {
      // With a limit the stride grows while rows stay thin; without one all pages are read.
      const stride =
        enough === null
          ? offsets.length
          : Math.min(this.#pagesInParallel, Math.max(1, Math.ceil(this.#seen.size / this.#pageRows)));
      const next = offsets.splice(0, stride);
      const pages = await mapConcurrently(next, this.#pagesInParallel, (offset) => this.#readPage(offset));
      for (const [index, page] of pages.entries()) {
        if (enough !== null && page.orders[0]?.id !== this.#lastId) return this.#readAgain(startAt, enough);
        this.#take(page.orders, next[index]!);
      }
    }
    this.stopped = offsets.length > 0;
    if (enough === null && this.#seen.size < this.total - startAt) await this.#readAgain(startAt, enough);
  }

  #has(enough: number | null): boolean {
    return enough !== null && this.wanted.size >= enough;
  }

  /** @throws UpstreamUnavailable when the page goes on having fewer rows than its own count says */
  async #readPage(offset: number): Promise<OrderListPage> {
    const sort = { field: 'id', direction: 'asc' } as const;
    for (let look = 1; ; look += 1) {
      const page = await this.#certCentral.listOrders(
        { where: this.#where, sort, limit: this.#pageRows, offset },
        this.#read,
      );
      const rows = new Set(page.orders.map(({ id }) => id)).size;
      const expected = Math.min(this.#pageRows, Math.max(0, page.total - offset));
      if (rows >= expected) return page;
      if (look === maxLooks) {
        throw new UpstreamUnavailable(listRoute, `a page gave ${rows} of ${expected} orders, ${maxLooks} times`);
      }
    }
  }

  /** Pages that were read while rows moved between them do not fit together: one slow pass with overlaps, then give up aloud. */
  async #readAgain(startAt: number, enough: number | null): Promise<void> {
    for (const known of [this.wanted, this.offsets, this.matching, this.#seen]) known.clear();
    this.dropped = 0;
    this.#lastId = null;
    this.#pageRows = listPageRows;
    let offset = startAt;
    for (; offset === startAt || offset + pageOverlap < this.total; offset += this.#pageRows - pageOverlap) {
      if (this.#has(enough)) break;
      const page = await this.#readPage(offset);
      if (offset > startAt && page.orders[0]?.id !== this.#lastId) {
        throw new UpstreamUnavailable(listRoute, 'its pages did not fit together, twice');
      }
      this.total = page.total;
      this.#take(page.orders, offset);
    }
    this.stopped = offset + pageOverlap < this.total;
    if (!this.stopped && this.#seen.size < this.total - startAt) {
      throw new UpstreamUnavailable(
        listRoute,
        `its pages gave ${this.#seen.size} of the ${this.total - startAt} orders it counts, twice`,
      );
    }
  }

  #take(orders: readonly Order[], offset: number): void {
    this.#lastId = orders.at(-1)?.id ?? this.#lastId;
    orders.forEach((order, index) => {
      if (this.#seen.has(order.id)) return;
      this.#seen.add(order.id);
      if (!this.#selection.matches(order)) {
        this.dropped += 1;
        return;
      }
      this.matching.add(order.id);
      if (!this.#selection.isAhead(order)) return;
      this.wanted.set(order.id, order);
      this.offsets.set(order.id, offset + index + 1);
    });
  }
}

const listRoute = 'GET /order/certificate';

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

/** One order by its id needs no count, unless it is missing. */
function isCountedByList(where: readonly PushedCondition[]): boolean {
  return where.every(meansTheSameToTheList) && !where.some(({ field }) => field === 'id');
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

/**
 * Whether the first rows of a sorted, cut answer are surely the first: no value is missing, the rows really stand in the
 * order that was asked for, and the tie at the page's end is complete.
 */
function firstRowsAreCertain(query: OrderQuery, orders: readonly Order[]): boolean {
  const { field } = query.sort[0]!;
  if (orders.some((order) => order[field] == null)) return false;
  const inOrder = compareOrders(query.sort);
  const isTie = (a: Order, b: Order) => a[field] === b[field];
  if (
    orders.some(
      (order, index) => index > 0 && !isTie(orders[index - 1]!, order) && inOrder(orders[index - 1]!, order) > 0,
    )
  ) {
    return false;
  }
  const boundary = orders[query.offset + query.limit!];
  const last = orders.at(-1);
  return boundary !== undefined && last !== undefined && !isTie(boundary, last);
}

function rangeOf(from: number, to: number, step: number): number[] {
  const values: number[] = [];
  for (let value = from; value < to; value += step) values.push(value);
  return values;
}
