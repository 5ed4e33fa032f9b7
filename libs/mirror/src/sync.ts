import {
  GatewayTimeout,
  ReadLedger,
  UpstreamRefused,
  type Clock,
  type FieldGroup,
  type Logger,
  type MirrorRefresher,
  type MirrorWriteBack,
  type Order,
  type OrderId,
  type OrderPart,
  type OrderPartsOf,
  type RefreshWait,
} from '@certfolio/core';
import type { Pool } from '@certfolio/database';
import { backfillStep, RecentFailures } from './backfill.ts';
import type { MirrorBinding } from './binding.postgres.ts';
import type { CallMaker, MirrorFeed } from './feed.ts';
import { FollowedChanges } from './rounds-follow.ts';
import type { Wanted } from './rounds-plan.ts';
import { readCounts, readRecord, saveNotes, type MirrorCounts, type MirrorRecord } from './store-groups.postgres.ts';
import { whileLocked } from './sync-lock.postgres.ts';
import { keepFilling, keepRounds } from './sync-loops.ts';
import { runRound, type RoundOutcome } from './sync-round.ts';
import { expectedRefreshMs, unknownMs } from './sync-expectation.ts';
import { statusOf, type MirrorStatus } from './sync-status.ts';
import { createMirrorWriteBack } from './sync-write-back.ts';

export interface MirrorSettings {
  /** From the end of one round to the beginning of the next, give or take a tenth. */
  readonly roundSeconds: number;
  /** A whole comparison at least so often; `auto`: 20 times what one takes, within 4 and 60 minutes. */
  readonly fullComparisonSeconds: number | 'auto';
  readonly historyDays: number;
  /** Whether order info, duplicates and reissues are read for orders that nobody asks for. */
  readonly backfill: boolean;
  readonly backfillAfterSeconds: number;
  readonly backfillCallsPerSecond: number;
}

export interface MirrorSyncOptions {
  readonly pool: Pool;
  readonly binding: MirrorBinding;
  readonly feed: MirrorFeed;
  readonly settings: MirrorSettings;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  /** Told after what this process wrote, or saw that another did, so that `OrderMirror.state` looks again. */
  readonly onWritten?: () => void;
}

/** Keeps the mirror of one account. Any number of processes may have one; one at a time reads. */
export interface MirrorSync extends MirrorRefresher, MirrorWriteBack {
  /** Rounds and backfill until the signal aborts; then what is under way is broken off, and it resolves. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /**
   * Reads what is due now, if anything is and no other process does it.
   *
   * @returns what was read; `elsewhere` when another process is at it
   * @throws as `OrderReader`
   */
  round(): Promise<RoundOutcome['kind'] | 'elsewhere'>;
  /** One step of the backfill; how many orders' details were read. */
  backfillStep(): Promise<number>;
  /** Compares everything, trusting nothing that was read; details follow by the backfill. @throws as `round` */
  fullResync(): Promise<void>;
  status(): Promise<MirrorStatus>;
}

export function createMirrorSync(options: MirrorSyncOptions): MirrorSync {
  return new AccountSync(options);
}

/** Of the calls of a round: how long they may wait for the budget. */
const callDeadlineMs = 15 * 60_000;
/** How often somebody who waits looks whether another process is done. */
const lookMs = 250;

class AccountSync implements MirrorSync {
  readonly #options: MirrorSyncOptions;
  readonly #upstreamId: number;
  readonly #closing = new AbortController();
  readonly #waiting = new Set<Wanted>();
  readonly #followed = new FollowedChanges();
  readonly #failures = new RecentFailures();
  readonly #writeBack: MirrorWriteBack;
  #running: Promise<RoundOutcome | null> | null = null;
  #latest: { readonly record: MirrorRecord; readonly counts: MirrorCounts } | null = null;

  constructor(options: MirrorSyncOptions) {
    this.#options = options;
    this.#upstreamId = options.binding.upstreamId;
    this.#writeBack = createMirrorWriteBack(options.pool, this.#upstreamId, options.logger);
  }

