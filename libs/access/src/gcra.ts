/** `perMinute` and `burst` are whole numbers from 1; `cost` one from 0. */
export interface TakeRequest {
  readonly perMinute: number;
  /** Tokens that may be taken at one instant. */
  readonly burst: number;
  readonly cost: number;
}

/** What a bucket owes: tokens taken and not yet won back, in `unitsPerToken`ths, as of `atMs`. */
export interface BucketState {
  readonly debt: number;
  readonly atMs: number;
}

export interface TakeResult {
  readonly granted: boolean;
  /** Milliseconds until the same request is granted; 0 when it was, Infinity when `cost` is over `burst`. */
  readonly retryAfterMs: number;
  /** Whole tokens left. */
  readonly remaining: number;
  /** Milliseconds until one more whole token is there; 0 when the bucket is full. */
  readonly resetMs: number;
  readonly nextState: BucketState;
}

/** One token per minute wins back one unit per millisecond, so whole numbers stay whole and the rule is exact. */
const unitsPerToken = 60_000;

/**
 * The generic cell rate algorithm: `burst` tokens at once, `perMinute` of them won back evenly, none lost by a refusal.
 * Keeps the debt where the textbook keeps the theoretical arrival time (which is `atMs` + debt): differences of times
 * since 1970 cannot be exact in a double, and tokens spent stay spent when the limit of a key changes.
 *
 * @param state null for a bucket that was never used
 * @param nowMs whole milliseconds; a clock that goes back wins nothing
 */
export function takeTokens(
  state: BucketState | null,
  { perMinute, burst, cost }: TakeRequest,
  nowMs: number,
): TakeResult {
  const elapsedMs = state === null ? 0 : Math.max(0, nowMs - state.atMs);
  const owed = Math.max(0, (state?.debt ?? 0) - elapsedMs * perMinute);
  const limit = burst * unitsPerToken;
  const excess = owed + cost * unitsPerToken - limit;
  const granted = excess <= 0 || cost === 0;
  const debt = granted ? owed + cost * unitsPerToken : owed;
  return {
    granted,
    retryAfterMs: granted ? 0 : cost > burst ? Infinity : Math.ceil(excess / perMinute),
    remaining: Math.max(0, Math.floor((limit - debt) / unitsPerToken)),
    resetMs: Math.ceil(unitsToNextToken(debt, burst) / perMinute),
    nextState: { debt, atMs: nowMs },
  };
}

function unitsToNextToken(debt: number, burst: number): number {
  if (debt === 0) return 0;
  const tokensOwedThen = Math.min(Math.ceil(debt / unitsPerToken), burst) - 1;
  return debt - tokensOwedThen * unitsPerToken;
}
