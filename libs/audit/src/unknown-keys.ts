import type { UnknownKeysEntry } from './audit-entry.ts';

export interface UnknownKeys {
  /** One request without a valid key. Costs a map entry. */
  note(refusal: { readonly from: string; readonly isKeyGiven: boolean }, nowMs: number): void;
  /** What was noted in minutes that are over, one entry per address; all of it when nothing more comes. */
  take(nowMs: number, isLast?: boolean): readonly UnknownKeysEntry[];
}

interface Count {
  requests: number;
  withoutKey: number;
}

const minuteMs = 60_000;

/**
 * Counts refused keys by minute and address, so that whoever tries many fills neither memory nor the log.
 *
 * @param maxAddresses told apart in one minute; those beyond are one entry without an address
 */
export function createUnknownKeys(maxAddresses = 200): UnknownKeys {
  const minutes = new Map<number, Map<string | null, Count>>();
  return {
    note({ from, isKeyGiven }, nowMs) {
      const minute = Math.floor(nowMs / minuteMs);
      let counts = minutes.get(minute);
      if (counts === undefined) minutes.set(minute, (counts = new Map()));
      const address = counts.has(from) || counts.size < maxAddresses ? from : null;
      let count = counts.get(address);
      if (count === undefined) counts.set(address, (count = { requests: 0, withoutKey: 0 }));
      count.requests += 1;
      if (!isKeyGiven) count.withoutKey += 1;
    },
    take(nowMs, isLast = false) {
      const current = Math.floor(nowMs / minuteMs);
      const over = [...minutes].filter(([minute]) => isLast || minute < current);
      return over.flatMap(([minute, counts]) => {
        minutes.delete(minute);
        const at = new Date(minute * minuteMs).toISOString();
        return [...counts].map(([from, count]) => ({ kind: 'unknown-keys' as const, at, from, ...count }));
      });
    },
  };
}
