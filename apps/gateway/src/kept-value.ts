import type { Clock } from '@certfolio/core';

export interface KeptValue<T> {
  /** The last value that could be read, at most `keptMs` old where reading works. Never throws. */
  get(): Promise<T>;
  /** The last reading worked. */
  isCurrent(): boolean;
}

/** A value that is read for whoever looks often, such as a scraper: seldom, and kept while it cannot be read. */
export function createKeptValue<T>(
  read: () => Promise<T>,
  {
    initial,
    keptMs,
    clock,
  }: { readonly initial: T; readonly keptMs: number; readonly clock: Pick<Clock, 'monotonicMs'> },
): KeptValue<T> {
  let value = initial;
  let isCurrent = true;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;
  const look = async () => {
    try {
      value = await read();
      isCurrent = true;
    } catch {
      isCurrent = false;
    }
    readAtMs = clock.monotonicMs();
    reading = null;
  };
  return {
    async get() {
      if (clock.monotonicMs() - readAtMs >= keptMs) await (reading ??= look());
      return value;
    },
    isCurrent: () => isCurrent,
  };
}
