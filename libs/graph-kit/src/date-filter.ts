import {
  BadUserInput,
  addDays,
  dayIn,
  resolveDays,
  type CalendarDate,
  type OrderCondition,
  type OrderField,
} from '@certfolio/core';

/** Bounds on a day or an instant, as GraphQL hands them over: every member may be absent or null. */
export interface DateBounds {
  readonly gte?: string | null;
  readonly gt?: string | null;
  readonly lte?: string | null;
  readonly lt?: string | null;
  /** A period such as `last_month`: both bounds. */
  readonly period?: string | null;
  /** From today through today + n days. */
  readonly nextDays?: number | null;
  /** From today − n days through today. */
  readonly lastDays?: number | null;
  /** Instants only: at least so many hours ago. */
  readonly olderThanHours?: number | null;
  readonly isNull?: boolean | null;
}

export interface DateContext {
  readonly nowMs: number;
  /** IANA name of the zone in which `today` is today. */
  readonly zone: string;
}

/** Bounds as text compares them; `lte` for days, `lt` for instants. */
interface DateRange {
  readonly gte?: string;
  readonly lte?: string;
  readonly lt?: string;
}

/**
 * Turns the bounds into conditions. For a field that holds instants, a day means the whole day of the zone: `lte` reaches
 * to its end, `gt` begins after it.
 *
 * Bounds that no value can meet are kept and find nothing.
 *
 * @param kind whether the field holds days or instants
 * @throws BadUserInput for an expression that is not of the grammar, or a number out of range
 */
export function dateConditions(
  field: OrderField,
  bounds: DateBounds,
  kind: 'date' | 'timestamp',
  context: DateContext,
): OrderCondition[] {
  const range = rangeOf(bounds, kind, context);
  return [
    ...(bounds.isNull == null ? [] : [{ op: 'isNull', field, isNull: bounds.isNull } as const]),
    ...(range === null ? [] : [{ op: 'range', field, ...range } as const]),
  ];
}

/**
 * The same bounds as a test of one value. Without a value only `isNull: true` holds.
 *
 * @throws BadUserInput as `dateConditions`
 */
export function dateTest(
  bounds: DateBounds,
  kind: 'date' | 'timestamp',
  context: DateContext,
): (value: string | null) => boolean {
  const range = rangeOf(bounds, kind, context);
  return (value) => {
    if (bounds.isNull != null && (value === null) !== bounds.isNull) return false;
    if (range === null) return true;
    if (value === null) return false;
    const { gte, lte, lt } = range;
    return (
      (gte === undefined || value >= gte) && (lte === undefined || value <= lte) && (lt === undefined || value < lt)
    );
  };
}

/**
 * The same bounds as instants, half-open; without bounds an empty object.
 *
 * @throws BadUserInput as `dateConditions`
 */
export function instantRange(
  bounds: DateBounds,
  context: DateContext,
): { readonly gte?: string; readonly lt?: string } {
  const { gte, lt } = rangeOf(bounds, 'timestamp', context) ?? {};
  return { ...(gte === undefined ? {} : { gte }), ...(lt === undefined ? {} : { lt }) };
}

/** Null without bounds. */
function rangeOf(bounds: DateBounds, kind: 'date' | 'timestamp', { nowMs, zone }: DateContext): DateRange | null {
  const today = dayIn(zone, nowMs);
  const firsts: CalendarDate[] = [];
  const lasts: CalendarDate[] = [];
  if (bounds.gte != null) firsts.push(resolveDays(bounds.gte, today).first);
  if (bounds.gt != null) firsts.push(addDays(resolveDays(bounds.gt, today).last, 1));
  if (bounds.lte != null) lasts.push(resolveDays(bounds.lte, today).last);
  if (bounds.lt != null) lasts.push(addDays(resolveDays(bounds.lt, today).first, -1));
  if (bounds.period != null) {
    const span = resolveDays(bounds.period, today);
    firsts.push(span.first);
    lasts.push(span.last);
  }
  if (bounds.nextDays != null) {
    firsts.push(today);
    lasts.push(addDays(today, days(bounds.nextDays, 'nextDays')));
  }
  if (bounds.lastDays != null) {
    firsts.push(addDays(today, -days(bounds.lastDays, 'lastDays')));
    lasts.push(today);
  }

  const first = firsts.sort().at(-1);
  const last = lasts.sort().at(0);
  if (kind === 'date') {
    if (first === undefined && last === undefined) return null;
    return { ...(first === undefined ? {} : { gte: first }), ...(last === undefined ? {} : { lte: last }) };
  }

  const upperMs: number[] = [];
  // After the last day that can be written comes no instant that could be.
  if (last !== undefined && last < lastWritableDay) upperMs.push(startOfDayMs(addDays(last, 1), zone));
  if (bounds.olderThanHours != null) {
    if (bounds.olderThanHours < 0)
      throw new BadUserInput(`olderThanHours is ${bounds.olderThanHours}; it must be 0 or more.`);
    upperMs.push(nowMs - bounds.olderThanHours * 3_600_000);
  }
  if (first === undefined && upperMs.length === 0) return null;
  return {
    ...(first === undefined ? {} : { gte: timestampOf(startOfDayMs(first, zone)) }),
    ...(upperMs.length === 0 ? {} : { lt: timestampOf(Math.min(...upperMs)) }),
  };
}

function days(count: number, name: string): number {
  if (count >= 0 && count <= 36_500) return count;
  throw new BadUserInput(`${name} is ${count}; it must be between 0 and 36500.`);
}

const timestampOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

const lastWritableDay = '9999-12-31';

/** The instant at which a calendar day begins in a zone; on a day whose midnight is skipped, the first instant it has. */
export function startOfDayMs(day: CalendarDate, zone: string): number {
  const utcMidnightMs = Date.parse(`${day}T00:00:00Z`);
  if (zone === 'UTC') return utcMidnightMs;
  // Zones lie within 14 hours of UTC: the first quarter of an hour that belongs to the day is its beginning.
  for (let ms = utcMidnightMs - 14 * 3_600_000; ; ms += 900_000) if (dayIn(zone, ms) >= day) return ms;
}
