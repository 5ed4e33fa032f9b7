/** One rolling window of calls: never more than `calls` of them in any `windowMs` milliseconds. */
export interface RollingWindow {
  readonly calls: number;
  readonly windowMs: number;
}

/**
 * CertCentral allows a key 100 calls in any 5 s and 1,000 in any 3 min (dev.digicert.com, Services API, Rate limits;
 * ADR 0004). We stay under both: its clock is not ours, and the limits are "subject to change".
 */
export const defaultWindows: readonly RollingWindow[] = [
  { calls: 95, windowMs: 5_200 },
  { calls: 980, windowMs: 181_000 },
];

/** What fills the windows of one key at one moment. Times are monotonic milliseconds. */
export interface Occupancy {
  /** When the headers of answered calls arrived, ascending. */
  readonly answeredMs: readonly number[];
  /** When the calls that have no answer yet were granted, ascending. */
  readonly inFlightMs: readonly number[];
}

/**
 * When the next call may be sent: `nowMs` when at once, Infinity when only an answer can make room.
 *
 * CertCentral counts a call at some moment between our sending it and its headers reaching us. So a call fills its place
 * from the grant on, and for a whole window after its headers: whichever moment was counted, no window holds too many.
 * A rolling log and not a token bucket: a bucket of 100 that refills lets almost 200 calls through in one window.
 *
 * @param places how many places of a window the call fills
 */
export function nextCallMs(windows: readonly RollingWindow[], occupancy: Occupancy, nowMs: number, places = 1): number {
  let freeMs = nowMs;
  for (const { calls, windowMs } of windows) {
    const left = calls - occupancy.inFlightMs.length - (places - 1);
    if (left <= 0) return Number.POSITIVE_INFINITY;
    const inTheWayMs = occupancy.answeredMs.at(-left);
    if (inTheWayMs !== undefined) freeMs = Math.max(freeMs, inTheWayMs + windowMs);
  }
  return freeMs;
}

/** When further calls can be sent, the next one first. Answers for any number of calls; each costs its own position once. */
export type Forecast = (callsBefore: number) => number;

/**
 * Forecasts grants as if `headersMs` passed between every grant and its headers. A call that takes longer already is
 * expected to take as long again.
 *
 * @param notBeforeMs earliest moment for any call, while CertCentral has us wait
 * @param places how many places of a window each further call fills
 */
export function forecastCalls(
  windows: readonly RollingWindow[],
  occupancy: Occupancy,
  headersMs: number,
  nowMs: number,
  notBeforeMs: number,
  places = 1,
): Forecast {
  const expected = occupancy.inFlightMs.map((grantedMs) => {
    const answerMs = grantedMs + headersMs;
    return answerMs > nowMs ? answerMs : nowMs + headersMs;
  });
  const filledMs = [...occupancy.answeredMs, ...expected.sort((a, b) => a - b)];
  const grantsMs: number[] = [];
  const isEverFree = windows.every(({ calls }) => calls >= places);
  let lastMs = isEverFree ? Math.max(nowMs, notBeforeMs) : Number.POSITIVE_INFINITY;

  return (callsBefore) => {
    while (grantsMs.length <= callsBefore) {
      for (const { calls, windowMs } of windows) {
        const inTheWayMs = filledMs[filledMs.length - calls + places - 1];
        if (inTheWayMs !== undefined) lastMs = Math.max(lastMs, inTheWayMs + windowMs);
      }
      grantsMs.push(lastMs);
      for (let place = 0; place < places; place += 1) filledMs.push(lastMs + headersMs);
    }
    return grantsMs[callsBefore]!;
  };
}

/** Only this many answered calls can ever stand in the way of another one. */
export function longestMemory(windows: readonly RollingWindow[]): number {
  return Math.max(...windows.map((window) => window.calls));
}

/** @throws TypeError for windows that would grant nothing, or that are not whole calls in a positive time */
export function checkWindows(windows: readonly RollingWindow[]): readonly RollingWindow[] {
  if (windows.length === 0) throw new TypeError('A call budget needs at least one window.');
  for (const { calls, windowMs } of windows) {
    if (!Number.isInteger(calls) || calls < 1)
      throw new TypeError(`A window of ${calls} calls is not a whole number of at least 1.`);
    if (!(windowMs > 0) || windowMs > 3_600_000)
      throw new TypeError(`A window of ${windowMs} ms is not between 0 and one hour.`);
  }
  return windows;
}
