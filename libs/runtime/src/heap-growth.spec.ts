import { expect, it } from '@jest/globals';
import { growthPercent } from './heap-growth.ts';

const megabytes = (count: number) => count * 2 ** 20;
const rest = 10_000;
const load = 500;

it('lets what is alive grow by a tenth at rest, and while a report streams', () => {
  expect(growthPercent(megabytes(80), rest, false)).toBe(10);
  expect(growthPercent(megabytes(80), load, true)).toBe(10);
  expect(growthPercent(megabytes(200), load, true)).toBe(10);
});

it('lets it grow to 250 MB under load, by one and a half of what is alive at most, and by a fifth where much is', () => {
  expect(growthPercent(megabytes(80), load, false)).toBe(150);
  expect(growthPercent(megabytes(125), load, false)).toBe(100);
  expect(growthPercent(megabytes(200), load, false)).toBe(25);
  expect(growthPercent(megabytes(2_000), load, false)).toBe(20);
});
