import type { Clock } from './clock.ts';
import { ReadLedger } from './read-ledger.ts';
import { everything, type Read } from './read.ts';

/** A clock that stands still until it is told; sleepers wake in order of their time. */
export class FakeClock implements Clock {
  #nowMs: number;
  #sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];

  constructor(start: string | number = '2026-11-23T12:00:00Z') {
    this.#nowMs = typeof start === 'number' ? start : Date.parse(start);
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      this.#sleepers.push({ atMs: this.#nowMs + ms, wake: resolve });
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }

  schedule(ms: number, callBack: () => void): () => void {
    const sleeper = { atMs: this.#nowMs + ms, wake: callBack };
    this.#sleepers.push(sleeper);
    return () => {
      this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
    };
  }

  /** Moves the time and lets everything run that was waiting for it. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      await settle();
      this.#sleepers.sort((a, b) => a.atMs - b.atMs);
      const next = this.#sleepers[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#sleepers.shift();
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
    }
    this.#nowMs = untilMs;
    await settle();
  }
}

/** Lets promises that are ready run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** A read without restrictions, ten seconds from the clock's now. */
export function anyRead(clock: Clock, overrides: Partial<Read> = {}): Read {
  return {
    scope: everything,
    maxAgeMs: 0,
    planOnly: false,
    deadline: new Date(clock.nowMs() + 10_000),
    lane: 'interactive',
    onBehalfOf: 'test',
    signal: new AbortController().signal,
    ledger: new ReadLedger(),
    run: null,
    ...overrides,
  };
}
