import {
  accountListNames,
  restListNames,
  everything,
  ReadLedger,
  type AccountListName,
  type AccountLists,
  type Clock,
  type Logger,
  type MirrorWriteBack,
  type OrderHistory,
  type OrderPartReader,
  type OrderReader,
  type Read,
} from '@certfolio/core';
import { migrate, type Pool } from '@certfolio/database';
import {
  createListMirror,
  createMirrorSync,
  createOrderHistory,
  createOrderMirror,
  findMirrorOfKey,
  isMirrorThere,
  openMirror,
  readExpiries,
  rememberKey,
  type Expiries,
  type ExpiriesWanted,
  type MirrorBinding,
  type MirrorSync,
} from '@certfolio/mirror/postgres';
import { KeptLists, createFreshOrderReader, createFreshPartReader, type PlanningOrderReader } from '@certfolio/reading';
import type { MirrorConfiguration } from '@certfolio/runtime';
import type { CertCentralClient } from '@certfolio/upstream';
import type { MirrorStatus } from '@certfolio/subgraph-control';
import { whileKeyStays } from './keyed-feed.ts';

/** Readers that ask CertCentral each time. */
export interface LiveReaders {
  readonly orders: PlanningOrderReader;
  readonly parts: OrderPartReader;
  readonly lists: AccountLists;
}

/** The same questions, answered from the mirror where it is young enough, and one that it alone can answer. */
export interface MirroredReaders {
  readonly orders: OrderReader;
  readonly parts: OrderPartReader;
  readonly lists: AccountLists;
  readonly history: OrderHistory;
}

export interface AccountMirrorOptions {
  readonly name: string;
  readonly baseUrl: string;
  readonly apiKey: () => string;
  readonly client: CertCentralClient;
  readonly pool: Pool;
  readonly settings: MirrorConfiguration;
  /** The source began anew then: what was read earlier is of other data. */
  readonly distrustBefore?: Date;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

/** A mirror that is bound to its account. */
interface Bound {
  readonly key: string;
  readonly binding: MirrorBinding;
  readonly sync: MirrorSync;
  readonly readers: MirroredReaders;
  readonly expiries: (wanted: ExpiriesWanted) => Promise<Expiries>;
  readonly end: () => Promise<void>;
}

const bindAgainMs = 5_000;
/** Whether the key is another now, or the database was restored. */
const lookAgainMs = 1_000;
/** A list is read again when it has used up this part of the age that answers may have. */
const renewPart = 0.7;
/** A list that the key may not read is not asked for again in this time. */
const failedListMs = 600_000;
const isOnDemand: ReadonlySet<AccountListName> = new Set(restListNames);

/**
 * The mirror of one upstream account. It answers as soon as it is known which account the key belongs to: CertCentral
 * says so, or it did for the same key earlier. Until then, and when the key changes or the database is restored, reads are live.
 */
export class AccountMirror {
  readonly #options: AccountMirrorOptions;
  readonly #closing = new AbortController();
  #bound: Bound | null = null;
  #live: LiveReaders | null = null;
  #running: Promise<void> | null = null;

  constructor(options: AccountMirrorOptions) {
    this.#options = options;
  }

  /** Begins to fill and follow; ends with `stop`. @param live answers what the mirror cannot */
  start(live: LiveReaders): void {
    this.#live = live;
    this.#running = this.#keepBound();
  }

  async stop(): Promise<void> {
    this.#closing.abort(new Error('The mirror is stopping.'));
    await this.#running;
  }

  readers(): MirroredReaders | null {
    return this.#current()?.readers ?? null;
  }

  /** Where live reads leave what they saw. */
  readonly writeBack: MirrorWriteBack = {
    sawOrder: async (id, order, asOfMs) => this.#current()?.sync.sawOrder(id, order, asOfMs),
    sawPart: async (part, id, value, asOfMs) => this.#current()?.sync.sawPart(part, id, value, asOfMs),
  };

  /** Null while it is not known which account it would be of. */
  async status(): Promise<MirrorStatus | null> {
    const bound = this.#current();
    if (bound === null) return null;
    const { groups, orders, upstreamTotal, copiesMissing } = await bound.sync.status();
    const ofRows = [groups.tracked, groups.report, groups.custom, groups.list];
    const isFilled = ofRows.every(({ isComplete }) => isComplete);
    const agesMs = ofRows.flatMap(({ asOf }) => (asOf === null ? [] : [asOf.getTime()]));
    return {
      dataAsOf: isFilled ? new Date(Math.min(...agesMs)) : null,
      orders,
      upstreamTotal,
      complete: isFilled && upstreamTotal !== null && orders >= upstreamTotal,
      ordersLeft: copiesMissing,
    };
  }

  /** What ends when; null while there is no mirror, or it is not filled yet. Never calls CertCentral. */
  async expiries(wanted: ExpiriesWanted): Promise<(Expiries & { readonly dataAsOf: Date }) | null> {
    const bound = this.#current();
    const dataAsOf = (await this.status())?.dataAsOf ?? null;
    return bound === null || dataAsOf === null ? null : { ...(await bound.expiries(wanted)), dataAsOf };
  }

  /** Reads what is due, or everything. Null while there is no mirror. @throws as `OrderReader` */
  async refresh(isFull: boolean): Promise<MirrorStatus | null> {
    const bound = this.#current();
    if (bound === null) return null;
    if (isFull) await bound.sync.fullResync();
    else {
      const { clock } = this.#options;
      const wait = { deadline: new Date(clock.nowMs() + 600_000), signal: this.#closing.signal };
      await bound.sync.refresh(new Set(['tracked', 'report'] as const), clock.nowMs(), wait);
    }
    return this.status();
  }

  #current(): Bound | null {
    return this.#bound !== null && this.#bound.key === this.#keyOrNull() ? this.#bound : null;
  }

