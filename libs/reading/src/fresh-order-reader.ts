import {
  AppError,
  allOrders,
  anyAge,
  LookupIncomplete,
  orderObjects,
  groupOfField,
  groupsOfFields,
  type BucketQuery,
  type CertificateMatch,
  type CertificateRef,
  type Clock,
  type FieldGroup,
  type Logger,
  type MirrorRefresher,
  type MirrorState,
  type Order,
  type OrderBucket,
  type OrderField,
  type OrderId,
  type OrderMirror,
  type OrderPage,
  type OrderPartReader,
  type OrderQuery,
  type OrderRead,
  type OrderReader,
  type Read,
} from '@certfolio/core';
import { fieldsOfBuckets } from './buckets.ts';
import { fieldsOfCondition } from './conditions.ts';
import { freshnessOf, remedyFor } from './freshness.ts';
import type { PlanningOrderReader } from './live-order-reader.ts';
import { samplePage } from './sample-page.ts';

export interface FreshOrderReaderOptions {
  readonly live: PlanningOrderReader;
  readonly mirror: OrderMirror;
  readonly refresher: MirrorRefresher;
  /** Confirms a duplicate or reissue that only the mirror can find. */
  readonly parts: OrderPartReader;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds since 1970: the source began anew then (the bundled emulator), and what was mirrored earlier is not its data. */
  readonly distrustBeforeMs?: number;
}

/** Orders from the mirror where it is fresh enough, else from the mirror after a refresh, else live. */
export function createFreshOrderReader(options: FreshOrderReaderOptions): OrderReader {
  return new FreshOrderReader(options);
}

/** Kept free before the deadline for what comes after the read. */
const answerMs = 500;

/** Rows of the mirror; `asOfMs` and `isOld` are said of the answer. */
interface FromMirror {
  readonly kind: 'mirror';
  readonly asOfMs: number;
  readonly isOld: boolean;
}

/** Where a read takes its rows from. A live read that fails falls back to old rows, where there are any. */
type Source = FromMirror | { readonly kind: 'live'; readonly old: FromMirror | null };

const live: Source = { kind: 'live', old: null };

interface Choice {
  readonly source: Source;
  /** Fields that the mirror has not (young enough), and that order info adds to the rows of the answer. */
  readonly completed: ReadonlySet<OrderField>;
}

class FreshOrderReader implements OrderReader {
  readonly #live: PlanningOrderReader;
  readonly #mirror: OrderMirror;
  readonly #refresher: MirrorRefresher;
  readonly #parts: OrderPartReader;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #distrustBeforeMs: number;

  constructor({ live, mirror, refresher, parts, clock, logger, distrustBeforeMs = 0 }: FreshOrderReaderOptions) {
    this.#live = live;
    this.#mirror = mirror;
    this.#refresher = refresher;
    this.#parts = parts;
    this.#clock = clock;
    this.#logger = logger;
    this.#distrustBeforeMs = distrustBeforeMs;
  }

