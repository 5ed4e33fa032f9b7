import { describe, expect, it } from '@jest/globals';
import { createCallLimits } from './limits.ts';

function limitsAt(isEnforced = true) {
  const clock = { nowMs: 0 };
  const limits = createCallLimits(isEnforced, () => clock.nowMs);
  const take = (atMs: number, times: number) => {
    clock.nowMs = atMs;
    return Array.from({ length: times }, () => limits.take('k')).filter((waitMs) => waitMs === 0).length;
  };
  return { limits, take, clock };
}

describe('call limits', () => {
  it('lets 1,000 calls through in any 180 s and frees each exactly when its window has passed', () => {
    const { take } = limitsAt();
    for (let second = 0; second < 100; second += 1) expect(take(second * 1_000, 10)).toBe(10);
    expect(take(100_000, 10)).toBe(0);
    expect(take(179_999, 10)).toBe(0);
    expect(take(180_000, 20)).toBe(10);
    expect(take(181_000, 20)).toBe(10);
  });

  it('names the wait until the call in the way leaves its window', () => {
    const { take, limits, clock } = limitsAt();
    take(1_000, 100);
    clock.nowMs = 2_500;
    expect(limits.take('k')).toBe(3_500);
  });

  it('never lets more than 100 calls into any 5 s, however they come', () => {
    const { take } = limitsAt();
    const times: number[] = [];
    for (let atMs = 0; atMs < 60_000; atMs += 7) {
      if (take(atMs, 1) === 1) times.push(atMs);
    }
    const most = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 5_000).length));
    expect(most).toBe(100);
  });

  it('still measures peaks when it does not limit', () => {
    const { take, limits } = limitsAt(false);
    expect(take(0, 1_500)).toBe(1_500);
    expect(limits.peaks()).toEqual({ peak5s: 1_500, peak180s: 1_500 });
  });
});
