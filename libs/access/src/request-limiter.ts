import { RateLimited, type Principal } from '@certfolio/core';
import type { LimitStore } from './limit-store.ts';
import type { RateFacts } from './rate-limit-headers.ts';

export type LimitName = 'requests' | 'concurrent';

/** A refusal that still tells the state of the rate, since its answer carries the header fields too. */
export class LimitReached extends RateLimited {
  readonly facts: RateFacts;

  constructor(policy: LimitName, limitText: string, retryAfterMs: number, facts: RateFacts) {
    super(policy, limitText, retryAfterMs);
    this.facts = facts;
  }
}

export interface Admission {
  readonly facts: RateFacts;
  /** Limits in mode `shadow` that would have refused. */
  readonly wouldRefuse: readonly LimitName[];
  /** To be called once the answer is sent, however it went; further calls do nothing. */
  release(): void;
}

export interface RequestLimiter {
  /** @throws LimitReached, a core `RateLimited` with the policy `requests` or `concurrent` */
  admit(principal: Principal): Promise<Admission>;
  /** Requests of the key in flight in this process. */
  inFlight(keyId: string): number;
}

/** When one of the running requests will end nobody knows. */
const concurrentRetryMs = 1_000;

/** Requests per minute and requests at the same time, per key. The latter are counted by this process alone. */
export function createRequestLimiter(limits: LimitStore): RequestLimiter {
  const running = new Map<string, number>();
  return {
    inFlight: (keyId) => running.get(keyId) ?? 0,

    async admit({ keyId, limits: { requestsPerMinute: perMinute, burst, concurrent, mode } }) {
      const taken = await limits.take(`requests:${keyId}`, { perMinute, burst, cost: 1 });
      const facts: RateFacts = { policy: 'requests', perMinute, remaining: taken.remaining, resetMs: taken.resetMs };
      const before = running.get(keyId) ?? 0;

      const wouldRefuse: LimitName[] = [];
      if (!taken.granted) {
        if (mode === 'enforce')
          throw new LimitReached('requests', `${perMinute} requests per minute`, taken.retryAfterMs, facts);
        wouldRefuse.push('requests');
      }
      if (before >= concurrent) {
        if (mode === 'enforce')
          throw new LimitReached('concurrent', `${concurrent} requests at the same time`, concurrentRetryMs, facts);
        wouldRefuse.push('concurrent');
      }

      running.set(keyId, before + 1);
      let isReleased = false;
      return {
        facts,
        wouldRefuse,
        release() {
          if (isReleased) return;
          isReleased = true;
          const left = (running.get(keyId) ?? 0) - 1;
          if (left > 0) running.set(keyId, left);
          else running.delete(keyId);
        },
      };
    },
  };
}
