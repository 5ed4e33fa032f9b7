import { describe, expect, it } from '@jest/globals';
import type { OrderBucket } from '@certfolio/core';
import { expirationPeriod, expirationWeeks } from './expiration-weeks.ts';

/** A Wednesday. */
const nowMs = Date.parse('2026-11-25T23:59:59Z');
const bucket = (day: string, count: number, division: number | null = 14): OrderBucket => ({
  values: [day, division, division === null ? null : `Division ${division}`, 'ssl_basic'],
  count,
  costSum: null,
  costMin: null,
  costMax: null,
  validTillMin: null,
  validTillMax: null,
});
const rowsOf = (buckets: readonly OrderBucket[], weeks: number, assumedMaxDays = 199) =>
  expirationWeeks(buckets, expirationPeriod({ weeks, assumedMaxDays }, nowMs)).map((row) => [
    row.week,
    row.containerId,
    row.count,
    row.assumedRenewals,
  ]);

describe('weeks', () => {
  it('begin on the Monday before today and end on a Sunday', () => {
    const period = expirationPeriod({ weeks: 2 }, nowMs);
    expect([period.first, period.last, period.weeks]).toEqual([
      '2026-11-25',
      '2026-12-06',
      ['2026-11-23', '2026-11-30'],
    ]);
  });

  it('are refused outside 1 to 260, and so is a validity outside 1 to 3,650 days', () => {
    expect(() => expirationPeriod({ weeks: 0 }, nowMs)).toThrow('weeks is 0; it must be between 1 and 260.');
    expect(() => expirationPeriod({ assumedMaxDays: 0 }, nowMs)).toThrow(
      'assumedMaxDays is 0; it must be between 1 and 3650.',
    );
  });

  it('have a row for each division, and one of zeros where there is nothing', () => {
    const buckets = [bucket('2026-11-25', 2), bucket('2026-11-29', 1), bucket('2026-12-13', 4, null)];
    expect(rowsOf(buckets, 3)).toEqual([
      ['2026-11-23', '14', 3, 3],
      ['2026-11-30', null, 0, 0],
      ['2026-12-07', null, 4, 4],
    ]);
  });

  it('count the renewals of renewals in the week that they fall into, through the last Sunday', () => {
    // Every tenth day: 29 November, 9, 19 and 29 December; the last is after the end.
    expect(rowsOf([bucket('2026-11-29', 1)], 5, 10)).toEqual([
      ['2026-11-23', '14', 1, 1],
      ['2026-11-30', null, 0, 0],
      ['2026-12-07', '14', 0, 1],
      ['2026-12-14', '14', 0, 1],
      ['2026-12-21', null, 0, 0],
    ]);
    // Seven days on is the Sunday of the next week: within.
    expect(rowsOf([bucket('2026-11-29', 1)], 2, 7)).toEqual([
      ['2026-11-23', '14', 1, 1],
      ['2026-11-30', '14', 0, 1],
    ]);
  });
});
