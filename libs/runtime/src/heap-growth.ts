import { PerformanceObserver, constants } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/** What the heap may grow to before it is collected, as long as what is alive leaves room for it. */
const targetBytes = 150 * 2 ** 20;
/** In hundredths of what is alive. Less than the least would collect all the time; V8 by itself allows 300. */
const bounds = { least: 20, most: 100 };

/** How far the heap may grow over what is alive before V8 collects it again, in hundredths. */
export function growthPercent(aliveBytes: number): number {
  return Math.round(Math.min(bounds.most, Math.max(bounds.least, (targetBytes / aliveBytes - 1) * 100)));
}

/**
 * Has V8 collect earlier the more is alive. By itself it lets the heap grow to four times of that, where the machine has memory:
 * a mirror that reads 100,000 orders holds 100 to 200 MB of them at a time, and would take 1.6 GB to do so. What it costs is CPU
 * while much is read at once; requests that live short never come into this part of the heap.
 */
export function keepHeapSmall(): void {
  let isSet = -1;
  const apply = (aliveBytes: number) => {
    const percent = growthPercent(aliveBytes);
    if (percent === isSet) return;
    isSet = percent;
    setFlagsFromString(`--heap-growing-percent=${percent}`);
  };
  apply(getHeapStatistics().used_heap_size);
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      // Typed for browsers, which do not tell of collections.
      const { detail } = entry as typeof entry & { readonly detail: { readonly kind: number } };
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) apply(getHeapStatistics().used_heap_size);
    }
  }).observe({ entryTypes: ['gc'] });
}
