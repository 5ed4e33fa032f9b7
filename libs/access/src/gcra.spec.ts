import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { maxOwedBuckets, settleTokens, takeTokens, type BucketState, type TakeRequest } from './gcra.ts';

const tenPerMinute = { perMinute: 10, burst: 10, cost: 1 };

/** Takes at each of the times and returns the results, the state going from one to the next. */
function takeAt(request: TakeRequest, timesMs: readonly number[]) {
  let state: BucketState | null = null;
  return timesMs.map((nowMs) => {
    const result = takeTokens(state, request, nowMs);
    state = result.nextState;
    return result;
  });
}

it('refuses the eleventh call at the same instant of a key with 10 per minute, for exactly 6 s', () => {
  const results = takeAt(tenPerMinute, Array<number>(11).fill(1_000));
  expect(results.map((result) => result.remaining)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]);
  expect(results[10]).toMatchObject({ granted: false, retryAfterMs: 6_000, remaining: 0, resetMs: 6_000 });
});

it('is full again after a minute and says so', () => {
  const [, , last] = takeAt(tenPerMinute, [0, 0, 60_000]);
  expect(last).toMatchObject({ granted: true, remaining: 9, resetMs: 6_000 });
});

it('grants again after the wait and not a millisecond earlier, also where a token takes no whole number of milliseconds', () => {
  const sevenPerMinute = { perMinute: 7, burst: 1, cost: 1 };
  expect(takeAt(sevenPerMinute, [0, 0])[1]).toMatchObject({ granted: false, retryAfterMs: 8_572 });
  expect(takeAt(sevenPerMinute, [0, 8_571])[1]).toMatchObject({ granted: false, retryAfterMs: 1 });
  expect(takeAt(sevenPerMinute, [0, 8_572])[1]).toMatchObject({ granted: true });
});

it('counts the time to the next token from the part of it that is won already', () => {
  expect(takeAt({ perMinute: 10, burst: 10, cost: 0 }, [0])[0]).toMatchObject({ remaining: 10, resetMs: 0 });
  const { nextState } = takeTokens(null, tenPerMinute, 0);
  expect(takeTokens(nextState, { ...tenPerMinute, cost: 0 }, 2_000)).toMatchObject({ remaining: 9, resetMs: 4_000 });
});

it('takes nothing when it refuses', () => {
  const refusals = takeAt({ perMinute: 60, burst: 1, cost: 1 }, [0, 100, 200, 1_000]);
  expect(refusals.map((result) => result.granted)).toEqual([true, false, false, true]);
});

it('never grants what costs more than the bucket holds', () => {
  expect(takeTokens(null, { perMinute: 10, burst: 5, cost: 6 }, 0)).toMatchObject({
    granted: false,
    retryAfterMs: Infinity,
    remaining: 5,
  });
});

it('keeps what was spent when the limit of a key is lowered', () => {
  const { nextState } = takeTokens(null, { perMinute: 60, burst: 60, cost: 50 }, 0);
  expect(takeTokens(nextState, tenPerMinute, 0)).toMatchObject({
    granted: false,
    remaining: 0,
    retryAfterMs: 246_000,
    resetMs: 246_000,
  });
});

it('wins nothing from a clock that goes back, and goes on from there', () => {
  const [, back, later] = takeAt({ perMinute: 60, burst: 1, cost: 1 }, [10_000, 5_000, 6_000]);
  expect(back).toMatchObject({ granted: false, retryAfterMs: 1_000 });
  expect(later).toMatchObject({ granted: true });
});

