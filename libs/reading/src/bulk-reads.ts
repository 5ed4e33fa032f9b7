import {
  UpstreamUnavailable,
  type CertCentral,
  type Order,
  type OrderId,
  type OrderQuery,
  type OrderRead,
  type PushedCondition,
} from '@certfolio/core';
import { ListScan, pageOverlap, resumePoint, type Selection } from './list-scan.ts';
import { compareOrders } from './ordering.ts';
import { isByIdAscending, reportPageRows, type ReadPlan } from './read-plan.ts';
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

/** The plan did not fit what CertCentral answered. What was learnt is in the facts; planning starts again. */
export class PlanAgain extends Error {}

/** Custom Reports gave an answer that cannot be shown to be whole: cut at a limit nobody documents, or a failure that passes. */
export class CustomReportsDoubted extends PlanAgain {}

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
