import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FakeClock } from '@certfolio/core/testing';
import { describeLimitStore } from './limit-store.contract.ts';
import { createMemoryLimitStore } from './limit-store.ts';

describeLimitStore(async () => {
  const clock = new FakeClock();
  return { store: createMemoryLimitStore(clock), passTime: (ms) => clock.advance(ms), slackMs: 0 };
});

it('forgets the bucket unused for longest rather than growing without end', async () => {
  const store = createMemoryLimitStore(new FakeClock(), 2);
  const request = { perMinute: 1, burst: 1, cost: 1 };
  for (const bucket of ['a', 'b', 'c']) await store.take(bucket, request);
  expect(await store.take('c', request)).toMatchObject({ granted: false });
  expect(await store.take('a', request)).toMatchObject({ granted: true });
});

it('lets a caller in that waited exactly as long as it was told, and not one that came a millisecond earlier', async () => {
  const rule = fc.record({ perMinute: fc.integer({ min: 1, max: 5_000 }), burst: fc.integer({ min: 1, max: 50 }) });
  await fc.assert(
    fc.asyncProperty(rule, fc.nat(200), fc.integer({ min: 1, max: 50 }), async (limits, owed, wanted) => {
      const refusedAfter = async (waitsMs: (retryAfterMs: number) => number) => {
        const clock = new FakeClock();
        const store = createMemoryLimitStore(clock);
        const request = { ...limits, cost: Math.min(wanted, limits.burst) };
        await store.settle('a', { ...limits, cost: limits.burst + owed });
        const { retryAfterMs } = await store.take('a', request);
        await clock.advance(waitsMs(retryAfterMs));
        return !(await store.take('a', request)).granted;
      };
      expect(await refusedAfter((ms) => ms)).toBe(false);
      expect(await refusedAfter((ms) => ms - 1)).toBe(true);
    }),
    { numRuns: 50, endOnFailure: true },
  );
});
