import {
  UpstreamBudgetExhausted,
  allOrders,
  factsOf,
  fieldsFrom,
  mayRead,
  type BucketQuery,
  type CertCentral,
  type CertificateMatch,
  type CertificateRef,
  type Clock,
  type Logger,
  type Order,
  type OrderBucket,
  type OrderCondition,
  type OrderField,
  type OrderId,
  type OrderPage,
  type OrderQuery,
  type OrderRead,
  type OrderReader,
  type Read,
} from '@certfolio/core';
import { mapConcurrently } from './bounded.ts';
import { bucketsOf, fieldsOfBuckets } from './buckets.ts';
import { BulkReads } from './bulk-reads.ts';
import { compileConditions, fieldsOfCondition } from './conditions.ts';
import { CustomReportsDoubted, CustomReportTooLong, PlanAgain } from './custom-reads.ts';
import { createJoins, type Joins } from './joins.ts';
import { comesAfter, compareOrders, positionOf } from './ordering.ts';
import { describePlan, planRead, type ReadPlan } from './read-plan.ts';
import { RunPages } from './run-pages.ts';
import { samplePage } from './sample-page.ts';
import { listPageRows } from './source-abilities.ts';
import { LearntFacts } from './source-facts.ts';

export interface LiveOrderReaderOptions {
  readonly certCentral: CertCentral;
  readonly clock: Clock;
  readonly logger: Logger;
  /** List pages read at the same time, 8 by default. */
  readonly pagesInParallel?: number;
  /** Order infos read at the same time, 25 by default. */
  readonly infosInParallel?: number;
}

/** A reader that can tell beforehand what a read would cost; telling spends nothing. */
export interface PlanningOrderReader extends OrderReader {
  expect(query: OrderQuery, read: OrderRead): ExpectedRead;
  expectByIds(ids: number, read: OrderRead): ExpectedRead;
}

export interface ExpectedRead {
  readonly calls: number;
  /** Waiting for the calls included. */
  readonly durationMs: number;
}

/** Reads orders from CertCentral: plans the read, makes it, and filters, sorts and cuts what the source could not. */
export function createLiveOrderReader(options: LiveOrderReaderOptions): PlanningOrderReader {
  return new LiveOrderReader(options);
}

const infoFields = fieldsFrom('info');
const emptyPage = ({ sort, withTotal }: OrderQuery): OrderPage => ({
  orders: [],
  hasNext: false,
  total: withTotal ? 0 : null,
  positionOf: (order) => positionOf(order, sort),
});
/** Expected milliseconds of one order info. */
const infoMs = 200;
/** Rounds of planning, each of which answers or learns something; after these Custom Reports is left alone. */
const maxRounds = 6;
/** Custom Reports is left alone for so long after an answer that may not be whole: a failure that passed must not cost a call per order for good. */
const doubtMs = 60_000;

/** What a set of fields means to the read of one order. */
interface WantedOfOne {
  /** Neither order info nor a join has them. */
  readonly notGiven: readonly OrderField[];
  /** One of those stands in Custom Reports, the report or the list. */
  readonly isBeyondInfo: boolean;
  readonly isJoined: boolean;
}

class LiveOrderReader implements PlanningOrderReader {
  readonly #certCentral: CertCentral;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #joins: Joins;
  readonly #facts = new LearntFacts();
  readonly #bulk: BulkReads;
  readonly #runPages: RunPages;
  readonly #infosInParallel: number;
  readonly #wanted = new WeakMap<ReadonlySet<OrderField>, WantedOfOne>();
  #doubtEndsMs: number | null = null;

  constructor({ certCentral, clock, logger, pagesInParallel = 8, infosInParallel = 25 }: LiveOrderReaderOptions) {
    this.#certCentral = certCentral;
    this.#clock = clock;
    this.#logger = logger;
    this.#joins = createJoins(certCentral);
    this.#bulk = new BulkReads(certCentral, this.#facts, pagesInParallel);
    this.#runPages = new RunPages(clock);
    this.#infosInParallel = infosInParallel;
  }

  async findMany(query: OrderQuery, read: OrderRead): Promise<OrderPage> {
    if (findsNothing(query, read)) return emptyPage(query);
    if (read.planOnly) return this.#planned(query, read);
    if (read.run === null) return this.#findPage(query, read);
    return this.#runPages.page(query, read, (whole) => this.#findPage(whole, read));
  }

