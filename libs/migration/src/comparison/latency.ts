/** Each class of the histogram ends so much above the one before; a percentile is known that exactly. */
const ratio = 1.15;
/** From 1 ms to beyond a minute; the last class has no end. */
export const latencyClasses = 82;

/** The class of a time; classes are half-open and end at 1 ms, 1.15 ms, 1.3225 ms, … */
export function latencyClass(durationMs: number): number {
  if (!(durationMs > 1)) return 0;
  return Math.min(latencyClasses - 1, Math.ceil(Math.log(durationMs) / Math.log(ratio)));
}

/** Sums of the same classes; lists may be shorter than there are classes. */
export function addLatency(left: readonly number[], right: readonly number[]): number[] {
  const length = Math.max(left.length, right.length);
  return Array.from({ length }, (_, at) => (left[at] ?? 0) + (right[at] ?? 0));
}

/**
 * The time that the given share of calls stayed within, in milliseconds: the end of its class, so at most 15 % too long.
 * Null without a call.
 */
export function latencyAt(share: number, counts: readonly number[]): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let before = 0;
  const at = counts.findIndex((count) => (before += count) >= share * total);
  return ratio ** at;
}
