import { expect, it } from '@jest/globals';
import { overlapSeconds } from './rotation.ts';

it('counts days and hours in seconds', () => {
  expect(overlapSeconds(7, 'days')).toBe(604_800);
  expect(overlapSeconds(1.5, 'hours')).toBe(5_400);
  expect(overlapSeconds(0, 'days')).toBe(0);
});

it('takes an empty box for no number', () => {
  expect(overlapSeconds('', 'days')).toBeNull();
  expect(overlapSeconds(-1, 'days')).toBeNull();
});
