/** Counts of calls to the API, control routes left out. Every call counts, whatever it was answered. */
export interface Stats {
  readonly total: number;
  /** By method and pattern, such as `GET /order/certificate/{id}`. */
  readonly calls: Readonly<Partial<Record<string, number>>>;
  readonly byKey: Readonly<Partial<Record<string, number>>>;
  /** How many 429s were given. */
  readonly limited: number;
  /** Bytes of answer bodies. */
  readonly bytes: number;
}

export interface StatsCounter {
  readonly countCall: (route: string, key: string) => void;
  readonly countAnswer: (status: number) => void;
  readonly countBytes: (bytes: number) => void;
  readonly read: () => Stats;
  readonly reset: () => void;
}

export function createStatsCounter(): StatsCounter {
  const calls = new Map<string, number>();
  const byKey = new Map<string, number>();
  let total = 0;
  let limited = 0;
  let bytes = 0;
  const increase = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  return {
    countCall: (route, key) => {
      total += 1;
      increase(calls, route);
      increase(byKey, key);
    },
    countAnswer: (status) => {
      if (status === 429) limited += 1;
    },
    countBytes: (sent) => {
      bytes += sent;
    },
    read: () => ({ total, calls: Object.fromEntries(calls), byKey: Object.fromEntries(byKey), limited, bytes }),
    reset: () => {
      calls.clear();
      byKey.clear();
      total = 0;
      limited = 0;
      bytes = 0;
    },
  };
}
