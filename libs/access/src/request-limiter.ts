import { AppError, RateLimited, type KeyLimits, type Principal } from '@certfolio/core';
import type { BucketRule } from './gcra.ts';
import type { LimitStore, Taken } from './limit-store.ts';
import { createMemoryPlaces, type LocalPlaces } from './places.ts';
import type { RateFacts } from './rate-limit-headers.ts';

export type LimitName = 'requests' | 'cost' | 'concurrent';

/** A refusal that still tells the state of the rates, since its answer carries the header fields too. */
export class LimitReached extends RateLimited {
  readonly policy: LimitName;
  readonly facts: readonly RateFacts[];

  constructor(policy: LimitName, limitText: string, retryAfterMs: number, facts: readonly RateFacts[]) {
    super(policy, limitText, retryAfterMs);
    this.policy = policy;
    this.facts = facts;
  }
}

export interface Admission {
  /** Of requests and of cost, the latter before this request. */
  readonly facts: readonly RateFacts[];
  /** Limits in mode `shadow` that would have refused. */
  readonly wouldRefuse: readonly LimitName[];
  /** To be called once the answer is sent, however it went; further calls do nothing. */
  release(): void;
}

/** Points taken for an operation that is about to run. */
export interface Charge {
  readonly facts: RateFacts;
  /** In mode `shadow`: it would have been refused. */
  readonly wouldRefuse: boolean;
  /**
   * Corrects the charge to what the answer came to, without waiting for it. To be called once.
   *
   * @returns points left then
   */
  settle(actual: number): number;
}

/** How one limit of a key stands. */
export interface LimitLevel {
  readonly policy: 'requests' | 'cost';
  readonly perMinute: number;
  readonly burst: number;
  readonly remaining: number;
  readonly fullMs: number;
}

export interface RequestLimiter {
  /** @throws LimitReached, a core `RateLimited` with the policy `requests` or `concurrent` */
  admit(principal: Principal): Promise<Admission>;
  /**
   * Takes the points of an operation before it runs.
   *
   * @throws LimitReached with the policy `cost` when it would fit later; COST_ESTIMATED_TOO_EXPENSIVE when it never would
   */
  charge(principal: Principal, points: number): Promise<Charge>;
  /** How the buckets of a key stand; takes nothing. */
  levels(keyId: string, limits: KeyLimits): Promise<readonly LimitLevel[]>;
  /** Requests of the key in flight in this process. */
  inFlight(keyId: string): number;
}

/** When one of the running requests will end nobody knows. */
const concurrentRetryMs = 1_000;

const requestRule = ({ requestsPerMinute, burst }: KeyLimits): BucketRule => ({ perMinute: requestsPerMinute, burst });
/** A minute's points may be spent at once. */
const costRule = ({ costPerMinute }: KeyLimits): BucketRule => ({ perMinute: costPerMinute, burst: costPerMinute });

const factsOf = (
  policy: RateFacts['policy'],
  { perMinute }: BucketRule,
  taken: Omit<Taken, 'granted' | 'retryAfterMs'>,
): RateFacts => ({
  policy,
  perMinute,
  remaining: taken.remaining,
  resetMs: taken.resetMs,
  fullMs: taken.fullMs,
});

/** Requests and cost per minute, and requests at the same time, per key. */
export function createRequestLimiter(limits: LimitStore, places: LocalPlaces = createMemoryPlaces()): RequestLimiter {
  return {
    inFlight: (keyId) => places.taken(keyId),

    async admit({ keyId, limits: own }) {
      const isShadow = own.mode === 'shadow';
      const { requestsPerMinute, concurrent } = own;
      // Sent together: with a store elsewhere all three are one round trip.
      const [taken, cost, place] = await Promise.all([
        limits.take(`requests:${keyId}`, { ...requestRule(own), cost: 1 }),
        limits.take(`cost:${keyId}`, { ...costRule(own), cost: 0 }),
        places.enter(keyId, concurrent, isShadow),
      ]);
      const facts = [factsOf('requests', requestRule(own), taken), factsOf('cost', costRule(own), cost)];
      if (!isShadow && !taken.granted) {
        place.leave();
        throw new LimitReached('requests', `${requestsPerMinute} requests per minute`, taken.retryAfterMs, facts);
      }
      if (!isShadow && !place.granted)
        throw new LimitReached('concurrent', `${concurrent} requests at the same time`, concurrentRetryMs, facts);
      return {
        facts,
        wouldRefuse: [
          ...(taken.granted ? [] : (['requests'] as const)),
          ...(place.granted ? [] : (['concurrent'] as const)),
        ],
        release: () => place.leave(),
      };
    },

    async charge({ keyId, limits: own }, points) {
      const rule = costRule(own);
      const bucket = `cost:${keyId}`;
      const taken = await limits.take(bucket, { ...rule, cost: points });
      const facts = factsOf('cost', rule, taken);
      if (!taken.granted && own.mode === 'enforce') {
        if (points > rule.burst) throw tooExpensive(points, rule.burst);
        throw new LimitReached('cost', `${rule.perMinute} points per minute`, taken.retryAfterMs, [facts]);
      }
      const charged = taken.granted ? points : 0;
      return {
        facts,
        wouldRefuse: !taken.granted,
        settle(actual) {
          const more = actual - charged;
          // Nobody waits for it, and nobody is told: the store that stands in for a failing one cannot fail.
          if (more !== 0) limits.settle(bucket, { ...rule, cost: more }).catch(() => undefined);
          return Math.max(0, Math.min(facts.remaining - more, rule.burst));
        },
      };
    },

    async levels(keyId, own) {
      const [requests, cost] = await Promise.all([
        limits.take(`requests:${keyId}`, { ...requestRule(own), cost: 0 }),
        limits.take(`cost:${keyId}`, { ...costRule(own), cost: 0 }),
      ]);
      return [
        { policy: 'requests', ...requestRule(own), remaining: requests.remaining, fullMs: requests.fullMs },
        { policy: 'cost', ...costRule(own), remaining: cost.remaining, fullMs: cost.fullMs },
      ];
    },
  };
}

function tooExpensive(estimated: number, maxCost: number): AppError {
  return new AppError(
    'COST_ESTIMATED_TOO_EXPENSIVE',
    `The operation is estimated at ${estimated} points; this key may spend ${maxCost} per minute.`,
    { details: { estimated, maxCost } },
  );
}
