import { expect, it } from '@jest/globals';
import { projectedEnd } from './projected-end.ts';

const nowMs = Date.parse('2026-11-23T12:00:00Z');
/** Calls on the last day of each week before today, the oldest week first. */
const weekly = (...calls: readonly number[]) =>
  calls.map((count, at) => {
    const ageDays = 1 + 7 * (calls.length - 1 - at);
    return { day: new Date(nowMs - ageDays * 86_400_000).toISOString().slice(0, 10), calls: count };
  });

it('lays a line through the weeks and follows it to zero', () => {
  // 40, 30, 20, 10: the week after the last has none, and its middle is 3.5 days from today.
  expect(projectedEnd(weekly(40, 30, 20, 10), nowMs)).toEqual(new Date('2026-11-27T00:00:00Z'));
  // 60, 55, 50, 45: nine weeks more, 63 - 3.5 days.
  expect(projectedEnd(weekly(60, 55, 50, 45), nowMs)).toEqual(new Date('2027-01-22T00:00:00Z'));
});

it('projects nothing where calls do not fall, weeks are few, or the end is years away', () => {
  expect(projectedEnd(weekly(10, 10, 10), nowMs)).toBeNull();
  expect(projectedEnd(weekly(10, 20, 30), nowMs)).toBeNull();
  expect(projectedEnd(weekly(20, 10), nowMs)).toBeNull();
  expect(projectedEnd([], nowMs)).toBeNull();
  expect(projectedEnd(weekly(10_002, 10_001, 10_000), nowMs)).toBeNull();
});

it('is today when the line has met zero already, and leaves out today, which is not over', () => {
  const ended = weekly(30, 10, 0, 0, 0, 0);
  expect(projectedEnd(ended, nowMs)).toEqual(new Date('2026-11-23T00:00:00Z'));
  expect(projectedEnd([...ended, { day: '2026-11-23', calls: 9_999 }], nowMs)).toEqual(projectedEnd(ended, nowMs));
});
