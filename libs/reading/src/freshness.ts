import type { FieldGroup, MirrorState } from '@certfolio/core';

/** How the mirror stands to a read of some groups of fields. */
export type Freshness =
  /** Every row has the fields, and none is older than asked. */
  | { readonly kind: 'fresh'; readonly asOfMs: number }
  /** Every row has the fields, some are older than asked. */
  | { readonly kind: 'old'; readonly asOfMs: number }
  /** Rows lack fields: to show them would be to show a part as the whole. */
  | { readonly kind: 'unfilled' };

export interface AgeLimit {
  /** Above 0; a live read does not ask the mirror. */
  readonly maxAgeMs: number;
  readonly nowMs: number;
  /** What was read earlier is not even an old answer: it is of other data (see `distrustBeforeMs`). */
  readonly distrustBeforeMs: number;
}

export function freshnessOf(
  state: MirrorState,
  groups: ReadonlySet<FieldGroup>,
  { maxAgeMs, nowMs, distrustBeforeMs }: AgeLimit,
): Freshness {
  let asOfMs = Number.POSITIVE_INFINITY;
  for (const name of groups) {
    const group = state.groups[name];
    if (!group.isComplete || group.asOfMs === null || group.asOfMs < distrustBeforeMs) return { kind: 'unfilled' };
    asOfMs = Math.min(asOfMs, group.asOfMs);
  }
  return { kind: nowMs - asOfMs <= maxAgeMs ? 'fresh' : 'old', asOfMs };
}

/** What is done about data that is older than asked. */
export type Remedy = 'refresh' | 'live' | 'show-old';

export interface RemedyFacts {
  /** Milliseconds that bringing the mirror up to date is expected to take. */
  readonly refreshMs: number;
  /** The same for a live read of just this query, waiting for calls included; Infinity when it cannot be made. */
  readonly liveMs: number;
  readonly liveCalls: number;
  /** Milliseconds until the caller's deadline, less what the answer itself takes. */
  readonly remainingMs: number;
}

/**
 * A refresh serves everybody who comes after, so it is preferred where it ends in time; a live read of few calls where it
 * does not, or where it is over at once; else the old rows are shown, and said to be old.
 */
export function remedyFor({ refreshMs, liveMs, liveCalls, remainingMs }: RemedyFacts): Remedy {
  const canRefresh = refreshMs <= remainingMs;
  const canReadLive = liveMs <= remainingMs;
  if (canReadLive && liveCalls <= 1 && liveMs < refreshMs) return 'live';
  if (canRefresh) return 'refresh';
  return canReadLive ? 'live' : 'show-old';
}
