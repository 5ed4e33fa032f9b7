export const SECOND_MS = 1_000;
export const DAY_MS = 86_400_000;

/** The zone of the service's status-change ranges and of DCV dates; the vendor's pages call it MDT. */
const MOUNTAIN = 'America/Denver';

/** `2025-02-10T09:12:00+00:00`, the style of the service's JSON. */
export const isoInstant = (instantMs: number) => `${new Date(instantMs).toISOString().slice(0, 19)}+00:00`;

/** `2025-02-10 09:12:00`, UTC, the style of CSV and of Custom Reports. */
export const sqlInstant = (instantMs: number) => new Date(instantMs).toISOString().slice(0, 19).replace('T', ' ');

/** `2025-02-10`, the UTC day. */
export const isoDay = (instantMs: number) => new Date(instantMs).toISOString().slice(0, 10);

export const startOfDay = (day: string) => Date.parse(`${day}T00:00:00Z`);

let today = { dayNumber: 0, day: '1970-01-01' };

/** `isoDay`, remembered: filters ask for the same day once per order. */
export function todayAt(nowMs: number): string {
  const dayNumber = Math.floor(nowMs / DAY_MS);
  if (dayNumber !== today.dayNumber) today = { dayNumber, day: isoDay(nowMs) };
  return today.day;
}

/** The last second of a UTC day. */
export const endOfDay = (day: string) => startOfDay(day) + DAY_MS - SECOND_MS;

export const addDays = (day: string, days: number) => isoDay(startOfDay(day) + days * DAY_MS);

/** Whole days from the UTC day of an instant to `day`; negative when the day has passed. */
export const daysUntil = (day: string, nowMs: number) =>
  Math.round((startOfDay(day) - startOfDay(isoDay(nowMs))) / DAY_MS);

/** 29 February becomes 1 March in years without one. */
export function addYears(day: string, years: number): string {
  const date = new Date(startOfDay(day));
  return isoDay(date.setUTCFullYear(date.getUTCFullYear() + years));
}

export function startOfMonth(instantMs: number): number {
  const date = new Date(instantMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

const mountainParts = new Intl.DateTimeFormat('en-CA', {
  timeZone: MOUNTAIN,
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** `2025-02-10`, the day in Mountain time. */
export function mountainDay(instantMs: number): string {
  return mountainWallClock(instantMs).slice(0, 10);
}

function mountainWallClock(instantMs: number): string {
  const parts = new Map(mountainParts.formatToParts(instantMs).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? '';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}`;
}

/** The instant at which clocks in Mountain time show what `Date.UTC` made of the same digits. */
export function mountainToInstant(wallClockMs: number): number {
  const offsetAt = (instantMs: number) => Date.parse(`${mountainWallClock(instantMs)}Z`) - instantMs;
  // The offset at the first guess may be that of the other side of a summer-time change.
  const guessMs = wallClockMs - offsetAt(wallClockMs);
  return wallClockMs - offsetAt(guessMs);
}

/**
 * Reads `yyyy-MM-dd`, `yyyy-MM-dd HH:mm:ss` and ISO 8601, digits unpadded or not: clients send `2026-3-7 4:5:9`.
 *
 * @returns milliseconds as if the digits were UTC, and whether a time of day was given
 */
export function parseDate(text: string): { atMs: number; hasTime: boolean } | undefined {
  const match =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2}))?(?:\.\d+)?(?:Z|\+00:?00)?)?$/.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((digits) => Number(digits ?? 0));
  const atMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const isRealDate =
    new Date(atMs).getUTCMonth() === month - 1 && month >= 1 && hour < 24 && minute < 60 && second < 61;
  return isRealDate ? { atMs, hasTime: match[4] !== undefined } : undefined;
}
