import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BadUserInput } from './errors/errors.ts';
import type { CalendarDate } from './ids.ts';
import { addDays, dayIn, daysBetween, isCalendarDate, resolveDays } from './relative-date.ts';

const day = (text: string) => text as CalendarDate;
/** The span as `first..last`, or one day. */
const spanOf = (expression: string, today: string): string => {
  const { first, last } = resolveDays(expression, day(today));
  return first === last ? first : `${first}..${last}`;
};

describe('resolveDays', () => {
  it.each([
    ['2024-02-29', '2024-02-29'],
    ['today', '2026-11-23'],
    ['today+30d', '2026-12-23'],
    ['today-2w', '2026-11-09'],
    ['today+0d', '2026-11-23'],
    ['today+3m', '2027-02-23'],
    ['today-1y', '2025-11-23'],
    ['start_of_week', '2026-11-23'],
    ['end_of_week', '2026-11-29'],
    ['start_of_month', '2026-11-01'],
    ['end_of_month', '2026-11-30'],
    ['start_of_quarter', '2026-10-01'],
    ['end_of_quarter', '2026-12-31'],
    ['start_of_year', '2026-01-01'],
    ['end_of_year', '2026-12-31'],
    ['last_week', '2026-11-16..2026-11-22'],
    ['this_week', '2026-11-23..2026-11-29'],
    ['next_week', '2026-11-30..2026-12-06'],
    ['last_month', '2026-10-01..2026-10-31'],
    ['this_month', '2026-11-01..2026-11-30'],
    ['next_month', '2026-12-01..2026-12-31'],
    ['last_quarter', '2026-07-01..2026-09-30'],
    ['this_quarter', '2026-10-01..2026-12-31'],
    ['next_quarter', '2027-01-01..2027-03-31'],
    ['last_year', '2025-01-01..2025-12-31'],
    ['this_year', '2026-01-01..2026-12-31'],
    ['next_year', '2027-01-01..2027-12-31'],
  ])('resolves %s on Monday, 23 November 2026', (expression, expected) => {
    expect(spanOf(expression, '2026-11-23')).toBe(expected);
  });

  it.each([
    ['today+1m', '2026-01-31', '2026-02-28'],
    ['today+1m', '2028-01-31', '2028-02-29'],
    ['today-1m', '2026-03-31', '2026-02-28'],
    ['today+13m', '2026-12-31', '2028-01-31'],
    ['today-12m', '2028-02-29', '2027-02-28'],
    ['today+1y', '2028-02-29', '2029-02-28'],
    ['today+4y', '2028-02-29', '2032-02-29'],
    ['today+1d', '2028-02-28', '2028-02-29'],
    ['today+1d', '2026-12-31', '2027-01-01'],
    ['end_of_month', '2028-02-10', '2028-02-29'],
    ['last_month', '2026-01-15', '2025-12-01..2025-12-31'],
    ['last_quarter', '2026-02-15', '2025-10-01..2025-12-31'],
    ['start_of_week', '2026-11-29', '2026-11-23'],
    ['last_week', '2026-01-01', '2025-12-22..2025-12-28'],
    ['this_week', '2027-01-01', '2026-12-28..2027-01-03'],
    ['today-1900y', '2026-11-23', '0126-11-23'],
    ['today-1980y', '2026-11-23', '0046-11-23'],
    ['start_of_year', '0046-11-23', '0046-01-01'],
    ['today+7973y', '2026-11-23', '9999-11-23'],
  ])('resolves %s on %s by the calendar', (expression, today, expected) => {
    expect(spanOf(expression, today)).toBe(expected);
  });

  it.each(['today+99999y', 'today-99999y', 'today+99999m', 'today+7974y', 'today-2027y'])(
    'refuses %s, whose year has not four digits',
    (expression) => {
      expect(() => resolveDays(expression, day('2026-11-23'))).toThrow(BadUserInput);
    },
  );

  it.each([
    '',
    'Today',
    'today +1d',
    'today+1',
    'today+d',
    'today+1h',
    'today+100000d',
    'today+-1d',
    'tomorrow',
    'next_day',
    'middle_of_week',
    '2026-02-29',
    '2026-13-01',
    '2026-1-1',
    '2026-11-23T00:00:00Z',
    ' 2026-11-23',
    '+02026-11-2',
  ])('refuses "%s", naming the grammar', (expression) => {
    expect(() => resolveDays(expression, day('2026-11-23'))).toThrow(/is no date expression; use a day "2026-11-23"/);
  });

  it('repeats no more than 80 characters of what it refuses', () => {
    expect(() => resolveDays('x'.repeat(10_000), day('2026-11-23'))).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^"x{80}" is/) }),
    );
  });

  it('gives days in order that the calendar has, for every expression and day', () => {
    const expression = fc.oneof(
      fc
        .tuple(fc.constantFrom('+', '-'), fc.nat(500), fc.constantFrom(...'dwmy'))
        .map(([sign, count, unit]) => `today${sign}${count}${unit}`),
      fc
        .tuple(
          fc.constantFrom('start_of', 'end_of', 'last', 'this', 'next'),
          fc.constantFrom('week', 'month', 'quarter', 'year'),
        )
        .map((words) => words.join('_')),
    );
    const today = fc
      .date({ min: new Date('1000-01-01'), max: new Date('3000-01-01'), noInvalidDate: true })
      .map((date) => day(date.toISOString().slice(0, 10)));
    fc.assert(
      fc.property(expression, today, (text, on) => {
        const { first, last } = resolveDays(text, on);
        expect(isCalendarDate(first) && isCalendarDate(last) && first <= last).toBe(true);
      }),
    );
  });

  it('joins neighbouring periods without a gap', () => {
    for (const period of ['week', 'month', 'quarter', 'year']) {
      for (let offset = 0; offset < 800; offset += 13) {
        const today = addDays(day('2027-06-01'), offset);
        expect(resolveDays(`this_${period}`, today).first).toBe(addDays(resolveDays(`last_${period}`, today).last, 1));
        expect(resolveDays(`next_${period}`, today).first).toBe(addDays(resolveDays(`this_${period}`, today).last, 1));
      }
    }
  });
});

