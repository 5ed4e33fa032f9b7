/** What one rate limit says of itself after a request. */
export interface RateFacts {
  /** Name of the limit; never of the key. */
  readonly policy: string;
  readonly perMinute: number;
  /** Whole tokens left. */
  readonly remaining: number;
  /** Milliseconds to the next whole token; 0 when none was used. */
  readonly resetMs: number;
}

/**
 * `RateLimit-Policy` and `RateLimit` as in draft-ietf-httpapi-ratelimit-headers-10, for every answer; with
 * `retryAfterMs`, for a refusal, also `Retry-After`, rounded up and never earlier than `t`.
 */
export function rateLimitHeaders(facts: RateFacts, retryAfterMs?: number): ReadonlyMap<string, string> {
  const { policy, perMinute, remaining, resetMs } = facts;
  const toNextToken = Math.ceil(resetMs / 1_000);
  const headers = new Map([
    ['RateLimit-Policy', `"${policy}";q=${perMinute};w=60`],
    ['RateLimit', `"${policy}";r=${remaining};t=${toNextToken}`],
  ]);
  if (retryAfterMs !== undefined)
    headers.set('Retry-After', String(Math.max(Math.ceil(retryAfterMs / 1_000), toNextToken)));
  return headers;
}
