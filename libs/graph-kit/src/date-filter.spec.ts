import { describe, expect, it } from '@jest/globals';
import { BadUserInput, type CalendarDate } from '@certfolio/core';
import { dateConditions, dateTest, startOfDayMs, type DateBounds } from './date-filter.ts';

const noon = Date.parse('2026-11-23T12:00:00Z');
const inUtc = { nowMs: noon, zone: 'UTC' };
const inBerlin = { nowMs: noon, zone: 'Europe/Berlin' };
const days = (bounds: DateBounds, context = inUtc) => dateConditions('validTill', bounds, 'date', context);
const instants = (bounds: DateBounds, context = inUtc) => dateConditions('dateCreated', bounds, 'timestamp', context);
const range = (field: string, bounds: object) => [{ op: 'range', field, ...bounds }];

describe('bounds on a day', () => {
  it.each<[DateBounds, object]>([
    [
      { gte: '2026-01-01', lte: '2026-12-31' },
      { gte: '2026-01-01', lte: '2026-12-31' },
    ],
    [
      { gt: '2026-01-01', lt: '2026-12-31' },
      { gte: '2026-01-02', lte: '2026-12-30' },
    ],
    [{ gte: 'today' }, { gte: '2026-11-23' }],
    [{ lte: 'today+30d' }, { lte: '2026-12-23' }],
    [{ nextDays: 30 }, { gte: '2026-11-23', lte: '2026-12-23' }],
    [{ lastDays: 7 }, { gte: '2026-11-16', lte: '2026-11-23' }],
    [{ nextDays: 0 }, { gte: '2026-11-23', lte: '2026-11-23' }],
    [{ period: 'last_month' }, { gte: '2026-10-01', lte: '2026-10-31' }],
    // A period stands for its first day in gte and lt, for its last in lte and gt.
    [{ gte: 'next_month' }, { gte: '2026-12-01' }],
    [{ lt: 'next_month' }, { lte: '2026-11-30' }],
    [{ lte: 'last_month' }, { lte: '2026-10-31' }],
    [{ gt: 'last_month' }, { gte: '2026-11-01' }],
    // Several bounds on one side: the narrowest holds.
    [
      { nextDays: 30, lte: '2026-12-01' },
      { gte: '2026-11-23', lte: '2026-12-01' },
    ],
    [
      { period: 'this_year', gte: 'today' },
      { gte: '2026-11-23', lte: '2026-12-31' },
    ],
    [{ gte: '2026-01-01', gt: '2026-01-01' }, { gte: '2026-01-02' }],
    [{ lte: '9999-12-31' }, { lte: '9999-12-31' }],
  ])('%j means %j', (bounds, expected) => {
    expect(days(bounds)).toEqual(range('validTill', expected));
  });

  it('takes an absent and a null member for none', () => {
    expect(days({})).toEqual([]);
    expect(
      days({ gte: null, gt: null, lte: null, lt: null, period: null, nextDays: null, lastDays: null, isNull: null }),
    ).toEqual([]);
  });

  it('asks for a value, or for none, beside the bounds', () => {
    expect(days({ isNull: true })).toEqual([{ op: 'isNull', field: 'validTill', isNull: true }]);
    expect(days({ isNull: false, gte: 'today' })).toEqual([
      { op: 'isNull', field: 'validTill', isNull: false },
      ...range('validTill', { gte: '2026-11-23' }),
    ]);
  });

  it("lets today begin at the zone's midnight", () => {
    const late = Date.parse('2026-11-23T23:30:00Z');
    expect(days({ gte: 'today' }, { nowMs: late, zone: 'UTC' })).toEqual(range('validTill', { gte: '2026-11-23' }));
    expect(days({ gte: 'today' }, { nowMs: late, zone: 'Europe/Berlin' })).toEqual(
      range('validTill', { gte: '2026-11-24' }),
    );
    expect(days({ gte: 'today' }, { nowMs: late, zone: 'America/Denver' })).toEqual(
      range('validTill', { gte: '2026-11-23' }),
    );
  });

  it('keeps bounds that no day can meet; they find nothing', () => {
    expect(days({ gte: '2026-02-01', lte: '2026-01-01' })).toEqual(
      range('validTill', { gte: '2026-02-01', lte: '2026-01-01' }),
    );
  });

  it.each<DateBounds>([
    { gte: 'soon' },
    { lt: '' },
    { period: 'someday' },
    { nextDays: -1 },
    { lastDays: 36_501 },
    { gt: '9999-12-31' },
    { lte: 'today+99999y' },
  ])('refuses %j', (bounds) => {
    expect(() => days(bounds)).toThrow(BadUserInput);
    expect(() => instants(bounds)).toThrow(BadUserInput);
  });

  it('refuses a zone that is none', () => {
    expect(() => days({ gte: 'today' }, { nowMs: noon, zone: 'Mars/Base' })).toThrow(/Mars\/Base/);
  });
});

