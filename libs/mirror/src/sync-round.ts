import { ReadLedger, type FieldGroup } from '@certfolio/core';
import type { PoolClient } from 'pg';
import { nextTasks } from './backfill.postgres.ts';
import type { CallMaker } from './feed.ts';
import { compareAll, ReportRefused } from './rounds-compare.ts';
import { followChanges, type FollowedChanges } from './rounds-follow.ts';
import { readInfo } from './rounds-info.ts';
import { readList } from './rounds-list.ts';
import { planRound, type RoundPlan, type Wanted } from './rounds-plan.ts';
import type { Round, RoundResult } from './rounds.ts';
import {
  readCounts,
  readRecord,
  saveGroups,
  saveNotes,
  saveTotal,
  settleGroups,
  type Abilities,
  type MirrorCounts,
  type MirrorRecord,
  type RoundRecord,
} from './store-groups.postgres.ts';
import { forgetReadings, markVanished, renewStatistics } from './store.postgres.ts';
import type { MirrorSyncOptions } from './sync.ts';

/** Order info that a round reads for somebody who waits, at most; then it looks again who waits for what. */
const infoOrders = 100;
/** When a round changed more than this part of the orders, the server's statistics tell of other data. */
const muchChanged = 0.1;
/** After so long a source that was refused is asked again. */
const askAgainMs = 60 * 60_000;

export type RoundKind = RoundPlan['kind'] | 'resync';

export interface RoundOutcome {
  /** What was read; `none` when nothing was due. */
  readonly kind: RoundKind;
  readonly record: MirrorRecord;
  readonly counts: MirrorCounts;
}

export interface RoundContext {
  readonly options: MirrorSyncOptions;
  readonly wanted: () => readonly Wanted[];
  readonly makeCall: (ledger: ReadLedger) => CallMaker;
  readonly followed: FollowedChanges;
}

/** One round on the connection that has the lock: what is due is decided and read, and how it went is written down. */
export async function runRound(client: PoolClient, context: RoundContext): Promise<RoundOutcome> {
  const { clock, binding, settings, logger } = context.options;
  const { upstreamId } = binding;
  const record = await readRecord(client, upstreamId);
  const counts = await readCounts(client, upstreamId);
  const startedMs = clock.nowMs();
  const abilities = currentAbilities(record.abilities, startedMs);
  const plan: RoundPlan = record.isResyncWanted
    ? { kind: 'compare', why: 'a full resync was asked for' }
    : planRound({
        nowMs: startedMs,
        groups: record.groups,
        abilities,
        orders: counts.orders,
        infoMissing: counts.infoMissing,
        roundMs: settings.roundSeconds * 1_000,
        comparePeriodMs: settings.fullComparisonSeconds === 'auto' ? 'auto' : settings.fullComparisonSeconds * 1_000,
        compareFailedAtMs: record.compareFailedAtMs,
        wanted: context.wanted(),
      });
  if (plan.kind === 'none') return { kind: 'none', record, counts };

  const beganMs = clock.monotonicMs();
  const ledger = new ReadLedger();
  const reading = new RoundReading(client, context, record, counts, abilities, ledger, new Date(startedMs));
  const note = (kind: RoundKind, changes: number, error: string | null): RoundRecord => {
    const tookMs = Math.round(clock.monotonicMs() - beganMs);
    return { kind, atMs: startedMs, calls: ledger.upstreamCalls, changes, tookMs, error };
  };
  try {
    const { result, kind } = await reading.run(plan, record.isResyncWanted);
    const lastRound = note(kind, result.changes, null);
    const isWhole = result.groups.includes('report') || (!reading.abilities.report && result.groups.includes('list'));
    if (result.total !== null) await saveTotal(client, upstreamId, result.total, new Date(startedMs));
    await saveNotes(client, upstreamId, {
      lastRound,
      abilities: reading.abilities,
      ...(isWhole ? { compareFailedAtMs: null, isResyncWanted: false } : {}),
    });
    // Before the rows count as read: the first questions come at once.
    if (result.changes > counts.orders * muchChanged) await renewStatistics(client);
    if (result.groups.length > 0)
      await saveGroups(client, upstreamId, result.groups, { asOf: reading.asOf, tookMs: lastRound.tookMs });
    await settleGroups(client, upstreamId);
    logger.info({ account: binding.accountId, ...lastRound }, 'The mirror was brought up to date.');
    return {
      kind,
      record: await readRecord(client, upstreamId),
      counts: await readCounts(client, upstreamId),
    };
  } catch (error) {
    const lastRound = note(plan.kind, 0, error instanceof Error ? error.message : String(error));
    // The connection may be what failed; then nobody hears of this round but the caller.
    await saveNotes(client, upstreamId, {
      lastRound,
      abilities: reading.abilities,
      ...(reading.isComparing ? { compareFailedAtMs: startedMs } : {}),
    }).catch(() => undefined);
    throw error;
  }
}

