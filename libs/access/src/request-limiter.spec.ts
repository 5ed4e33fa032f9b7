import { beforeEach, describe, expect, it } from '@jest/globals';
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
    facts: [
      { policy: 'requests', perMinute: 10, remaining: 0, resetMs: 6_000, fullMs: 60_000 },
      { policy: 'cost', perMinute: 5_000_000, remaining: 5_000_000, resetMs: 0, fullMs: 0 },
    ],
  });
  await clock.advance(6_000);
  expect((await limiter.admit(tenPerMinute)).facts[0]).toMatchObject({
    policy: 'requests',
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
  expect(second.facts[0]).toMatchObject({ remaining: 0, resetMs: 60_000 });
  expect(limiter.inFlight(shadow.keyId)).toBe(2);
});

describe('cost', () => {
  const hundred = caller({ costPerMinute: 100 });

  it('is charged before a run and corrected to what the answer held', async () => {
    const charge = await limiter.charge(hundred, 60);
    expect(charge.facts).toMatchObject({ policy: 'cost', perMinute: 100, remaining: 40 });
    expect(charge.settle(10)).toBe(90);
    expect((await limiter.charge(hundred, 90)).facts.remaining).toBe(0);
  });

  it('that would fit later is refused for exactly as long as it does not fit', async () => {
    await limiter.charge(hundred, 80);
    const refusal = limiter.charge(hundred, 50);
    await expect(refusal).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      message: "This key's limit of 100 points per minute is reached; try again in 18 s.",
      details: { policy: 'cost' },
      retryAfterMs: 18_000,
    });
    await clock.advance(17_999);
    await expect(limiter.charge(hundred, 50)).rejects.toMatchObject({ retryAfterMs: 1 });
    await clock.advance(1);
    expect((await limiter.charge(hundred, 50)).facts.remaining).toBe(0);
  });

  it('that never fits is too expensive, with both numbers', async () => {
    await expect(limiter.charge(hundred, 101)).rejects.toMatchObject({
      code: 'COST_ESTIMATED_TOO_EXPENSIVE',
      message: 'The operation is estimated at 101 points; this key may spend 100 per minute.',
      details: { estimated: 101, maxCost: 100 },
    });
    expect((await limiter.charge(hundred, 100)).facts.remaining).toBe(0);
  });

  it('that turns out higher is owed, up to ten buckets', async () => {
    expect((await limiter.charge(hundred, 1)).settle(200)).toBe(0);
    await expect(limiter.charge(hundred, 1)).rejects.toMatchObject({ retryAfterMs: 60_600 });
    await clock.advance(60_600);
    expect((await limiter.charge(hundred, 1)).settle(1_000_000)).toBe(0);
    await expect(limiter.charge(hundred, 1)).rejects.toMatchObject({ retryAfterMs: 540_600 });
  });

  it('given back never makes more than a full bucket', async () => {
    const charge = await limiter.charge(hundred, 60);
    await clock.advance(60_000);
    charge.settle(0);
    expect((await limiter.charge(hundred, 0)).facts.remaining).toBe(100);
  });

  it('refuses nothing in shadow mode, and what the answers held is counted all the same', async () => {
    const shadow = caller({ costPerMinute: 100, mode: 'shadow' });
    expect(await limiter.charge(shadow, 80)).toMatchObject({ wouldRefuse: false });
    const over = await limiter.charge(shadow, 80);
    expect(over).toMatchObject({ wouldRefuse: true, facts: { remaining: 20 } });
    expect(over.settle(30)).toBe(0);
    expect(await limiter.charge(shadow, 101)).toMatchObject({ wouldRefuse: true });
  });

  it('and requests tell how they stand without taking anything', async () => {
    (await limiter.admit(hundred)).release();
    await limiter.charge(hundred, 40);
    const levels = [
      { policy: 'requests', perMinute: 600, burst: 600, remaining: 599, fullMs: 100 },
      { policy: 'cost', perMinute: 100, burst: 100, remaining: 60, fullMs: 24_000 },
    ];
    expect(await limiter.levels(hundred.keyId, hundred.limits)).toEqual(levels);
    expect(await limiter.levels(hundred.keyId, hundred.limits)).toEqual(levels);
  });
});
