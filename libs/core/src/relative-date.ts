import { BadUserInput } from './errors/errors.ts';
import type { CalendarDate } from './ids.ts';

/** A span of days, both ends included. A single day has two equal ends. */
export interface DaySpan {
  readonly first: CalendarDate;
  readonly last: CalendarDate;
}

const dayMs = 86_400_000;
const grammar =
  'a day "2026-11-23", "today", "today+30d", "today-2w" (d, w, m, y), "start_of_" or "end_of_" with week, month, quarter or year, or "last_", "this_", "next_" with one of these';

/** The calendar day at an instant in an IANA zone. */
export function dayIn(zone: string, nowMs: number): CalendarDate {
  // By far the most frequent, and dear through Intl.
  if (zone === 'UTC') return utcDayOf(Math.floor(nowMs / dayMs));
  return dayFormat(zone).format(nowMs) as CalendarDate;
}

/** The last day that was asked for, days since 1970: every request asks for today. */
let lastUtcDay: { readonly number: number; readonly text: CalendarDate } | null = null;

function utcDayOf(number: number): CalendarDate {
  if (lastUtcDay?.number !== number) lastUtcDay = { number, text: toDay(new Date(number * dayMs)) };
  return lastUtcDay.text;
}

const dayFormats = new Map<string, Intl.DateTimeFormat>();

/** @throws BadUserInput for a name that is no IANA time zone */
function dayFormat(zone: string): Intl.DateTimeFormat {
  const known = dayFormats.get(zone);
  if (known !== undefined) return known;
  try {
    const format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    if (dayFormats.size < 1_000) dayFormats.set(zone, format);
    return format;
  } catch {
    throw new BadUserInput(`"${zone}" is no time zone; use an IANA name such as "UTC" or "Europe/Berlin".`);
  }
}

export function isCalendarDate(text: string): text is CalendarDate {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const instant = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text);
}

export function addDays(day: CalendarDate, days: number): CalendarDate {
  return toDay(new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs));
}

/** Whole days from `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: CalendarDate, to: CalendarDate): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / dayMs);
}

/**
 * Resolves a date expression against the calendar day it is evaluated on. Months are added by the calendar and end on the
 * last day of a shorter month: 31 January + 1m is 28 or 29 February. Weeks begin on Monday (ISO 8601).
 *
 * @throws BadUserInput naming the grammar, or for a day outside the years 0000 to 9999
 */
export function resolveDays(expression: string, today: CalendarDate): DaySpan {
  if (isCalendarDate(expression)) return single(expression);

  const relative = /^today(?:([+-])(\d{1,5})([dwmy]))?$/.exec(expression);
  if (relative !== null) {
    const [, sign, count, unit] = relative;
    if (sign === undefined) return single(today);
    const amount = Number(count) * (sign === '-' ? -1 : 1);
    return single(shift(today, amount, unit as Unit));
  }

  const edge = /^(start|end)_of_(week|month|quarter|year)$/.exec(expression);
  if (edge !== null) {
    const span = periodAround(today, edge[2] as Period, 0);
    return single(edge[1] === 'start' ? span.first : span.last);
  }

  const period = /^(last|this|next)_(week|month|quarter|year)$/.exec(expression);
  if (period !== null) {
    const step = period[1] === 'last' ? -1 : period[1] === 'next' ? 1 : 0;
    return periodAround(today, period[2] as Period, step);
  }
  throw new BadUserInput(`"${expression.slice(0, 80)}" is no date expression; use ${grammar}.`);
}

type Unit = 'd' | 'w' | 'm' | 'y';
type Period = 'week' | 'month' | 'quarter' | 'year';

const single = (day: CalendarDate): DaySpan => ({ first: day, last: day });

/** @throws BadUserInput for a year that has not four digits, since days are compared as text */
function toDay(date: Date): CalendarDate {
  const year = date.getUTCFullYear();
  if (year >= 0 && year <= 9_999) return date.toISOString().slice(0, 10) as CalendarDate;
  throw new BadUserInput('The date lies outside the years 0000 to 9999.');
}

/** `Date.UTC` takes the years 0 to 99 for those of the twentieth century. */
function utcDate(year: number, monthIndex: number, dayOfMonth: number): Date {
  const date = new Date(0);
  date.setUTCFullYear(year, monthIndex, dayOfMonth);
  return date;
}

function shift(day: CalendarDate, amount: number, unit: Unit): CalendarDate {
  if (unit === 'd') return addDays(day, amount);
  if (unit === 'w') return addDays(day, amount * 7);
  const months = unit === 'm' ? amount : amount * 12;
  const [year, month, dayOfMonth] = parts(day);
  const lastOfMonth = utcDate(year, month + months, 0).getUTCDate();
  return toDay(utcDate(year, month - 1 + months, Math.min(dayOfMonth, lastOfMonth)));
}

function periodAround(day: CalendarDate, period: Period, step: number): DaySpan {
  const [year, month] = parts(day);
  if (period === 'week') {
    const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
    const first = addDays(day, step * 7 - weekday);
    return { first, last: addDays(first, 6) };
  }
  const monthsLong = { month: 1, quarter: 3, year: 12 }[period];
  const firstMonth = Math.floor((month - 1) / monthsLong) * monthsLong + step * monthsLong;
  return {
    first: toDay(utcDate(year, firstMonth, 1)),
    last: toDay(utcDate(year, firstMonth + monthsLong, 0)),
  };
}

function parts(day: CalendarDate): [year: number, month: number, day: number] {
  const [year, month, dayOfMonth] = day.split('-').map(Number);
  return [year!, month!, dayOfMonth!];
}