/** A refusal is believed for an hour. */
function currentAbilities(known: Abilities, nowMs: number): Abilities {
  const isOld = known.refusedAtMs !== null && nowMs - known.refusedAtMs >= askAgainMs;
  return isOld ? { report: true, custom: true, refusedAtMs: null } : known;
}

class RoundReading {
  abilities: Abilities;
  isComparing = false;
  readonly asOf: Date;
  readonly #client: PoolClient;
  readonly #context: RoundContext;
  readonly #record: MirrorRecord;
  readonly #counts: MirrorCounts;
  readonly #call: CallMaker;

  constructor(
    client: PoolClient,
    context: RoundContext,
    record: MirrorRecord,
    counts: MirrorCounts,
    abilities: Abilities,
    ledger: ReadLedger,
    asOf: Date,
  ) {
    this.#client = client;
    this.#context = context;
    this.#record = record;
    this.#counts = counts;
    this.abilities = abilities;
    this.#call = context.makeCall(ledger);
    this.asOf = asOf;
  }

  async run(
    plan: Exclude<RoundPlan, { kind: 'none' }>,
    isResync: boolean,
  ): Promise<{ readonly result: RoundResult; readonly kind: RoundKind }> {
    if (isResync) {
      await forgetReadings(this.#client, this.#upstreamId);
      const compared = await this.#compare();
      const listed = await readList(this.#round());
      return { result: merged(compared, listed), kind: 'resync' };
    }
    switch (plan.kind) {
      case 'compare':
        return { result: await this.#compare(), kind: this.abilities.report ? 'compare' : 'list' };
      case 'list':
        this.isComparing = !this.abilities.report;
        return { result: await readList(this.#round()), kind: 'list' };
      case 'follow': {
        const followed = await followChanges(this.#round(), {
          lastSeconds: plan.lastSeconds,
          orders: this.#counts.orders,
          compareTookMs: this.#record.groups.report.tookMs,
          followed: this.#context.followed,
        });
        return followed === null
          ? { result: await this.#compare(), kind: 'compare' }
          : { result: followed, kind: 'follow' };
      }
      case 'info':
        return { result: await this.#readInfo(), kind: 'info' };
    }
  }

  /** Falls back on the list where the key may not read the report. */
  async #compare(): Promise<RoundResult> {
    this.isComparing = true;
    try {
      return await compareAll(this.#round());
    } catch (error) {
      if (!(error instanceof ReportRefused)) throw error;
      this.#refused('report');
      this.#context.options.logger.warn(
        { reason: error.message },
        'The key may not read the order report; orders are mirrored from the list and, one by one, from order info.',
      );
      return readList(this.#round());
    }
  }

  async #readInfo(): Promise<RoundResult> {
    const tasks = await nextTasks(this.#client, this.#upstreamId, infoOrders);
    const ids = tasks.filter(({ part }) => part === 'info').map(({ id }) => id);
    const round = this.#round();
    const { found, missing } = await readInfo(round, ids, 'rest');
    const asOf = new Date(this.#context.options.clock.nowMs());
    const vanished = await markVanished(this.#client, this.#upstreamId, missing, { ...round, asOf });
    return { changes: found + vanished, total: null, groups: [] };
  }

  #round(): Round {
    const { feed, clock, logger } = this.#context.options;
    const { report, list } = this.#record.groups;
    return {
      client: this.#client,
      upstreamId: this.#upstreamId,
      feed,
      call: this.#call,
      clock,
      logger,
      asOf: this.asOf,
      abilities: this.abilities,
      refused: (source) => this.#refused(source),
      recordsHistory: (this.abilities.report ? report : list).asOfMs !== null,
    };
  }

  #refused(source: 'report' | 'custom'): void {
    this.abilities = { ...this.abilities, [source]: false, refusedAtMs: this.#context.options.clock.nowMs() };
  }

  get #upstreamId(): number {
    return this.#context.options.binding.upstreamId;
  }
}

function merged(one: RoundResult, other: RoundResult): RoundResult {
  const groups: readonly FieldGroup[] = [...new Set([...one.groups, ...other.groups])];
  return { changes: one.changes + other.changes, total: other.total, groups };
}
