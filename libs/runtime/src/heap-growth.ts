import { PerformanceObserver, constants, performance } from 'node:perf_hooks';
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What the heap may grow to before it is collected, as long as what is alive leaves room for it. */
const targetBytes = 250 * 2 ** 20;
/** In hundredths of what is alive. Less than the least would collect all the time; V8 by itself allows 300. */
const percents = { least: 10, leastOfMuch: 20, most: 150 };
/** Collections that come later than this after one another cost little. */
const seldomMs = 3_000;

/**
 * How far the heap may grow over what is alive before V8 collects it again, in hundredths; V8 adds the size of its young generation.
 *
 * @param sinceMs from the collection before to this one
 * @param isEarly somebody asked for it
 */
export function growthPercent(aliveBytes: number, sinceMs: number, isEarly: boolean): number {
  if (isEarly || sinceMs > seldomMs) return percents.least;
  const room = (targetBytes / aliveBytes - 1) * 100;
  return Math.round(Math.min(percents.most, Math.max(percents.leastOfMuch, room)));
}

/** A process is at rest that takes less than this in each of so many seconds, one after the other. */
const restBytes = 4 * 2 ** 20;
/** Long enough for bursts of requests: what was given back is taken anew, and the first second of a burst took 15 % more CPU. */
const usualRestSeconds = 30;
/** What a process at rest may hold beside its young generation and what it could not give back the last time. */
const spareBytes = 100 * 2 ** 20;

/** Whether a process at rest gives back what it holds: 50 to 130 ms in which nothing else runs, once after each time that it grew. */
export const isToGiveBack = (heldBytes: number, leftBytes: number): boolean => heldBytes - leftBytes > spareBytes;

let isKeptSmall = false;
let aliveBytes = 0;
let sinceMs = Number.POSITIVE_INFINITY;
let asking = 0;

function apply(): void {
  if (!isKeptSmall) return;
  setFlagsFromString(`--heap-growing-percent=${growthPercent(aliveBytes, sinceMs, asking > 0)}`);
}

/**
 * Has V8 collect earlier. By itself it lets the heap grow to four times of what is alive, where the machine has memory: a mirror
 * that reads 100,000 orders holds 100 to 200 MB of them at a time, and would take 1.6 GB to do so. What it costs is CPU while much
 * is read at once; requests that live short hardly come into this part of the heap.
 *
 * @param restSeconds after so long at rest it gives back what it holds
 */
export function keepHeapSmall({ restSeconds = usualRestSeconds } = {}): void {
  isKeptSmall = true;
  apply();
  let lastMs = performance.now();
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      // Typed for browsers, which do not tell of collections.
      const { detail } = entry as typeof entry & { readonly detail: { readonly kind: number } };
      if (detail.kind !== constants.NODE_PERFORMANCE_GC_MAJOR) continue;
      aliveBytes = getHeapStatistics().used_heap_size;
      sinceMs = entry.startTime - lastMs;
      lastMs = entry.startTime;
      apply();
    }
  }).observe({ entryTypes: ['gc'] });
  giveBackAtRest(restSeconds);
}

/** V8 does not by itself while nothing is asked of Node: a process that filled its mirror would keep 300 MB for ever. */
function giveBackAtRest(restSeconds: number): void {
  let leftBytes = 0;
  let usedBytes = 0;
  let seconds = 0;
  setInterval(() => {
    const { used_heap_size: nowUsedBytes } = getHeapStatistics();
    seconds = Math.abs(nowUsedBytes - usedBytes) < restBytes ? seconds + 1 : 0;
    usedBytes = nowUsedBytes;
    leftBytes = Math.min(leftBytes, heldBytes());
    if (seconds < restSeconds || !isToGiveBack(heldBytes(), leftBytes)) return;
    collectNow();
    leftBytes = heldBytes();
  }, 1_000).unref();
}

function heldBytes(): number {
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  return getHeapStatistics().total_heap_size - (young?.space_size ?? 0);
}

function collectNow(): void {
  // `gc` is there in contexts that are made after the flag is set, and nowhere else.
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { readonly type: 'major'; readonly execution: 'sync' }) => void;
  setFlagsFromString('--no-expose-gc');
  const collectAsBefore = collectEarly();
  collect({ type: 'major', execution: 'sync' });
  collectAsBefore();
}

/**
 * Has V8 collect as early as can be for a while: when a process starts, since it would let what it then leaves behind stand for as
 * long as it rests; and while a report of many pages is written. Each page lives a moment too long for the young generation, and what
 * is left of them would otherwise grow to more than all that is alive before it is collected.
 *
 * @returns to be called at the end of it
 */
export function collectEarly(): () => void {
  let isOver = false;
  asking += 1;
  apply();
  return () => {
    if (isOver) return;
    isOver = true;
    asking -= 1;
    // Collections that were asked for tell nothing of the load.
    sinceMs = Number.POSITIVE_INFINITY;
    apply();
  };
}
