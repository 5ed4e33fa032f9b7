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

/** A certificate request of an RSA key with 2,048 bits; the key was thrown away. */
export const rsaRequest = `-----BEGIN CERTIFICATE REQUEST-----
MIICXjCCAUYCAQAwGTEXMBUGA1UEAwwOc2hvcC5hY21lLnRlc3QwggEiMA0GCSqG
SIb3DQEBAQUAA4IBDwAwggEKAoIBAQDA5PSVY17j2ksJlWAkr9VNZmPiUjF5t5Vv
LbGUHuLCa5sWXkSbrmjpGwyOV8atUxUcy7cV/YGLKNXYwzo45HxjCNjCG1LRDJJd
0pCbZn9VAcbA2mID9v4SyUmWjlTQpRZXuH8LafX7cqi0QWZ154tYQzh5XWCwsjQU
DR7uk9wCLFSFq9YXRApSaOb88Z9WHhDbfIBpagK3LXoMtDC+HaM1IBecoeW+bjYr
KSpF1naTsDdqybTKcEaIG/bbhIa+/khw1sluCvyur74OL/M80GxD2xKDRefiG1sY
sHm7kSoT17Lo38AU8mY0qUMGCSZPvz8TLttl2K/mLY5cHQ37wFGZAgMBAAGgADAN
BgkqhkiG9w0BAQsFAAOCAQEAYe7fp272fSFiU9JV9bIyAMOLzmmTaT6s4SZ79aba
0fAk91ouHaBcVUOVRRDl8gbzconDpzkGnUYM4mctEi1BuDArF6FGLdyRMYyxRvfR
OncbSX9JrQMwxuTlCg7AtasCk02vfdVsOq6zlNBeUPT6BkLZ1mcfQqWh/ipTdYM6
u4TYpxyux3sU6H3DXaUQYoI7xC7yy/XOiWsamR4QsWt4PVg2o/lf0Mw/cfe7z0f/
HKlwYSX0Dy+8QJLmcN9iUNW2tFZIcSYwiMiMgMc3MxA7ErNSKEGkYkcKtZdZpyDk
Q6MmeFOMDbkYUktePCyM9xw3rm2DL6zbjMClEkiyxzmfpA==
-----END CERTIFICATE REQUEST-----
`;