describe('for any limit and any calls', () => {
  const limit = fc.record({ perMinute: fc.integer({ min: 1, max: 5_000 }), burst: fc.integer({ min: 1, max: 200 }) });
  const calls = fc.array(
    fc.record({ gapMs: fc.integer({ min: 0, max: 5_000 }), cost: fc.integer({ min: 0, max: 5 }) }),
    { maxLength: 120 },
  );
  const startMs = fc.integer({ min: 0, max: 4_102_444_800_000 });

  it('never grants more than burst + rate * t in any window', () => {
    fc.assert(
      fc.property(limit, calls, startMs, ({ perMinute, burst }, asked, start) => {
        const granted: { atMs: number; cost: number }[] = [];
        let state: BucketState | null = null;
        let nowMs = start;
        for (const { gapMs, cost } of asked) {
          nowMs += gapMs;
          const result = takeTokens(state, { perMinute, burst, cost }, nowMs);
          state = result.nextState;
          if (result.granted) granted.push({ atMs: nowMs, cost });
        }
        for (const [first, from] of granted.entries()) {
          let taken = 0;
          for (const { atMs, cost } of granted.slice(first)) {
            taken += cost;
            expect(taken * 60_000).toBeLessThanOrEqual(burst * 60_000 + perMinute * (atMs - from.atMs));
          }
        }
      }),
    );
  });

  it('names the exact wait: granted then, refused one millisecond earlier', () => {
    fc.assert(
      fc.property(limit, calls, startMs, ({ perMinute, burst }, asked, start) => {
        let state: BucketState | null = null;
        let nowMs = start;
        for (const { gapMs, cost } of asked) {
          nowMs += gapMs;
          const request = { perMinute, burst, cost };
          const result = takeTokens(state, request, nowMs);
          state = result.nextState;
          if (result.granted || cost > burst) continue;
          expect(takeTokens(state, request, nowMs + result.retryAfterMs).granted).toBe(true);
          expect(takeTokens(state, request, nowMs + result.retryAfterMs - 1).granted).toBe(false);
        }
      }),
    );
  });

  it('has one whole token more at the time named, and not before', () => {
    fc.assert(
      fc.property(limit, calls, ({ perMinute, burst }, asked) => {
        let state: BucketState | null = null;
        let nowMs = 0;
        for (const { gapMs, cost } of asked) {
          nowMs += gapMs;
          const { nextState, remaining, resetMs } = takeTokens(state, { perMinute, burst, cost }, nowMs);
          state = nextState;
          const look = (afterMs: number) =>
            takeTokens(nextState, { perMinute, burst, cost: 0 }, nowMs + afterMs).remaining;
          if (resetMs === 0) expect(remaining).toBe(burst);
          else if (resetMs > 1) expect(look(resetMs - 1)).toBe(remaining);
          if (resetMs > 0) expect(look(resetMs)).toBeGreaterThan(remaining - (remaining === burst ? 1 : 0));
        }
      }),
    );
  });

  // A step takes tokens, or corrects what was taken.
  const steps = fc.array(
    fc.record({
      gapMs: fc.integer({ min: 0, max: 60_000 }),
      cost: fc.integer({ min: -300, max: 3_000 }),
      isSettled: fc.boolean(),
    }),
    { maxLength: 60 },
  );

  it('names the exact wait after any corrections, too', () => {
    fc.assert(
      fc.property(limit, steps, startMs, ({ perMinute, burst }, taken, start) => {
        let state: BucketState | null = null;
        let nowMs = start;
        for (const { gapMs, cost, isSettled } of taken) {
          nowMs += gapMs;
          const request = { perMinute, burst, cost: isSettled ? cost : Math.abs(cost) };
          state = (isSettled ? settleTokens : takeTokens)(state, request, nowMs).nextState;
          const { granted, retryAfterMs } = takeTokens(state, { perMinute, burst, cost: burst }, nowMs);
          if (granted) continue;
          const at = (afterMs: number) => takeTokens(state, { perMinute, burst, cost: burst }, nowMs + afterMs).granted;
          expect([at(retryAfterMs), at(retryAfterMs - 1)]).toEqual([true, false]);
          expect(takeTokens(state, { perMinute, burst, cost: 0 }, nowMs).fullMs).toBe(retryAfterMs);
        }
      }),
    );
  });

  it('never owes more than ten buckets, and never gives back more than was taken', () => {
    fc.assert(
      fc.property(limit, steps, ({ perMinute, burst }, taken) => {
        let state: BucketState | null = null;
        let nowMs = 0;
        for (const { gapMs, cost } of taken) {
          nowMs += gapMs;
          const { nextState, remaining } = settleTokens(state, { perMinute, burst, cost }, nowMs);
          state = nextState;
          expect(state.debt).toBeGreaterThanOrEqual(0);
          expect(state.debt).toBeLessThanOrEqual(maxOwedBuckets * burst * 60_000);
          expect(remaining).toBeLessThanOrEqual(burst);
        }
      }),
    );
  });

  it('charging too much and giving it back at once is as charging right', () => {
    fc.assert(
      fc.property(limit, fc.nat(200), fc.nat(200), fc.nat(100_000), ({ perMinute, burst }, one, other, laterMs) => {
        const [estimated, actual] = [Math.min(one, burst), Math.min(other, burst)];
        const rule = { perMinute, burst };
        const charged = takeTokens(null, { ...rule, cost: estimated }, 0).nextState;
        const settled = settleTokens(charged, { ...rule, cost: actual - estimated }, 0).nextState;
        const right = takeTokens(null, { ...rule, cost: actual }, 0).nextState;
        const look = (state: BucketState) => takeTokens(state, { ...rule, cost: 0 }, laterMs).remaining;
        expect(look(settled)).toBe(look(right));
      }),
    );
  });
});