  async findByIds(ids: readonly OrderId[], read: OrderRead): Promise<readonly Order[]> {
    const wanted = ids.length === 1 ? ids : [...new Set(ids)];
    if (wanted.length === 0 || isScopeEmpty(read)) return [];
    if (read.planOnly) return this.#plannedByIds(wanted.length, read).orders;
    if (wanted.length === 1) {
      const order = await this.#findOne(wanted[0]!, read);
      return order === null ? [] : [order];
    }
    const all: OrderQuery = { ...oneOrder({ op: 'in', field: 'id', values: wanted }), limit: null };
    if (this.#isCheaperWhole(wanted.length, all, read)) return (await this.#findPage(all, read)).orders;
    const found = await mapConcurrently(wanted, this.#infosInParallel, (id) => this.#findOne(id, read));
    return found.filter((order) => order !== null);
  }

  async findByCertificate(ref: CertificateRef, read: OrderRead): Promise<CertificateMatch | null> {
    if (read.planOnly) return { order: this.#plannedByIds(1, read).orders[0]!, copy: null };
    const order = isScopeEmpty(read) ? null : await this.#findOne(ref, read);
    return order === null ? null : { order, copy: null };
  }

  async buckets(query: BucketQuery, read: Read): Promise<readonly OrderBucket[]> {
    const all: OrderQuery = { ...allOrders, conditions: query.conditions };
    if (read.planOnly) read.ledger.leftUnread('orders');
    const { orders } = await this.findMany(all, { ...read, run: null, fields: fieldsOfBuckets(query) });
    return bucketsOf(orders, query);
  }

  expect(query: OrderQuery, read: OrderRead): ExpectedRead {
    if (findsNothing(query, read)) return { calls: 0, durationMs: 0 };
    return this.#withWait(this.#plan(query, read).expected);
  }

  expectByIds(ids: number, read: OrderRead): ExpectedRead {
    const joins = [...read.fields].some((field) => !infoFields.has(field) && this.#joins.gives(field)) ? 1 : 0;
    return this.#withWait({
      calls: ids + joins,
      durationMs: infoMs * (Math.ceil(ids / this.#infosInParallel) + joins),
    });
  }

  #withWait({ calls, durationMs }: ExpectedRead): ExpectedRead {
    return { calls, durationMs: durationMs + this.#certCentral.outlook().waitMsFor(calls) };
  }

  #planned(query: OrderQuery, read: OrderRead): OrderPage {
    // The pages of a run are one read of all its rows.
    const whole = read.run === null ? query : { ...query, after: null, limit: read.run.rowCap };
    const plan = this.#plan(whole, read);
    read.ledger.planned(describePlan(plan));
    read.ledger.expects(plan.expected.calls);
    read.ledger.readFrom('live', this.#clock.nowMs());
    return samplePage;
  }

  #plannedByIds(ids: number, read: OrderRead): OrderPage {
    const { calls } = this.expectByIds(ids, read);
    read.ledger.planned(`order info for ${ids} orders; expecting ${calls} calls`);
    read.ledger.expects(calls);
    read.ledger.readFrom('live', this.#clock.nowMs());
    return samplePage;
  }

  /** Reading all orders takes fewer calls than one for each of very many ids, once the size of the account is known. */
  #isCheaperWhole(ids: number, query: OrderQuery, read: OrderRead): boolean {
    const { totalOrders } = this.#facts;
    if (totalOrders === null || ids <= Math.ceil(totalOrders / listPageRows) + 1) return false;
    return this.#plan(query, read).expected.calls < ids;
  }

  /** Order info, unless a field is wanted that only Custom Reports and the order report have. */
  async #findOne(ref: OrderId | CertificateRef, read: OrderRead): Promise<Order | null> {
    const wanted = this.#wantedOf(read.fields);
    if (wanted.isBeyondInfo) return this.#findInBulk(ref, read);
    const order = withDocument(await this.#certCentral.orderInfo(ref, read), read);
    read.ledger.readFrom('live', this.#clock.nowMs());
    // CertCentral takes a serial number of decimal digits alone for an order's id.
    if (order !== null && !isMeant(ref, order)) return this.#findInBulk(ref, read);
    if (order === null || !mayRead(read.scope, order.containerId)) return null;
    for (const field of wanted.notGiven) read.ledger.cannotGive(field);
    const lacksCertificateId = read.fields.has('certificateId') && order.certificateId == null;
    const named = lacksCertificateId ? withInfo(await this.#listed(order, read), order) : order;
    if (!wanted.isJoined) return named;
    const [joined] = await this.#joins.add([named], read.fields, read);
    return joined ?? null;
  }

  /** Found out once per set of fields: a selection brings the same one every time. */
  #wantedOf(fields: ReadonlySet<OrderField>): WantedOfOne {
    let wanted = this.#wanted.get(fields);
    if (wanted === undefined) {
      const notGiven = [...fields].filter((field) => !infoFields.has(field) && !this.#joins.gives(field));
      wanted = {
        notGiven,
        isBeyondInfo: notGiven.some((field) => this.#isGivenInBulk(field)),
        isJoined: [...fields].some((field) => this.#joins.gives(field)),
      };
      this.#wanted.set(fields, wanted);
    }
    return wanted;
  }

  /** What the list knows of the order's certificate before it is issued. */
  async #listed(order: Order, read: OrderRead): Promise<Order> {
    const listed = await this.#findInBulk(order.id, { ...read, fields: new Set(['id', 'certificateId']) });
    return listed ?? order;
  }

  async #findInBulk(ref: OrderId | CertificateRef, read: OrderRead): Promise<Order | null> {
    const page = await this.#findPage(oneOrder(conditionOf(ref)), read);
    return page.orders[0] ?? null;
  }

  #isGivenInBulk(field: Parameters<Joins['gives']>[0]): boolean {
    const { sources } = factsOf(field);
    return sources.has('custom') || sources.has('report') || sources.has('list');
  }

  #plan(query: OrderQuery, read: OrderRead, isTooLong = false): ReadPlan {
    if (this.#doubtEndsMs !== null && this.#clock.monotonicMs() >= this.#doubtEndsMs) {
      this.#doubtEndsMs = null;
      this.#facts.customReports = 'unknown';
    }
    const facts = isTooLong ? this.#facts.withoutCustom() : this.#facts;
    return planRead({ query: scoped(query, read), fields: read.fields }, facts, (calls) =>
      this.#certCentral.outlook().waitMsFor(calls),
    );
  }

  async #findPage(query: OrderQuery, read: OrderRead): Promise<OrderPage> {
    let isTooLong = false;
    for (let round = 1; ; round += 1) {
      const plan = this.#plan(query, read, isTooLong);
      const sentence = describePlan(plan);
      this.#logger.debug({ plan: sentence, round, keyId: read.onBehalfOf }, 'Planned a read of orders.');
      try {
        const page = await this.#execute(plan, scoped(query, read), read);
        read.ledger.planned(sentence);
        for (const field of plan.unavailable) read.ledger.cannotGive(field);
        return page;
      } catch (error) {
        if (!(error instanceof PlanAgain)) throw error;
        isTooLong ||= error instanceof CustomReportTooLong;
        if (error instanceof CustomReportsDoubted || round >= maxRounds) {
          this.#facts.customReports = 'not-allowed';
          this.#doubtEndsMs = this.#clock.monotonicMs() + doubtMs;
        }
        this.#logger.info({ plan: sentence, reason: error.message }, 'Planning a read again.');
      }
    }
  }

  async #execute(plan: ReadPlan, query: OrderQuery, read: OrderRead): Promise<OrderPage> {
    const { conditions, sort, offset, limit } = query;
    const isAhead = query.after === null ? () => true : comesAfter(sort, query.after);
    const matchesAll = compileConditions(conditions);
    const infoDecides = plan.orderInfo === 'candidates';
    // What the source was asked to apply and does not show cannot be checked here; what waits for order info is checked below.
    const checkable = conditions.filter((condition) =>
      fieldsOfCondition(condition).every((field) => plan.sourceFields.has(field)),
    );
    const rows = await this.#bulk.fetch(
      plan,
      query,
      { matches: compileConditions(checkable), isAhead: infoDecides ? () => true : isAhead },
      read,
    );
    read.ledger.readFrom('live', this.#clock.nowMs());

    let found = rows.orders;
    let total = rows.matching;
    if (infoDecides) {
      const matching = (await this.#completeByInfo(found, read)).filter(matchesAll);
      found = matching.filter(isAhead);
      total = matching.length;
    }
    const sorted = [...found].sort(compareOrders(sort));
    const end = limit === null ? sorted.length : offset + limit;
    let page: readonly Order[] = sorted.slice(offset, end);
    if (plan.orderInfo === 'rows') {
      // An order that moved to a division outside the scope between the two reads is not shown.
      page = (await this.#completeByInfo(page, read)).filter((order) => mayRead(read.scope, order.containerId));
    }
    return {
      orders: await this.#joins.add(page, read.fields, read),
      hasNext: sorted.length > end || rows.stopped,
      // A report that is cut off says of how many rows, where that is known without a further call.
      total: query.withTotal || read.run !== null ? total : null,
      positionOf: (order) => {
        const listOffset = rows.listOffsets?.get(order.id);
        return { ...positionOf(order, sort), ...(listOffset === undefined ? {} : { listOffset }) };
      },
    };
  }

  /** Adds what order info knows. An order that is gone by now keeps what is known of it. */
  async #completeByInfo(orders: readonly Order[], read: OrderRead): Promise<readonly Order[]> {
    // Calls for a page that cannot be complete before the deadline would be lost, and missing to everybody else.
    const remainingMs = read.deadline.getTime() - this.#clock.nowMs();
    const waitMs = this.#certCentral.outlook().waitMsFor(orders.length);
    if (orders.length > 0 && waitMs > remainingMs) throw new UpstreamBudgetExhausted(waitMs - remainingMs);
    return mapConcurrently(orders, this.#infosInParallel, async (order) => {
      const info = withDocument(await this.#certCentral.orderInfo(order.id, read), read);
      return info === null ? order : withInfo(order, info);
    });
  }
}

/** Order info writes its document for who asks for it by name, and for nobody else; copies of the order lose it. */
function withDocument<O extends Order | null>(order: O, { fields }: OrderRead): O {
  const isAsked = order !== null && fields.has('restOrderInfo') && order.restOrderInfo !== undefined;
  return isAsked ? { ...order, restOrderInfo: order.restOrderInfo } : order;
}

/** Order info leaves the certificate's number out until it is issued, the list and the reports do not: theirs stays then. */
function withInfo(order: Order, info: Order): Order {
  return { ...order, ...info, certificateId: info.certificateId ?? order.certificateId ?? null };
}

/** The scope comes first, as one more condition, so that limits, sorts and counts never see a row outside it. */
function scoped(query: OrderQuery, { scope }: OrderRead): OrderQuery {
  if (scope.containers === 'all') return query;
  return {
    ...query,
    conditions: [{ op: 'in', field: 'containerId', values: [...scope.containers] }, ...query.conditions],
  };
}

const isScopeEmpty = ({ scope }: OrderRead): boolean => scope.containers !== 'all' && scope.containers.size === 0;

/** Known without a call: the scope is empty, or a field may have none of any values. */
function findsNothing({ conditions }: OrderQuery, read: OrderRead): boolean {
  return isScopeEmpty(read) || conditions.some((condition) => condition.op === 'in' && condition.values.length === 0);
}

function isMeant(ref: OrderId | CertificateRef, order: Order): boolean {
  if (typeof ref === 'number') return order.id === ref;
  const [wanted, actual] =
    'serialNumber' in ref ? [ref.serialNumber, order.serialNumber] : [ref.thumbprint, order.thumbprint];
  const plain = (hex: string) => hex.toUpperCase().replace(/^0+/, '');
  return actual != null && plain(actual) === plain(wanted);
}

function conditionOf(ref: OrderId | CertificateRef): OrderCondition {
  if (typeof ref === 'number') return { op: 'in', field: 'id', values: [ref] };
  return 'serialNumber' in ref
    ? { op: 'in', field: 'serialNumber', values: [ref.serialNumber] }
    : { op: 'in', field: 'thumbprint', values: [ref.thumbprint] };
}

function oneOrder(condition: OrderCondition): OrderQuery {
  return { conditions: [condition], sort: [], offset: 0, limit: 1, after: null, withTotal: false };
}