  async run(signal: AbortSignal): Promise<void> {
    const closes = () => this.#closing.abort(signal.reason);
    signal.addEventListener('abort', closes, { once: true });
    if (signal.aborted) closes();
    const { signal: closing } = this.#closing;
    const loops = { ...this.#options, upstreamId: this.#upstreamId, sync: this };
    await Promise.all([
      keepRounds(loops, closing),
      this.#options.settings.backfill ? keepFilling(loops, closing) : undefined,
    ]);
    await this.#running?.catch(() => undefined);
    signal.removeEventListener('abort', closes);
  }

  async round(): Promise<RoundOutcome['kind'] | 'elsewhere'> {
    return (await this.#advance())?.kind ?? 'elsewhere';
  }

  async backfillStep(): Promise<number> {
    const { pool, feed, clock, logger } = this.#options;
    const { groups } = await readRecord(pool, this.#upstreamId);
    // The list says who has reissues; before it was read every order would be asked for them.
    if (groups.list.asOfMs === null) return 0;
    const call = this.#makeCall(new ReadLedger(), () => 'backfill');
    const step = { pool, upstreamId: this.#upstreamId, feed, call, clock, logger };
    const done = await whileLocked(pool, 'backfill', this.#upstreamId, () =>
      backfillStep(step, this.#failures, this.#closing.signal),
    );
    if (done !== null && done.result > 0) this.#options.onWritten?.();
    return done?.result ?? 0;
  }

  async fullResync(): Promise<void> {
    await saveNotes(this.#options.pool, this.#upstreamId, { isResyncWanted: true });
    for (;;) {
      await this.#advance();
      if (!(await readRecord(this.#options.pool, this.#upstreamId)).isResyncWanted) return;
      await this.#options.clock.sleep(lookMs, this.#closing.signal);
    }
  }

  async status(): Promise<MirrorStatus> {
    const { record, counts } = await this.#look();
    return statusOf(record, counts);
  }

  async refresh(groups: ReadonlySet<FieldGroup>, notBeforeMs: number, wait: RefreshWait): Promise<void> {
    const want: Wanted = { groups, notBeforeMs };
    const beganMs = this.#options.clock.monotonicMs();
    // A round that was under way already when somebody came knows nothing of him, and its failure is not his.
    let mayFail = this.#running !== null;
    this.#waiting.add(want);
    try {
      for (;;) {
        const record = await readRecord(this.#options.pool, this.#upstreamId);
        if ([...groups].every((group) => isYoung(record, group, notBeforeMs))) {
          this.#options.onWritten?.();
          return;
        }
        const outcome = await this.#within(this.#advanceFor(mayFail), wait, beganMs);
        if (outcome === 'elsewhere') await this.#within(this.#options.clock.sleep(lookMs), wait, beganMs);
        else if (outcome === 'none' && !mayFail) throw notToBeHad();
        mayFail = false;
      }
    } finally {
      this.#waiting.delete(want);
    }
  }

  expectedMs(groups: ReadonlySet<FieldGroup>): number {
    if (this.#latest === null) return unknownMs;
    return expectedRefreshMs(groups, this.#latest.record, this.#latest.counts);
  }

  async sawOrder(id: OrderId, order: Order | null, asOfMs: number): Promise<void> {
    await this.#writeBack.sawOrder(id, order, asOfMs);
    this.#options.onWritten?.();
  }

  async sawPart<P extends OrderPart>(part: P, id: OrderId, value: OrderPartsOf[P], asOfMs: number): Promise<void> {
    await this.#writeBack.sawPart(part, id, value, asOfMs);
    this.#options.onWritten?.();
  }

  async #advanceFor(mayFail: boolean): Promise<RoundOutcome['kind'] | 'elsewhere' | 'failed'> {
    try {
      return (await this.#advance())?.kind ?? 'elsewhere';
    } catch (error) {
      if (mayFail) return 'failed';
      throw error;
    }
  }

  /** Joins the round under way, or begins one. Null when another process is at it. */
  #advance(): Promise<RoundOutcome | null> {
    this.#running ??= this.#begin().finally(() => (this.#running = null));
    return this.#running;
  }

  async #begin(): Promise<RoundOutcome | null> {
    const context = {
      options: this.#options,
      wanted: () => [...this.#waiting],
      makeCall: (ledger: ReadLedger) =>
        this.#makeCall(ledger, () => (this.#waiting.size > 0 ? 'interactive' : 'backfill')),
      followed: this.#followed,
    };
    const done = await whileLocked(this.#options.pool, 'round', this.#upstreamId, (client) =>
      runRound(client, context),
    );
    if (done !== null) this.#latest = done.result;
    this.#options.onWritten?.();
    return done?.result ?? null;
  }

  #makeCall(ledger: ReadLedger, lane: () => 'interactive' | 'backfill'): CallMaker {
    return () => ({
      lane: lane(),
      onBehalfOf: 'mirror',
      deadline: new Date(this.#options.clock.nowMs() + callDeadlineMs),
      signal: this.#closing.signal,
      ledger,
    });
  }

  async #look(): Promise<{ readonly record: MirrorRecord; readonly counts: MirrorCounts }> {
    const { pool } = this.#options;
    this.#latest = {
      record: await readRecord(pool, this.#upstreamId),
      counts: await readCounts(pool, this.#upstreamId),
    };
    return this.#latest;
  }

  /** @throws GatewayTimeout at the deadline; what was waited for goes on */
  async #within<T>(work: Promise<T>, { deadline, signal }: RefreshWait, beganMs: number): Promise<T> {
    const { clock } = this.#options;
    const ends = new AbortController();
    const leftMs = Math.max(0, deadline.getTime() - clock.nowMs());
    const gone = () => ends.abort(signal.reason);
    signal.addEventListener('abort', gone, { once: true });
    if (signal.aborted) gone();
    work.catch(() => undefined);
    try {
      return await Promise.race([
        work,
        clock.sleep(leftMs, ends.signal).then((): never => {
          throw new GatewayTimeout('The refresh of the mirror', clock.monotonicMs() - beganMs);
        }),
      ]);
    } finally {
      signal.removeEventListener('abort', gone);
      ends.abort();
    }
  }
}

/** Nothing is left to read and a group is still too old: what it would take is refused to the key. */
const notToBeHad = () =>
  new UpstreamRefused('POST /reports/query', 403, 'the key may not read what these fields would need');

function isYoung({ groups }: MirrorRecord, group: FieldGroup, notBeforeMs: number): boolean {
  const { asOfMs, isComplete } = groups[group];
  return isComplete && asOfMs !== null && asOfMs >= notBeforeMs;
}
