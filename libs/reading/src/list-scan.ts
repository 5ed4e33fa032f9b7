import {
  UpstreamUnavailable,
  type CertCentral,
  type Order,
  type OrderId,
  type OrderListPage,
  type OrderPosition,
  type OrderRead,
  type PushedCondition,
} from '@certfolio/core';
import { mapConcurrently } from './bounded.ts';
import type { OrderPredicate } from './conditions.ts';
import { listPageRows } from './source-abilities.ts';

/** Which rows of a read are wanted. */
export interface Selection {
  /** Meets the conditions, as far as the source's fields tell. */
  readonly matches: OrderPredicate;
  /** Comes after the position the page begins at. */
  readonly isAhead: OrderPredicate;
}

/** Rows that two neighbouring pages both ask for, so that a row that moves between two reads is seen. */
export const pageOverlap = 1;

const listRoute = 'GET /order/certificate';

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

export function resumePoint({ listOffset, id }: OrderPosition): ResumePoint | null {
  return listOffset === undefined || listOffset === 0 ? null : { listOffset, id };
}

/** Times one page is asked for before its missing rows are taken for lost. */
const maxLooks = 3;

/** One pass over the order list in the order of ids. */
export class ListScan {
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
  readonly #withDocuments: boolean;
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
    this.#withDocuments = read.fields.has('restListItem');
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
        { where: this.#where, sort, limit: this.#pageRows, offset, withDocuments: this.#withDocuments },
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

function rangeOf(from: number, to: number, step: number): number[] {
  const values: number[] = [];
  for (let value = from; value < to; value += step) values.push(value);
  return values;
}