describe('days', () => {
  it.each([
    ['UTC', '2026-11-23T23:59:59Z', '2026-11-23'],
    ['Europe/Berlin', '2026-11-23T23:00:00Z', '2026-11-24'],
    ['Europe/Berlin', '2026-07-01T21:59:59Z', '2026-07-01'],
    ['Europe/Berlin', '2026-07-01T22:00:00Z', '2026-07-02'],
    ['America/Denver', '2026-11-23T06:59:59Z', '2026-11-22'],
    ['Pacific/Kiritimati', '2026-11-23T10:00:00Z', '2026-11-24'],
    ['Asia/Kathmandu', '2026-11-23T18:14:59Z', '2026-11-23'],
    ['Asia/Kathmandu', '2026-11-23T18:15:00Z', '2026-11-24'],
  ])('in %s at %s is %s', (zone, instant, expected) => {
    expect(dayIn(zone, Date.parse(instant))).toBe(expected);
  });

  it.each(['Mars/Base', '', 'UTC; drop'])('refuses the zone "%s" by name', (zone) => {
    expect(() => dayIn(zone, 0)).toThrow(BadUserInput);
  });

  it('counts whole days both ways, over a change to summer time too', () => {
    expect(daysBetween(day('2026-03-01'), day('2026-04-01'))).toBe(31);
    expect(daysBetween(day('2026-11-23'), day('2026-11-20'))).toBe(-3);
    expect(addDays(day('2026-03-28'), 2)).toBe('2026-03-30');
  });

  it('refuses days beyond the year 9999, which no column of text could order', () => {
    expect(() => addDays(day('9999-12-31'), 1)).toThrow(BadUserInput);
    expect(() => addDays(day('0000-01-01'), -1)).toThrow(BadUserInput);
  });
});
