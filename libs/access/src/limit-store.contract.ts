import { beforeEach, describe, expect, it } from '@jest/globals';
import type { LimitStore } from './limit-store.ts';

export interface LimitStoreUnderTest {
  readonly store: LimitStore;
  /** Lets the store's time pass. */
  passTime(ms: number): Promise<void>;
  /** How much of a second the store's own clock may run on during a test; 0 when it stands still. */
  readonly slackMs: number;
}

/** What every limit store does. `open` gives an empty one. */
export function describeLimitStore(open: () => Promise<LimitStoreUnderTest>): void {
  describe('a limit store', () => {
    let under: LimitStoreUnderTest;

    beforeEach(async () => {
      under = await open();
    });

    it('grants ten at once of 10 per minute and refuses the eleventh for 6 s', async () => {
      const request = { perMinute: 10, burst: 10, cost: 1 };
      const taken = await Promise.all(Array.from({ length: 11 }, () => under.store.take('a', request)));
      expect(taken.filter(({ granted }) => granted).map(({ remaining }) => remaining)).toEqual([
        9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
      ]);
      const refused = taken.find(({ granted }) => !granted)!;
      expect(refused).toMatchObject({ remaining: 0 });
      expect(refused.retryAfterMs).toBeLessThanOrEqual(6_000);
      expect(refused.retryAfterMs).toBeGreaterThanOrEqual(6_000 - under.slackMs);
      expect(refused.resetMs).toBe(refused.retryAfterMs);
    });

    it('grants again after the wait that it names', async () => {
      const request = { perMinute: 60, burst: 1, cost: 1 };
      await under.store.take('a', request);
      const { granted, retryAfterMs } = await under.store.take('a', request);
      expect(granted).toBe(false);
      await under.passTime(retryAfterMs);
      expect(await under.store.take('a', request)).toMatchObject({ granted: true });
      expect(await under.store.take('a', request)).toMatchObject({ granted: false });
    });

    it('keeps buckets apart', async () => {
      const request = { perMinute: 1, burst: 1, cost: 1 };
      expect(await under.store.take('a', request)).toMatchObject({ granted: true });
      expect(await under.store.take('b', request)).toMatchObject({ granted: true });
      expect(await under.store.take('a', request)).toMatchObject({ granted: false });
    });

    it('takes by cost, nothing on refusal, and looks for free', async () => {
      const rule = { perMinute: 1, burst: 10 };
      expect(await under.store.take('a', { ...rule, cost: 0 })).toMatchObject({
        granted: true,
        remaining: 10,
        resetMs: 0,
      });
      expect(await under.store.take('a', { ...rule, cost: 7 })).toMatchObject({ granted: true, remaining: 3 });
      expect(await under.store.take('a', { ...rule, cost: 4 })).toMatchObject({ granted: false, remaining: 3 });
      expect(await under.store.take('a', { ...rule, cost: 11 })).toMatchObject({
        granted: false,
        retryAfterMs: Infinity,
      });
      expect(await under.store.take('a', { ...rule, cost: 3 })).toMatchObject({ granted: true, remaining: 0 });
      expect(await under.store.take('a', { ...rule, cost: 0 })).toMatchObject({ granted: true, remaining: 0 });
    });

    it('settles: takes more, gives back, and never beyond full or ten buckets', async () => {
      const rule = { perMinute: 1, burst: 10 };
      const left = async () => (await under.store.take('a', { ...rule, cost: 0 })).remaining;
      await under.store.take('a', { ...rule, cost: 6 });
      await under.store.settle('a', { ...rule, cost: 3 });
      expect(await left()).toBe(1);
      await under.store.settle('a', { ...rule, cost: -4 });
      expect(await left()).toBe(5);
      await under.store.settle('a', { ...rule, cost: -100 });
      expect(await under.store.take('a', { ...rule, cost: 0 })).toMatchObject({ remaining: 10, resetMs: 0, fullMs: 0 });
      await under.store.settle('a', { ...rule, cost: 1_000_000 });
      const { granted, retryAfterMs } = await under.store.take('a', { ...rule, cost: 1 });
      expect(granted).toBe(false);
      expect(retryAfterMs).toBeLessThanOrEqual(91 * 60_000);
      expect(retryAfterMs).toBeGreaterThanOrEqual(91 * 60_000 - under.slackMs);
    });

    it('settles a bucket that nothing was taken from', async () => {
      const rule = { perMinute: 1, burst: 10 };
      await under.store.settle('a', { ...rule, cost: 4 });
      await under.store.settle('b', { ...rule, cost: -4 });
      expect(await under.store.take('a', { ...rule, cost: 0 })).toMatchObject({ remaining: 6 });
      expect(await under.store.take('b', { ...rule, cost: 0 })).toMatchObject({ remaining: 10 });
    });
  });
}
