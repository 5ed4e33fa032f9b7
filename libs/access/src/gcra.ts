/** How a bucket fills: whole numbers from 1. */
export interface BucketRule {
  readonly perMinute: number;
  /** Tokens that may be taken at one instant. */
  readonly burst: number;
}

/** `cost` is a whole number from 0. */
export interface TakeRequest extends BucketRule {
  readonly cost: number;
}

/** A correction of what was taken before: `cost` is a whole number, below 0 to give tokens back. */
export interface SettleRequest extends BucketRule {
  readonly cost: number;
}

/** What a bucket owes: tokens taken and not yet won back, in `unitsPerToken`ths, as of `atMs`. */
export interface BucketState {
  readonly debt: number;
  readonly atMs: number;
}

export interface BucketLevel {
  /** Whole tokens left. */
  readonly remaining: number;
  /** Milliseconds until one more whole token is there; 0 when the bucket is full. */
  readonly resetMs: number;
  /** Milliseconds until nothing is owed any more. */
  readonly fullMs: number;
  readonly nextState: BucketState;
}

export interface TakeResult extends BucketLevel {
  readonly granted: boolean;
  /** Milliseconds until the same request is granted; 0 when it was, Infinity when `cost` is over `burst`. */
  readonly retryAfterMs: number;
}

/** One token per minute wins back one unit per millisecond, so whole numbers stay whole and the rule is exact. */
const unitsPerToken = 60_000;

/**
 * The most that a settlement may make a bucket owe, in buckets. What ran cannot be refused any more, so it is owed; this is
 * how long a wrong estimate can keep a key waiting: ten times the time in which an empty bucket fills.
 */
export const maxOwedBuckets = 10;

/**
 * The generic cell rate algorithm: `burst` tokens at once, `perMinute` of them won back evenly, none lost by a refusal.
 * Keeps the debt where the textbook keeps the theoretical arrival time (which is `atMs` + debt): differences of times
 * since 1970 cannot be exact in a double, and tokens spent stay spent when the limit of a key changes.
 *
 * @param state null for a bucket that was never used
 * @param nowMs whole milliseconds; a clock that goes back wins nothing
 */
export function takeTokens(state: BucketState | null, request: TakeRequest, nowMs: number): TakeResult {
  const { perMinute, burst, cost } = request;
  const owed = owedAt(state, request, nowMs);
  const excess = owed + cost * unitsPerToken - burst * unitsPerToken;
  const granted = excess <= 0 || cost === 0;
  return {
    granted,
    retryAfterMs: granted ? 0 : cost > burst ? Infinity : Math.ceil(excess / perMinute),
    ...levelOf(granted ? owed + cost * unitsPerToken : owed, request, nowMs),
  };
}

/**
 * Corrects a bucket after the fact: more is owed, at most `maxOwedBuckets` in all, or tokens are given back, at most until
 * the bucket is full.
 */
export function settleTokens(state: BucketState | null, request: SettleRequest, nowMs: number): BucketLevel {
  const owed = owedAt(state, request, nowMs);
  const most = Math.max(owed, request.burst * maxOwedBuckets * unitsPerToken);
  return levelOf(Math.max(0, Math.min(owed + request.cost * unitsPerToken, most)), request, nowMs);
}

function owedAt(state: BucketState | null, { perMinute }: BucketRule, nowMs: number): number {
  if (state === null) return 0;
  return Math.max(0, state.debt - Math.max(0, nowMs - state.atMs) * perMinute);
}

function levelOf(debt: number, { perMinute, burst }: BucketRule, nowMs: number): BucketLevel {
  return {
    remaining: Math.max(0, Math.floor((burst * unitsPerToken - debt) / unitsPerToken)),
    resetMs: Math.ceil(unitsToNextToken(debt, burst) / perMinute),
    fullMs: Math.ceil(debt / perMinute),
    nextState: { debt, atMs: nowMs },
  };
}

function unitsToNextToken(debt: number, burst: number): number {
  if (debt === 0) return 0;
  const tokensOwedThen = Math.min(Math.ceil(debt / unitsPerToken), burst) - 1;
  return debt - tokensOwedThen * unitsPerToken;
}
