import { expect, it } from '@jest/globals';
import { addLatency, latencyAt, latencyClass, latencyClasses } from './latency.ts';

const histogram = (timesMs: readonly number[]) =>
  timesMs.reduce<number[]>((sum, timeMs) => {
    const one = Array.from({ length: latencyClass(timeMs) + 1 }, () => 0);
    one[latencyClass(timeMs)] = 1;
    return addLatency(sum, one);
  }, []);

it('tells a percentile at most 15 % too long', () => {
  const times = Array.from({ length: 100 }, (_, at) => 10 + at); // 10 to 109 ms: the 95th is 104 ms
  const p95 = latencyAt(0.95, histogram(times))!;
  expect(p95).toBeGreaterThanOrEqual(104);
  expect(p95).toBeLessThanOrEqual(104 * 1.15);
});

it('has a class for every time', () => {
  expect(latencyClass(0)).toBe(0);
  expect(latencyClass(Number.NaN)).toBe(0);
  expect(latencyClass(3_600_000)).toBe(latencyClasses - 1);
  expect(latencyAt(0.95, [])).toBeNull();
});
