import { Cron } from 'croner';

/** What decides when a schedule runs. */
export interface Timetable {
  readonly cron: string;
  readonly zone: string;
  readonly from: string | null;
  readonly until: string | null;
}

/** Five fields that lead to a time at all; `0 0 31 2 *` never comes. */
export function isUsableCron(text: string): boolean {
  if (text.trim().split(/\s+/).length !== 5) return false;
  try {
    return new Cron(text, { paused: true, mode: '5-part' }).nextRun(new Date('2026-01-01T00:00:00Z')) !== null;
  } catch {
    return false;
  }
}

export function isTimeZone(name: string): boolean {
  try {
    // Offsets such as "+01:00" are zones to Intl, and have no summer time that a reader would expect.
    return (
      /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
    );
  } catch {
    return false;
  }
}

/**
 * The next slots after an instant.
 *
 * Where summer time begins, a time of day that the night does not have runs at the first minute after the gap; a pattern
 * with several minutes or hours has no slots inside the gap. Where it ends, a time of day that the night has twice runs at the
 * first; a pattern with several minutes, or with every hour, runs through both hours.
 *
 * @returns fewer than asked for when the schedule ends
 */
export function nextSlots({ cron, zone, from, until }: Timetable, after: Date, count: number): readonly Date[] {
  const pattern = new Cron(cron, { timezone: zone, paused: true, mode: '5-part' });
  const slots: Date[] = [];
  let last = from === null ? after : latest(after, dayBefore(from));
  while (slots.length < count) {
    const slot = pattern.nextRun(last);
    if (slot === null || (until !== null && localDay(slot, zone) > until)) break;
    if (from === null || localDay(slot, zone) >= from) slots.push(slot);
    last = slot;
  }
  return slots;
}

/** What is to be done at an instant about a schedule whose next slot was known. */
export interface DueSlots {
  /** The slot to run now; null when none is due, or none is to be caught up with. */
  readonly run: Date | null;
  /** It began later than a slot of a process that was up. */
  readonly isLate: boolean;
  /** Slots that nobody runs, oldest first. */
  readonly skipped: readonly Date[];
  /** The first slot that is still to come; null when the schedule has ended. */
  readonly next: Date | null;
}

/** Slots that are told of one by one when many were missed. */
const maxSkipped = 100;

/**
 * Decides about the slots from `nextSlot` to now. One that is no more than `graceMs` old is run whatever `catchUp` says: a
 * scheduler that looks a second late has not missed anything.
 */
export function dueSlots(
  timetable: Timetable,
  { nextSlot, now, catchUp, graceMs }: { nextSlot: Date; now: Date; catchUp: 'run_once' | 'skip'; graceMs: number },
): DueSlots {
  if (nextSlot > now) return { run: null, isLate: false, skipped: [], next: nextSlot };
  const skipped: Date[] = [];
  let latestDue = nextSlot;
  let next: Date | null = null;
  for (;;) {
    [next = null] = nextSlots(timetable, latestDue, 1) as readonly (Date | undefined)[] as [Date?];
    if (next === null || next > now) break;
    skipped.push(latestDue);
    if (skipped.length > maxSkipped) skipped.shift();
    latestDue = next;
  }
  const isLate = now.getTime() - latestDue.getTime() > graceMs;
  if (isLate && catchUp === 'skip')
    return { run: null, isLate, skipped: [...skipped, latestDue].slice(-maxSkipped), next };
  return { run: latestDue, isLate, skipped, next };
}

const latest = (a: Date, b: Date) => (a > b ? a : b);
/** No zone is more than 14 hours ahead of UTC. */
const dayBefore = (day: string) => new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000);

function localDay(instant: Date, zone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    instant,
  );
}
