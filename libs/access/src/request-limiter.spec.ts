import { beforeEach, expect, it } from '@jest/globals';
import { RateLimited } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { createMemoryLimitStore } from './limit-store.ts';
import { createRequestLimiter, type RequestLimiter } from './request-limiter.ts';
import { anyPrincipal } from './testing.ts';

let clock: FakeClock;
let limiter: RequestLimiter;

beforeEach(() => {
  clock = new FakeClock();
  limiter = createRequestLimiter(createMemoryLimitStore(clock));
});

const caller = (limits: object, keyId = 'key0000001') =>
  anyPrincipal({ keyId, limits: { ...anyPrincipal().limits, ...limits } });
const tenPerMinute = caller({ requestsPerMinute: 10, burst: 10 });

it('refuses the eleventh request at one instant for 6 s, with what the headers need', async () => {
  for (let each = 1; each <= 10; each += 1) (await limiter.admit(tenPerMinute)).release();
  const refusal = limiter.admit(tenPerMinute);
  await expect(refusal).rejects.toThrow(RateLimited);
  await expect(refusal).rejects.toMatchObject({
    code: 'RATE_LIMITED',
    message: "This key's limit of 10 requests per minute is reached; try again in 6 s.",
    retryAfterMs: 6_000,
    details: { policy: 'requests' },
    facts: { policy: 'requests', perMinute: 10, remaining: 0, resetMs: 6_000 },
  });
  await clock.advance(6_000);
  expect((await limiter.admit(tenPerMinute)).facts).toEqual({
    policy: 'requests',
    perMinute: 10,
    remaining: 0,
    resetMs: 6_000,
  });
});

it('limits each key by itself', async () => {
  const one = { requestsPerMinute: 1, burst: 1 };
  await limiter.admit(caller(one, 'key0000001'));
  await limiter.admit(caller(one, 'key0000002'));
  await expect(limiter.admit(caller(one, 'key0000001'))).rejects.toThrow(RateLimited);
});

it('limits requests at the same time, and frees a place once per release', async () => {
  const two = caller({ concurrent: 2 });
  const [first] = await Promise.all([limiter.admit(two), limiter.admit(two)]);
  await expect(limiter.admit(two)).rejects.toMatchObject({ details: { policy: 'concurrent' }, retryAfterMs: 1_000 });
  first!.release();
  first!.release();
  await limiter.admit(two);
  await expect(limiter.admit(two)).rejects.toThrow('2 requests at the same time');
});

it('counts nothing in flight for what it refused', async () => {
  const one = caller({ requestsPerMinute: 1, burst: 1 });
  (await limiter.admit(one)).release();
  await expect(limiter.admit(one)).rejects.toThrow(RateLimited);
  expect(limiter.inFlight(one.keyId)).toBe(0);
});

it('refuses nothing in shadow mode and tells what it would have refused', async () => {
  const shadow = caller({ requestsPerMinute: 1, burst: 1, concurrent: 1, mode: 'shadow' });
  expect((await limiter.admit(shadow)).wouldRefuse).toEqual([]);
  const second = await limiter.admit(shadow);
  expect(second.wouldRefuse).toEqual(['requests', 'concurrent']);
  expect(second.facts).toMatchObject({ remaining: 0, resetMs: 60_000 });
  expect(limiter.inFlight(shadow.keyId)).toBe(2);
});