  async findMany(query: OrderQuery, read: OrderRead): Promise<OrderPage> {
    const decisive = [...query.conditions.flatMap(fieldsOfCondition), ...query.sort.map(({ field }) => field)];
    const choice = await this.#chooseFor(decisive, read, () => this.#live.expect(query, read));
    if (read.planOnly) {
      const planned = await this.#answer(choice, read, {
        live: () => this.#live.findMany(query, read),
        mirror: (source, completed) => this.#planned(source, query.limit, completed, read),
      });
      return { ...planned, ...(await this.#counted(query, decisive, read)) };
    }
    return this.#answer(choice, read, {
      live: () => this.#live.findMany(query, read),
      mirror: async (source, completed) => {
        // The first page of a report counts its rows, so that one that is cut off can say how many there are.
        const withTotal = query.withTotal || (read.run !== null && query.after === null);
        const page = await this.#mirror.findMany(
          { ...query, withTotal },
          { ...read, fields: without(read.fields, completed) },
        );
        if (read.run !== null && page.total !== null) read.ledger.counted(page.total);
        this.#note(source, `orders from the mirror, ${page.orders.length} rows`, read);
        return completed.size === 0 ? page : { ...page, orders: await this.#complete(page.orders, completed, read) };
      },
    });
  }

  async findByIds(ids: readonly OrderId[], read: OrderRead): Promise<readonly Order[]> {
    const wanted = [...new Set(ids)];
    if (wanted.length === 0) return [];
    const choice = await this.#chooseFor([], read, () => this.#live.expectByIds(wanted.length, read));
    return this.#answer(choice, read, {
      live: () => this.#live.findByIds(wanted, read),
      mirror: async (source, completed) => {
        if (read.planOnly) return (await this.#planned(source, wanted.length, completed, read)).orders;
        const found = await this.#mirror.findByIds(wanted, { ...read, fields: without(read.fields, completed) });
        this.#note(source, `${found.length} orders by id from the mirror`, read);
        return this.#complete(found, completed, read);
      },
    });
  }

  async findByCertificate(ref: CertificateRef, read: OrderRead): Promise<CertificateMatch | null> {
    const choice = await this.#chooseFor(['serialNumber', 'thumbprint'], read, () => this.#live.expectByIds(1, read));
    return this.#answer(choice, read, {
      live: () => (read.planOnly ? this.#live.findByCertificate(ref, read) : this.#findCertificateLive(ref, read)),
      mirror: async (source, completed) => {
        if (read.planOnly) return this.#plannedCertificate(ref, source, completed, read);
        const found = await this.#mirror.findByCertificate(ref, { ...read, fields: without(read.fields, completed) });
        if (found.kind === 'incomplete') return this.#findCertificateLive(ref, read);
        this.#note(source, 'a certificate looked up in the mirror', read);
        if (found.kind === 'none') return null;
        const [order] = await this.#complete([found.match.order], completed, read);
        return order === undefined ? null : { ...found.match, order };
      },
    });
  }

  async buckets(query: BucketQuery, read: Read): Promise<readonly OrderBucket[]> {
    const fields = fieldsOfBuckets(query);
    const decisive = [...fields, ...query.conditions.flatMap(fieldsOfCondition)];
    const whole = { ...allOrders, conditions: query.conditions };
    const choice = await this.#chooseFor(decisive, { ...read, fields }, () =>
      this.#live.expect(whole, { ...read, fields }),
    );
    return this.#answer(choice, read, {
      live: () => this.#live.buckets(query, read),
      mirror: async (source) => {
        const buckets = await this.#mirror.buckets(query, read.scope);
        this.#note(source, 'buckets from the mirror', read);
        return buckets;
      },
    });
  }

  async #answer<T>(
    { source, completed }: Choice,
    read: Read,
    from: {
      readonly live: () => Promise<T>;
      readonly mirror: (source: FromMirror, completed: ReadonlySet<OrderField>) => Promise<T>;
    },
  ): Promise<T> {
    if (source.kind === 'mirror') {
      try {
        return await from.mirror(source, completed);
      } catch (error) {
        // Its database was there a moment ago, when its state was looked at.
        if (read.signal.aborted || !isMirrorAway(error)) throw error;
        this.#logger.warn({ reason: String(error.cause) }, 'The mirror cannot be read; reading live.');
        return from.live();
      }
    }
    try {
      return await from.live();
    } catch (error) {
      if (source.old === null || read.signal.aborted || !isUpstreamFault(error)) throw error;
      this.#logger.info({ code: error.code }, 'CertCentral could not be read; the mirror answers with older data.');
      return from.mirror(source.old, completed);
    }
  }

  /** Decides on the source. @param decisive fields that select and order the rows */
  async #chooseFor(
    decisive: readonly OrderField[],
    read: OrderRead,
    expected: () => { readonly calls: number; readonly durationMs: number },
  ): Promise<Choice> {
    if (read.maxAgeMs === 0) return { source: live, completed: none };
    const state = await this.#stateOrNull();
    if (state === null) return { source: live, completed: none };
    // What few or no orders have without a call for each is not read for all of them when a page is all that is shown.
    const decides = groupsOfFields(decisive);
    const lacking = perOrderGroups.filter(
      (group) =>
        [...decisive, ...read.fields].some((field) => groupOfField.get(field) === group) &&
        freshnessOf(state, new Set([group]), this.#limit(read)).kind === 'unfilled',
    );
    if (lacking.some((group) => decides.has(group))) return { source: live, completed: none };
    const groups = new Set<FieldGroup>(groupsOfFields([...decisive, ...read.fields, 'id']));
    for (const group of lacking) groups.delete(group);
    const source = await this.#sourceOf(state, groups, read, expected);
    const isLacking = (field: OrderField) => lacking.includes(groupOfField.get(field)!);
    return { source, completed: new Set([...read.fields].filter(isLacking)) };
  }

  async #sourceOf(
    state: MirrorState,
    groups: ReadonlySet<FieldGroup>,
    read: OrderRead,
    expected: () => { readonly calls: number; readonly durationMs: number },
  ): Promise<Source> {
    const nowMs = this.#clock.nowMs();
    const freshness = freshnessOf(state, groups, this.#limit(read));
    if (freshness.kind === 'unfilled') return live;
    if (freshness.kind === 'fresh') return { kind: 'mirror', asOfMs: freshness.asOfMs, isOld: false };
    // Sizes of keys are as young as what tells of changes.
    const stale = new Set([...groups].map((group) => (group === 'key' ? 'tracked' : group)));
    const old: FromMirror = { kind: 'mirror', asOfMs: freshness.asOfMs, isOld: true };

    const remainingMs = read.deadline.getTime() - nowMs - answerMs;
    const asked = expected();
    const remedy = remedyFor({
      refreshMs: this.#refresher.expectedMs(stale),
      liveMs: asked.durationMs,
      liveCalls: asked.calls,
      remainingMs,
    });
    if (remedy === 'live') return { kind: 'live', old };
    if (read.planOnly) return old;
    const wait = { deadline: new Date(nowMs + Math.max(0, remainingMs)), signal: read.signal };
    const refreshing = this.#refresher.refresh(stale, nowMs - read.maxAgeMs, wait);
    if (remedy === 'show-old') {
      // It goes on for those who come later.
      refreshing.catch((error: unknown) => this.#logger.debug({ reason: String(error) }, 'A refresh failed.'));
      return old;
    }
    try {
      await refreshing;
    } catch (error) {
      if (read.signal.aborted || !isUpstreamFault(error)) throw error;
      this.#logger.info({ code: error.code }, 'CertCentral could not be read; the mirror answers with older data.');
      return old;
    }
    const refreshed = await this.#stateOrNull();
    if (refreshed === null) return live;
    const after = freshnessOf(refreshed, groups, this.#limit(read));
    return after.kind === 'unfilled' ? live : { kind: 'mirror', asOfMs: after.asOfMs, isOld: after.kind === 'old' };
  }

  #limit({ maxAgeMs }: Read) {
    return { maxAgeMs, nowMs: this.#clock.nowMs(), distrustBeforeMs: this.#distrustBeforeMs };
  }

  /** The mirror's database may be away; CertCentral can still be read. */
  async #stateOrNull(): Promise<MirrorState | null> {
    try {
      return await this.#mirror.state();
    } catch (error) {
      this.#logger.warn({ reason: String(error) }, 'The mirror cannot be read; reading live.');
      return null;
    }
  }

  /** Adds to the rows what order info alone has, where the mirror does not have it already. */
  async #complete(
    orders: readonly Order[],
    fields: ReadonlySet<OrderField>,
    read: OrderRead,
  ): Promise<readonly Order[]> {
    const isKnownOfMost = [...fields].every((field) => knownOfMost.has(field));
    const asked = isKnownOfMost ? orders.filter((order) => [...fields].some((field) => order[field] == null)) : orders;
    if (fields.size === 0 || asked.length === 0) return orders;
    const infos = await this.#live.findByIds(
      asked.map(({ id }) => id),
      { ...read, fields: new Set<OrderField>([...fields, 'id', 'containerId']) },
    );
    const byId = new Map(infos.map((info) => [info.id, info]));
    const isAsked = new Set(asked);
    // An order that is gone by now, or has left the scope, is not shown.
    return orders.flatMap((order) => {
      if (!isAsked.has(order)) return [order];
      const info = byId.get(order.id);
      if (info === undefined) return [];
      return [{ ...order, ...Object.fromEntries([...fields].map((field) => [field, info[field] ?? null])) }];
    });
  }

  /** Whether there is such a certificate the mirror can tell, and where there is none, no more will be read. */
  async #plannedCertificate(
    ref: CertificateRef,
    source: FromMirror,
    completed: ReadonlySet<OrderField>,
    read: OrderRead,
  ): Promise<CertificateMatch | null> {
    const { kind } = await this.#mirror.findByCertificate(ref, { ...read, fields: new Set<OrderField>(['id']) });
    if (kind === 'incomplete') return this.#live.findByCertificate(ref, read);
    if (kind === 'found') {
      const { orders } = await this.#planned(source, 1, completed, read);
      return { order: orders[0]!, copy: null };
    }
    this.#note(source, 'a certificate looked up in the mirror', read);
    return null;
  }

  /** CertCentral finds the present certificate of an order only; copies are found in the mirror and confirmed live. */
  async #findCertificateLive(ref: CertificateRef, read: OrderRead): Promise<CertificateMatch | null> {
    const present = await this.#live.findByCertificate(ref, read);
    if (present !== null) return present;
    const known = await this.#mirror
      .findByCertificate(ref, { ...read, fields: new Set<OrderField>(['id']) })
      .catch(() => null);
    if (known === null || known.kind === 'none') return null;
    const what =
      'serialNumber' in ref
        ? `certificate with serial number ${ref.serialNumber}`
        : `certificate with thumbprint ${ref.thumbprint}`;
    if (known.kind === 'incomplete') throw new LookupIncomplete(what, known.ordersLeft);
    const { order, copy } = known.match;
    if (copy === null) return null;
    const part = copy.kind === 'duplicate' ? 'duplicates' : 'reissues';
    const [copies, [confirmed]] = await Promise.all([
      this.#parts.find(part, [order.id], read),
      this.#live.findByIds([order.id], read),
    ]);
    const certificate = copies.get(order.id)?.find(({ id }) => id === copy.certificate.id);
    return confirmed === undefined || certificate === undefined
      ? null
      : { order: confirmed, copy: { kind: copy.kind, certificate } };
  }

  /** What the mirror knows to match, wherever a run would read it; nothing when it cannot tell. */
  async #counted(
    { conditions, offset }: OrderQuery,
    decisive: readonly OrderField[],
    { scope, counted = [], ...read }: OrderRead,
  ): Promise<Pick<OrderPage, 'expectedRows' | 'expectedBelow'>> {
    const state = await this.#stateOrNull();
    if (state === null) return {};
    const limit = { ...this.#limit({ ...read, scope }), maxAgeMs: anyAge };
    const isFilled = (fields: readonly OrderField[]) =>
      freshnessOf(state, groupsOfFields(fields), limit).kind !== 'unfilled';
    if (!isFilled([...decisive, 'id'])) return {};
    const objects = counted.filter((kind) => isFilled(orderObjects.get(kind)!));
    const count = await this.#mirror.count(conditions, objects, scope).catch(() => null);
    if (count === null) return {};
    return { expectedRows: Math.max(0, count.orders - offset), expectedBelow: count.below };
  }

  /** What a run would do, with one row so that reads below it are planned too. */
  async #planned(
    source: FromMirror,
    limit: number | null,
    completed: ReadonlySet<OrderField>,
    read: OrderRead,
  ): Promise<OrderPage> {
    const rows = Math.min(limit ?? Number.MAX_SAFE_INTEGER, (await this.#mirror.state()).orders);
    const calls = completed.size === 0 ? 0 : rows;
    this.#note(source, `orders from the mirror${calls === 0 ? '' : `; order info for up to ${calls} rows`}`, read);
    read.ledger.expects(calls);
    return samplePage;
  }

  #note({ asOfMs, isOld }: FromMirror, sentence: string, { ledger }: Read): void {
    ledger.readFrom('mirror', asOfMs);
    if (isOld) ledger.isOlderThanAsked();
    ledger.planned(sentence);
  }
}

const none: ReadonlySet<OrderField> = new Set();
/** Groups that order info fills order by order. */
const perOrderGroups: readonly FieldGroup[] = ['info', 'key'];

/** The mirror has them row by row: a size where there is a certificate request, a document where order info was read since the last change. */
const knownOfMost: ReadonlySet<OrderField> = new Set(['keySize', 'restOrderInfo']);

/** What the mirror is asked for: what it knows of most rows in any case. */
function without(fields: ReadonlySet<OrderField>, left: ReadonlySet<OrderField>): ReadonlySet<OrderField> {
  return left.size === 0 ? fields : new Set([...fields].filter((field) => !left.has(field) || knownOfMost.has(field)));
}

function isUpstreamFault(error: unknown): error is AppError {
  return error instanceof AppError && error.entry.fault === 'certcentral';
}

function isMirrorAway(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'SERVICE_UNAVAILABLE';
}
