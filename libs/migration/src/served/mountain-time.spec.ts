import { expect, it } from '@jest/globals';
import { instantOf, mountainDay } from './mountain-time.ts';

it('is seven hours behind in winter and six in summer', () => {
  expect(instantOf([2026, 1, 15, 12, 0, 0])?.instantMs).toBe(Date.parse('2026-01-15T19:00:00Z'));
  expect(instantOf([2026, 7, 15, 12, 0, 0])?.instantMs).toBe(Date.parse('2026-07-15T18:00:00Z'));
  expect(mountainDay(Date.parse('2026-01-15T06:59:59Z'))).toBe('2026-01-14');
  expect(mountainDay(Date.parse('2026-01-15T07:00:00Z'))).toBe('2026-01-15');
});

it('has no instant for an hour that is skipped, and none for one that comes twice', () => {
  expect(instantOf([2026, 3, 8, 2, 30, 0])).toBeNull();
  expect(instantOf([2026, 11, 1, 1, 30, 0])).toBeNull();
  expect(instantOf([2026, 2, 30, 1, 0, 0])).toBeNull();
});
