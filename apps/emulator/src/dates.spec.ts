import { describe, expect, it } from '@jest/globals';
import { addYears, daysUntil, isoInstant, mountainDay, mountainToInstant, parseDate } from './dates.ts';

describe('dates', () => {
  it('write instants without milliseconds and with a numeric zone', () => {
    expect(isoInstant(Date.UTC(2025, 1, 10, 9, 12))).toBe('2025-02-10T09:12:00+00:00');
  });

  it('count whole UTC days, whatever the time of day', () => {
    expect(daysUntil('2026-11-23', Date.UTC(2026, 10, 23, 23, 59))).toBe(0);
    expect(daysUntil('2026-11-22', Date.UTC(2026, 10, 23))).toBe(-1);
  });

  it('add years to a leap day', () => {
    expect(addYears('2024-02-29', 1)).toBe('2025-03-01');
  });

  it('know Mountain time in winter, in summer and around the change', () => {
    expect(mountainToInstant(Date.UTC(2026, 0, 15, 5))).toBe(Date.UTC(2026, 0, 15, 12));
    expect(mountainToInstant(Date.UTC(2026, 6, 15, 6))).toBe(Date.UTC(2026, 6, 15, 12));
    expect(mountainToInstant(Date.UTC(2026, 10, 1, 0, 30))).toBe(Date.UTC(2026, 10, 1, 6, 30));
    expect(mountainDay(Date.UTC(2026, 6, 15, 5, 59))).toBe('2026-07-14');
  });

  it('read padded and unpadded dates and refuse days that do not exist', () => {
    expect(parseDate('2026-3-7 4:5:9')).toEqual({ atMs: Date.UTC(2026, 2, 7, 4, 5, 9), hasTime: true });
    expect(parseDate('2026-03-07')).toEqual({ atMs: Date.UTC(2026, 2, 7), hasTime: false });
    expect(parseDate('2026-02-30')).toBeUndefined();
    expect(parseDate('tomorrow')).toBeUndefined();
  });
});
