/** Source: vendor page "Rate limits": rolling windows per API key. */
const windows = [
  { calls: 100, windowMs: 5_000 },
  { calls: 1_000, windowMs: 180_000 },
] as const;

const [shortWindow, longWindow] = windows;

export interface Peaks {
  /** Highest number of accepted calls of one key in any 5 s. */
  readonly peak5s: number;
  /** Highest number of accepted calls of one key in any 180 s. */
  readonly peak180s: number;
}

export interface CallLimits {
  /** How long until a call would be accepted; 0 when this one was. Refused calls do not count. */
  readonly take: (key: string) => number;
  readonly peaks: () => Peaks;
  readonly resetPeaks: () => void;
}

/** Times of one key's accepted calls, oldest first; `start` skips those that have left the long window. */
interface CallLog {
  times: number[];
  start: number;
}

/** How many calls lie in (now - windowMs, now]: a call leaves its window exactly when the window has passed. */
function countWithin({ times, start }: CallLog, windowMs: number, nowMs: number): number {
  let low = start;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) <= nowMs - windowMs) low = middle + 1;
    else high = middle;
  }
  return times.length - low;
}

/** @param nowMs a monotonic clock, milliseconds: limits do not follow the emulator's settable clock */
export function createCallLimits(isEnforced: boolean, nowMs: () => number): CallLimits {
  const logs = new Map<string, CallLog>();
  let peaks: Peaks = { peak5s: 0, peak180s: 0 };

  const forgetOld = (log: CallLog, atMs: number) => {
    log.start = log.times.length - countWithin(log, longWindow.windowMs, atMs);
    if (log.start > 10_000) {
      log.times = log.times.slice(log.start);
      log.start = 0;
    }
  };

  const waitMs = (log: CallLog, atMs: number) => {
    const waits = windows.map(({ calls, windowMs }) => {
      const inTheWay = countWithin(log, windowMs, atMs) >= calls ? log.times.at(-calls) : undefined;
      return inTheWay === undefined ? 0 : inTheWay + windowMs - atMs;
    });
    return Math.max(...waits);
  };

  return {
    take: (key) => {
      const atMs = nowMs();
      const log = logs.get(key) ?? { times: [], start: 0 };
      logs.set(key, log);
      forgetOld(log, atMs);
      const wait = isEnforced ? waitMs(log, atMs) : 0;
      if (wait > 0) return wait;
      log.times.push(atMs);
      peaks = {
        peak5s: Math.max(peaks.peak5s, countWithin(log, shortWindow.windowMs, atMs)),
        peak180s: Math.max(peaks.peak180s, countWithin(log, longWindow.windowMs, atMs)),
      };
      return 0;
    },
    peaks: () => peaks,
    resetPeaks: () => {
      peaks = { peak5s: 0, peak180s: 0 };
    },
  };
}
