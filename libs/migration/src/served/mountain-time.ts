/** The zone of CertCentral's status-change windows and of days of domain control; its pages call it MDT and Mountain Time. */
const zone = 'America/Denver';

const wallClock = new Intl.DateTimeFormat('en-CA', {
  timeZone: zone,
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** What the clock on the wall shows, as if it were UTC. */
function wallMsAt(instantMs: number): number {
  const parts = new Map(wallClock.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]));
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type)!;
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
}

/** The day in Mountain Time, `yyyy-MM-dd`. */
export const mountainDay = (instantMs: number): string => new Date(wallMsAt(instantMs)).toISOString().slice(0, 10);

/**
 * The instant at which the clock shows these digits.
 *
 * @param digits year, month, day, hour, minute, second
 * @returns null for digits that are no time, or that the clock skips or shows twice when it is put forward or back
 */
export function instantOf(digits: readonly number[]): { readonly instantMs: number; readonly wallMs: number } | null {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = digits;
  const wallMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const shown = new Date(wallMs);
  const isTime =
    shown.getUTCMonth() === month - 1 && shown.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!isTime) return null;
  const hourMs = 3_600_000;
  // Mountain Time is six or seven hours behind.
  const instants = [6, 7].map((hours) => wallMs + hours * hourMs).filter((instantMs) => wallMsAt(instantMs) === wallMs);
  return instants.length === 1 ? { instantMs: instants[0]!, wallMs } : null;
}
