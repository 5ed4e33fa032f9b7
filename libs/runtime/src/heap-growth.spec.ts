import { expect, it } from '@jest/globals';
import { growthPercent } from './heap-growth.ts';

const megabytes = (count: number) => count * 2 ** 20;

it('lets a small heap double, and one that holds much grow by a fifth', () => {
  expect(growthPercent(megabytes(40))).toBe(100);
  expect(growthPercent(megabytes(120))).toBe(25);
  expect(growthPercent(megabytes(200))).toBe(20);
  expect(growthPercent(megabytes(2_000))).toBe(20);
});
