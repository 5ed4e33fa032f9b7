/** Calls on one day. */
export interface DayCalls {
  /** `2026-11-23`, UTC. */
  readonly day: string;
  readonly calls: number;
}

const dayMs = 86_400_000;
/** Whole weeks before today that the line is laid through. */
export const projectionWeeks = 6;
const leastWeeks = 3;
const furthestDays = 3 * 365;

/**
 * The day on which calls end when they go on falling as in the last weeks: where a straight line through the calls of each
 * week meets zero. Null when they do not fall, when there are fewer than three weeks, and beyond three years.
 *
 * @param days in any order; what is missing had no call. Counts from the first week with a call
 */
export function projectedEnd(days: readonly DayCalls[], nowMs: number): Date | null {
  const today = Math.floor(nowMs / dayMs) * dayMs;
  const weeks = Array.from({ length: projectionWeeks }, () => 0);
  for (const { day, calls } of days) {
    const ageDays = (today - Date.parse(day)) / dayMs;
    const week = projectionWeeks - Math.ceil(ageDays / 7);
    if (ageDays >= 1 && week >= 0) weeks[week]! += calls;
  }
  const first = weeks.findIndex((calls) => calls > 0);
  const used = weeks.slice(Math.max(0, first));
  if (first === -1 || used.length < leastWeeks) return null;

  const middle = (used.length - 1) / 2;
  const mean = used.reduce((sum, calls) => sum + calls, 0) / used.length;
  const slope =
    used.reduce((sum, calls, at) => sum + (at - middle) * (calls - mean), 0) /
    used.reduce((sum, _calls, at) => sum + (at - middle) ** 2, 0);
  if (slope >= 0) return null;
  const weeksFromLast = middle - mean / slope - (used.length - 1);
  // A week's calls stand for its middle; the last one ended with yesterday.
  const daysAhead = Math.max(0, Math.ceil(weeksFromLast * 7 - 3.5));
  return daysAhead > furthestDays ? null : new Date(today + daysAhead * dayMs);
}