describe('bounds on an instant', () => {
  it.each<[DateBounds, typeof inUtc, object]>([
    [{ gte: '2026-11-20' }, inUtc, { gte: '2026-11-20T00:00:00Z' }],
    [{ lte: '2026-11-20' }, inUtc, { lt: '2026-11-21T00:00:00Z' }],
    [{ gt: '2026-11-20' }, inUtc, { gte: '2026-11-21T00:00:00Z' }],
    [{ lt: '2026-11-20' }, inUtc, { lt: '2026-11-20T00:00:00Z' }],
    [{ period: 'last_month' }, inUtc, { gte: '2026-10-01T00:00:00Z', lt: '2026-11-01T00:00:00Z' }],
    [{ gte: '2026-11-20', lte: '2026-11-20' }, inBerlin, { gte: '2026-11-19T23:00:00Z', lt: '2026-11-20T23:00:00Z' }],
    // Summer time begins on 29 March and ends on 25 October 2026: days of 23 and 25 hours.
    [{ gte: '2026-03-29', lte: '2026-03-29' }, inBerlin, { gte: '2026-03-28T23:00:00Z', lt: '2026-03-29T22:00:00Z' }],
    [{ gte: '2026-10-25', lte: '2026-10-25' }, inBerlin, { gte: '2026-10-24T22:00:00Z', lt: '2026-10-25T23:00:00Z' }],
    [{ olderThanHours: 24 }, inUtc, { lt: '2026-11-22T12:00:00Z' }],
    [{ olderThanHours: 0 }, inUtc, { lt: '2026-11-23T12:00:00Z' }],
    [{ olderThanHours: 24, lte: '2026-11-20' }, inUtc, { lt: '2026-11-21T00:00:00Z' }],
    [
      { olderThanHours: 24, lte: 'today', gte: 'today-7d' },
      inUtc,
      { gte: '2026-11-16T00:00:00Z', lt: '2026-11-22T12:00:00Z' },
    ],
    [{ gte: '2026-01-01', lte: '9999-12-31' }, inUtc, { gte: '2026-01-01T00:00:00Z' }],
  ])('%j in %j means %j', (bounds, context, expected) => {
    expect(instants(bounds, context)).toEqual(range('dateCreated', expected));
  });

  it('has no condition for an end that never comes', () => {
    expect(instants({ lte: '9999-12-31' })).toEqual([]);
  });

  it('refuses hours before now', () => {
    expect(() => instants({ olderThanHours: -1 })).toThrow(BadUserInput);
  });
});

describe('the same bounds as a test', () => {
  it.each<[DateBounds, boolean, boolean, boolean, boolean]>([
    // Of the last second before today, now, the last second of today, and no value.
    [{}, true, true, true, true],
    [{ gte: 'today' }, false, true, true, false],
    [{ lt: 'today' }, true, false, false, false],
    [{ lte: 'today' }, true, true, true, false],
    [{ olderThanHours: 1 }, true, false, false, false],
    [{ isNull: true }, false, false, false, true],
    [{ isNull: false }, true, true, true, false],
    [{ isNull: true, gte: 'today' }, false, false, false, false],
  ])('of an instant: %j', (bounds, ...expected) => {
    const holds = dateTest(bounds, 'timestamp', inUtc);
    const values = ['2026-11-22T23:59:59Z', '2026-11-23T12:00:00Z', '2026-11-23T23:59:59Z', null];
    expect(values.map(holds)).toEqual(expected);
  });

  it('of a day', () => {
    const holds = dateTest({ gt: '2026-11-22', lte: '2026-11-23' }, 'date', inUtc);
    expect(['2026-11-22', '2026-11-23', '2026-11-24', null].map(holds)).toEqual([false, true, false, false]);
    expect(() => dateTest({ gte: 'soon' }, 'date', inUtc)).toThrow(BadUserInput);
  });
});

describe('the beginning of a day', () => {
  it.each([
    ['2026-11-23', 'UTC', '2026-11-23T00:00:00Z'],
    ['2026-11-23', 'Pacific/Kiritimati', '2026-11-22T10:00:00Z'],
    ['2026-11-23', 'Etc/GMT+12', '2026-11-23T12:00:00Z'],
    ['2026-11-23', 'Asia/Kathmandu', '2026-11-22T18:15:00Z'],
    // Midnight does not exist on these days: the clock goes from 23:59:59 to 01:00.
    ['2026-04-24', 'Africa/Cairo', '2026-04-23T22:00:00Z'],
    ['2026-09-06', 'America/Santiago', '2026-09-06T04:00:00Z'],
    // Midnight comes twice on this one; the day begins with the first.
    ['2026-11-01', 'America/Havana', '2026-11-01T04:00:00Z'],
    // This day does not exist in Samoa: what follows it begins.
    ['2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00Z'],
  ])('%s in %s is %s', (day, zone, expected) => {
    expect(new Date(startOfDayMs(day as CalendarDate, zone)).toISOString()).toBe(expected.replace('Z', '.000Z'));
  });
});
