/** What one rate limit says of itself after a request. */
export interface RateFacts {
  /** Name of the limit; never of the key. */
  readonly policy: 'requests' | 'cost';
  readonly perMinute: number;
  /** Whole tokens left. */
  readonly remaining: number;
  /** Milliseconds to the next whole token; 0 when none was used. */
  readonly resetMs: number;
  /** Milliseconds until all are there again. */
  readonly fullMs: number;
}

export interface RateHeaderOptions {
  /** Also writes `X-RateLimit-Limit`, `-Remaining` and `-Reset` (seconds until full) of the requests. */
  readonly withLegacy?: boolean;
  readonly refusal?: { readonly policy: string; readonly retryAfterMs: number } | null;
}

/**
 * `RateLimit-Policy` and `RateLimit` as in draft-ietf-httpapi-ratelimit-headers-10, for every answer, with every policy that
 * applies. Of a refusal also `Retry-After`, rounded up and never earlier than the `t` of a policy that has nothing left.
 * Points are a unit of ours: what names none counts requests.
 */
export function rateLimitHeaders(
  facts: readonly RateFacts[],
  { withLegacy = false, refusal = null }: RateHeaderOptions = {},
): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  let policies = '';
  let levels = '';
  for (const { policy, perMinute, remaining, resetMs } of facts) {
    const comma = policies === '' ? '' : ', ';
    policies += `${comma}"${policy}";q=${perMinute};w=60${policy === 'cost' ? ';qu="points"' : ''}`;
    levels += `${comma}"${policy}";r=${remaining};t=${seconds(resetMs)}`;
  }
  headers.set('RateLimit-Policy', policies).set('RateLimit', levels);
  if (refusal !== null) {
    const inTheWay = facts.filter(({ policy, remaining }) => policy === refusal.policy || remaining === 0);
    const waits = [refusal.retryAfterMs, ...inTheWay.map(({ resetMs }) => resetMs)];
    headers.set('Retry-After', String(seconds(Math.max(...waits))));
  }
  const requests = withLegacy ? facts.find(({ policy }) => policy === 'requests') : undefined;
  if (requests !== undefined) {
    headers.set('X-RateLimit-Limit', String(requests.perMinute));
    headers.set('X-RateLimit-Remaining', String(requests.remaining));
    headers.set('X-RateLimit-Reset', String(seconds(requests.fullMs)));
  }
  return headers;
}

const seconds = (ms: number) => Math.ceil(ms / 1_000);
