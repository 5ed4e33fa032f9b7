import type { Clock, Logger } from '@certfolio/core';
import type { ComparisonCounts, ComparisonStore, RolloutWindow, SamplePair } from './comparison-store.ts';
import { latencyClass, latencyClasses } from './latency.ts';
import type { ParityCount } from './parity.ts';
import type { Verdict } from './judge.ts';

/** A call or a comparison, as far as counts go by it. */
export interface CountedCall {
  readonly route: string;
  /** Of the route's state when the call came. */
  readonly version: number;
}

/** Counts in memory and writes every few seconds, so that no call waits for the database. */
export interface CountRecorder {
  /** @param isFailed a failure of ours, where the graph was to answer */
  answered(
    call: CountedCall & { readonly by: 'legacy' | 'graph'; readonly durationMs: number; readonly isFailed: boolean },
  ): void;
  compared(call: CountedCall & { readonly keyId: string }, verdict: Verdict, samples: readonly SamplePair[]): void;
  /** Writes what was counted; on failure keeps it for the next time. */
  flush(): Promise<void>;
  /** Flushes every few seconds until the signal aborts, and a last time then. */
  run(signal: AbortSignal): Promise<void>;
}

export interface CountRecorderOptions {
  readonly store: Pick<ComparisonStore, 'add' | 'forget'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly everyMs?: number;
  /** Days that parity and samples are kept. */
  readonly keepDays?: number;
  /** Different counts that wait to be written; further ones are lost, and told. */
  readonly maxPending?: number;
}

/** Windows are for ramps: what they decide by is never older. */
export const windowDays = 3;
/** Of parity and samples. */
export const defaultKeepDays = 14;

const dayMs = 86_400_000;
const minuteMs = 60_000;
const samplesWaiting = 500;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Parity = Mutable<ParityCount & { readonly day: Date }>;
type Window = Mutable<Omit<RolloutWindow, 'graphLatency' | 'legacyLatency'>> & {
  readonly graphLatency: number[];
  readonly legacyLatency: number[];
};

export function createCountRecorder(options: CountRecorderOptions): CountRecorder {
  const { store, clock, logger, everyMs = 2_000, keepDays = defaultKeepDays, maxPending = 20_000 } = options;
  const parity = new Map<string, Parity>();
  const windows = new Map<string, Window>();
  let samples: SamplePair[] = [];
  let lost = 0;
  let forgotDay = -1;

  function windowOf({ route, version }: CountedCall): Window | null {
    const minuteAt = Math.floor(clock.nowMs() / minuteMs) * minuteMs;
    const key = `${minuteAt} ${version} ${route}`;
    const found = windows.get(key);
    if (found !== undefined) return found;
    if (windows.size >= maxPending) {
      lost += 1;
      return null;
    }
    const made = { ...emptyWindow(), route, version, minute: new Date(minuteAt) };
    windows.set(key, made);
    return made;
  }

  function addParity(route: string, keyId: string, field: string, how: 'equal' | 'different' | 'passed'): void {
    const day = Math.floor(clock.nowMs() / dayMs) * dayMs;
    const key = JSON.stringify([day, route, keyId, field]);
    let count = parity.get(key);
    if (count === undefined) {
      if (parity.size >= maxPending) {
        lost += 1;
        return;
      }
      count = { route, keyId, field, day: new Date(day), compared: 0, different: 0, passed: 0 };
      parity.set(key, count);
    }
    count.compared += 1;
    if (how !== 'equal') count[how] += 1;
  }

  async function flush(): Promise<void> {
    if (lost > 0) logger.warn({ lost, maxPending }, 'More different counts of comparisons than are kept in memory.');
    lost = 0;
    const counts: ComparisonCounts = { parity: [...parity.values()], windows: [...windows.values()], samples };
    if (counts.parity.length + counts.windows.length + counts.samples.length > 0) {
      parity.clear();
      windows.clear();
      samples = [];
      try {
        await store.add(counts);
      } catch (error) {
        takeBack(counts);
        logger.warn({ reason: String(error) }, 'Counts of comparisons could not be written; it is tried again.');
        return;
      }
    }
    await forgetOld().catch((error: unknown) =>
      logger.warn({ reason: String(error) }, 'Old comparisons could not be removed; it is tried again.'),
    );
  }

  function takeBack(counts: ComparisonCounts): void {
    for (const count of counts.parity) {
      const key = JSON.stringify([count.day.getTime(), count.route, count.keyId, count.field]);
      const since = parity.get(key);
      if (since === undefined) parity.set(key, { ...count });
      else {
        since.compared += count.compared;
        since.different += count.different;
        since.passed += count.passed;
      }
    }
    for (const window of counts.windows) {
      const key = `${window.minute.getTime()} ${window.version} ${window.route}`;
      const since = windows.get(key);
      windows.set(key, since === undefined ? copyOf(window) : sumOf(copyOf(window), since));
    }
    samples = [...counts.samples, ...samples].slice(-samplesWaiting);
  }

  async function forgetOld(): Promise<void> {
    const today = Math.floor(clock.nowMs() / dayMs);
    if (today === forgotDay) return;
    const before = (days: number) => new Date((today - days) * dayMs);
    await store.forget({ parity: before(keepDays), samples: before(keepDays), windows: before(windowDays) });
    forgotDay = today;
  }

  return {
    answered(call) {
      const window = windowOf(call);
      if (window === null) return;
      if (call.by === 'graph') {
        window.graphCalls += 1;
        window.graphErrors += Number(call.isFailed);
        window.graphLatency[latencyClass(call.durationMs)]! += 1;
      } else {
        window.legacyCalls += 1;
        window.legacyLatency[latencyClass(call.durationMs)]! += 1;
      }
    },
    compared(call, verdict, pairs) {
      const window = windowOf(call);
      if (window !== null) {
        window.compared += 1;
        window.different += Number(verdict.different.length > 0);
      }
      const different = new Set(verdict.different.map(({ field }) => field));
      const passed = new Set(verdict.passed);
      const of = (isDifferent: boolean, isPassed: boolean) =>
        isDifferent ? 'different' : isPassed ? 'passed' : 'equal';
      addParity(call.route, call.keyId, '', of(different.size > 0, passed.size > 0));
      for (const field of new Set([...verdict.fields, ...different]))
        addParity(call.route, call.keyId, field, of(different.has(field), passed.has(field)));
      samples = [...samples, ...pairs].slice(-samplesWaiting);
    },
    flush,
    async run(signal) {
      while (!signal.aborted) {
        await clock.sleep(everyMs, signal).catch(() => undefined);
        await flush();
      }
    },
  };
}

const noLatency = () => Array.from({ length: latencyClasses }, () => 0);

const emptyWindow = () => ({
  ...{ compared: 0, different: 0, graphCalls: 0, graphErrors: 0, legacyCalls: 0 },
  graphLatency: noLatency(),
  legacyLatency: noLatency(),
});

const copyOf = (window: RolloutWindow): Window => ({
  ...window,
  graphLatency: [...window.graphLatency],
  legacyLatency: [...window.legacyLatency],
});

function sumOf(left: Window, right: Window): Window {
  left.compared += right.compared;
  left.different += right.different;
  left.graphCalls += right.graphCalls;
  left.graphErrors += right.graphErrors;
  left.legacyCalls += right.legacyCalls;
  right.graphLatency.forEach((count, at) => (left.graphLatency[at]! += count));
  right.legacyLatency.forEach((count, at) => (left.legacyLatency[at]! += count));
  return left;
}
