import type { FieldGroup } from '@certfolio/core';
import type { Abilities, GroupRecord } from './store-groups.postgres.ts';

/** What a round is decided by. */
export interface RoundFacts {
  readonly nowMs: number;
  readonly groups: Readonly<Record<FieldGroup, Pick<GroupRecord, 'asOfMs' | 'tookMs'>>>;
  readonly abilities: Abilities;
  /** Orders that exist, as far as the mirror knows. */
  readonly orders: number;
  readonly infoMissing: number;
  /** From one round to the next. */
  readonly roundMs: number;
  /** A whole comparison at least this often. */
  readonly comparePeriodMs: number | 'auto';
  readonly compareFailedAtMs: number | null;
  /** What is waited for. */
  readonly wanted: readonly Wanted[];
}

export interface Wanted {
  readonly groups: ReadonlySet<FieldGroup>;
  /** The groups shall be at least as young. */
  readonly notBeforeMs: number;
}

/**
 * `compare`: the whole report (with Custom Reports), which finds silent edits and vanished orders.
 * `follow`: the status-change list and the newest orders, with details of what changed.
 * `list`: all pages of the list, which alone gives some fields; without the report it also is the comparison.
 * `info`: order info of the orders that lack it.
 */
export type RoundPlan =
  | { readonly kind: 'compare' | 'list'; readonly why: string }
  | { readonly kind: 'follow'; readonly lastSeconds: number }
  | { readonly kind: 'info' }
  | { readonly kind: 'none' };

const minuteMs = 60_000;
/** Bounds of the period of whole comparisons that is chosen by what one takes. */
const autoPeriod = { leastMs: 4 * minuteMs, mostMs: 60 * minuteMs, times: 20 };
/** A comparison that failed is not tried again at once; the changes are followed meanwhile. */
const compareRetryMs = 2 * minuteMs;
/** Changes are asked for from an hour before the last reading began: which zone the service means is not certain in winter. */
const overlapSeconds = 3_600;
/** The longest window that the status-change list takes. */
const longestWindowSeconds = 604_800;
/** Part of the time between two rounds after which one is due: rounds that come a tenth early are none too early. */
const earliest = 0.85;
/** What a call costs in time, since 1,000 are granted in three minutes. */
export const callMs = 180;

/** How often everything is compared, and how often the list is read. */
export function periodMs(configured: number | 'auto', tookMs: number | null): number {
  if (configured !== 'auto') return configured;
  return Math.min(autoPeriod.mostMs, Math.max(autoPeriod.leastMs, autoPeriod.times * (tookMs ?? 0)));
}

/** The next reading; callers ask again after it until it is `none`. */
export function planRound(facts: RoundFacts): RoundPlan {
  return facts.abilities.report ? planWithReport(facts) : planWithoutReport(facts);
}

function planWithReport(facts: RoundFacts): RoundPlan {
  const { nowMs, groups, abilities } = facts;
  const isTooOld = isOlderThanWanted(facts);
  if (groups.report.asOfMs === null || groups.tracked.asOfMs === null)
    return { kind: 'compare', why: 'nothing was read yet' };
  if (isTooOld('report') || (abilities.custom && isTooOld('custom')))
    return { kind: 'compare', why: 'somebody waits for it' };
  if (groups.list.asOfMs === null) return { kind: 'list', why: 'it was not read yet' };
  if (isTooOld('list')) return { kind: 'list', why: 'somebody waits for it' };

  const hasFailedLately = facts.compareFailedAtMs !== null && nowMs - facts.compareFailedAtMs < compareRetryMs;
  const isCompareDue = nowMs - groups.report.asOfMs >= periodMs(facts.comparePeriodMs, groups.report.tookMs);
  const trackedAgeMs = nowMs - groups.tracked.asOfMs;
  const lastSeconds = Math.ceil(trackedAgeMs / 1_000) + overlapSeconds;
  if (lastSeconds > longestWindowSeconds)
    return { kind: 'compare', why: 'the list of changes does not reach back so far' };
  if (isCompareDue && !hasFailedLately) return { kind: 'compare', why: 'it is due' };
  if (isListDue(facts, groups.list.asOfMs)) return { kind: 'list', why: 'it is due' };
  const isFollowWanted = isTooOld('tracked') || isOlderThanWanted(facts, 'tracked')('info');
  if (isFollowWanted || trackedAgeMs >= facts.roundMs * earliest) return { kind: 'follow', lastSeconds };
  return infoPlan(facts, ['info', 'custom']);
}

function planWithoutReport(facts: RoundFacts): RoundPlan {
  const { groups } = facts;
  if (groups.list.asOfMs === null) return { kind: 'list', why: 'nothing was read yet' };
  const isListTooOld = isOlderThanWanted(facts, 'list');
  if ((['list', 'tracked', 'info'] as const).some(isListTooOld)) return { kind: 'list', why: 'somebody waits for it' };
  if (isListDue(facts, groups.list.asOfMs)) return { kind: 'list', why: 'it is due' };
  return infoPlan(facts, ['tracked', 'report', 'custom', 'info']);
}

/** Only when somebody waits: otherwise it is the backfill's. */
function infoPlan({ infoMissing, wanted }: RoundFacts, groups: readonly FieldGroup[]): RoundPlan {
  const isWanted = wanted.some((want) => groups.some((group) => want.groups.has(group)));
  return infoMissing > 0 && isWanted ? { kind: 'info' } : { kind: 'none' };
}

/** Whether somebody wants a group younger than what is read for it, which is another one where that tells of its changes. */
function isOlderThanWanted({ groups, wanted }: RoundFacts, readAs?: FieldGroup): (group: FieldGroup) => boolean {
  return (group) =>
    wanted.some(
      (want) =>
        want.groups.has(group) && (groups[readAs ?? group].asOfMs ?? Number.NEGATIVE_INFINITY) < want.notBeforeMs,
    );
}

function isListDue({ nowMs, groups, orders, comparePeriodMs }: RoundFacts, asOfMs: number): boolean {
  const tookMs = Math.max(groups.list.tookMs ?? 0, (orders / 1_000) * callMs);
  return nowMs - asOfMs >= periodMs(comparePeriodMs, tookMs);
}

/** Orders read one by one after a look at the changes; more are never worth it. */
const mostDetails = 50;
/** What the report is taken to bring in a second. */
const bytesPerMs = 10_000;
const bytesPerOrder = 2_200;
const compareCalls = 3;

/** Whether reading the changed orders one by one costs less, in calls, bytes and time, than comparing everything. */
export function isFollowingCheaper(
  changed: number,
  { orders, compareTookMs }: { readonly orders: number; readonly compareTookMs: number | null },
): boolean {
  const comparisonMs = compareCalls * callMs + (orders * bytesPerOrder) / bytesPerMs + (compareTookMs ?? 0);
  return changed <= mostDetails && changed * callMs <= comparisonMs;
}