  /** A key file that cannot be read at this moment belongs to nobody. */
  #keyOrNull(): string | null {
    try {
      return this.#options.apiKey();
    } catch {
      return null;
    }
  }

  async #keepBound(): Promise<void> {
    const { signal } = this.#closing;
    const { clock, logger, name } = this.#options;
    while (!signal.aborted) {
      try {
        if (this.#current() === null || (await this.#isReplaced())) await this.#bind(signal);
        await clock.sleep(lookAgainMs, signal);
      } catch (error) {
        if (signal.aborted) break;
        logger.warn({ account: name, reason: reasonOf(error) }, 'The mirror of an account could not be opened yet.');
        await clock.sleep(bindAgainMs, signal).catch(() => undefined);
      }
    }
    await this.#bound?.end();
  }

  /** While the database is away nobody knows; readers say that it is. */
  async #isReplaced(): Promise<boolean> {
    const { pool, logger, name } = this.#options;
    const isThere = this.#bound === null || (await isMirrorThere(pool, this.#bound.binding).catch(() => true));
    if (!isThere)
      logger.info({ account: name }, 'The database was restored; the mirror of the account is opened anew.');
    return !isThere;
  }

  async #bind(signal: AbortSignal): Promise<void> {
    const { pool, name, baseUrl, client, clock, distrustBefore } = this.#options;
    await this.#bound?.end();
    this.#bound = null;
    await migrate(pool);
    const key = this.#options.apiKey();
    const known = distrustBefore === undefined ? await findMirrorOfKey(pool, { baseUrl, key }) : null;
    // So it answers while CertCentral is down. A key never moves to another account.
    if (known !== null) return this.#open(known, key);
    const { id } = await client.account(this.#read(signal));
    if (key !== this.#keyOrNull()) return;
    const binding = await openMirror(pool, {
      name,
      baseUrl,
      accountId: id,
      ...(distrustBefore === undefined ? {} : { distrustBefore }),
    });
    await rememberKey(pool, binding.upstreamId, { baseUrl, key }, new Date(clock.nowMs()));
    this.#open(binding, key);
  }

  #open(binding: MirrorBinding, key: string): void {
    const { pool, client, settings, clock, logger, random } = this.#options;
    const live = this.#live!;
    const distrustBeforeMs = this.#options.distrustBefore?.getTime() ?? 0;
    const ending = new AbortController();
    const mirror = createOrderMirror(pool, binding.upstreamId, { clock });
    const sync = createMirrorSync({
      pool,
      binding,
      feed: whileKeyStays(client, () => key === this.#keyOrNull()),
      settings,
      clock,
      random,
      logger,
      onWritten: () => mirror.changed(),
    });
    const lists = new KeptLists({
      live: live.lists,
      mirror: createListMirror(pool, binding.upstreamId),
      clock,
      logger,
      signal: ending.signal,
      distrustBeforeMs,
    });
    const parts = createFreshPartReader({ live: live.parts, mirror, clock, distrustBeforeMs });
    const orders = createFreshOrderReader({
      live: live.orders,
      mirror,
      refresher: sync,
      parts,
      clock,
      logger,
      distrustBeforeMs,
    });
    const { historyDays } = settings;
    const history = createOrderHistory(pool, binding.upstreamId, { clock, historyDays, notBeforeMs: distrustBeforeMs });
    const running = Promise.all([sync.run(ending.signal), this.#keepLists(lists, ending.signal)]);
    this.#bound = {
      key,
      binding,
      sync,
      readers: { orders, parts, lists, history },
      expiries: (wanted) => readExpiries(pool, binding.upstreamId, wanted, clock),
      async end() {
        ending.abort(new Error('The mirror is stopping.'));
        await running;
      },
    };
  }

  /** Reads the lists again before they are too old for answers. */
  async #keepLists(lists: KeptLists, signal: AbortSignal): Promise<void> {
    const { settings, clock, logger } = this.#options;
    const renewMs = settings.maxAgeSeconds * 1_000 * renewPart;
    const failedMs = new Map<AccountListName, number>();
    while (!signal.aborted) {
      for (const list of [...accountListNames, ...restListNames]) {
        if (signal.aborted) return;
        const failed = failedMs.get(list);
        if (failed !== undefined && clock.monotonicMs() - failed < failedListMs) continue;
        const asOfMs = await lists.asOfMs(list);
        if (asOfMs === null ? isOnDemand.has(list) : clock.nowMs() - asOfMs < renewMs) continue;
        try {
          await lists.all(list, this.#read(signal));
        } catch (error) {
          if (signal.aborted) return;
          failedMs.set(list, clock.monotonicMs());
          logger.info({ list, reason: reasonOf(error) }, 'A list could not be mirrored; answers read it live.');
        }
      }
      await clock.sleep(settings.roundSeconds * 1_000, signal).catch(() => undefined);
    }
  }

  /** A live read for the mirror's own sake. */
  #read(signal: AbortSignal): Read {
    return {
      scope: everything,
      maxAgeMs: 0,
      planOnly: false,
      deadline: new Date(this.#options.clock.nowMs() + 120_000),
      lane: 'backfill',
      onBehalfOf: 'mirror',
      signal,
      ledger: new ReadLedger(),
      run: null,
    };
  }
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
