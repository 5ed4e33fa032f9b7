import {
  forecastCalls,
  longestMemory,
  nextCallMs,
  type Forecast,
  type Occupancy,
  type RollingWindow,
} from './call-budget.ts';
import type { Waiting } from './fair-queue.ts';

/** A call whose headers have arrived. */
export interface AnsweredCall {
  readonly answeredMs: number;
  readonly onBehalfOf: string;
}

interface InFlight {
  readonly grantedMs: number;
  readonly onBehalfOf: string;
}

/** Weight of the newest time to headers in its moving average. */
const newestWeight = 0.2;

/**
 * The part of each window that a crowd leaves free: for interactive callers whose key has few calls in it. A burst, or
 * a backfill at full speed, then never makes somebody's single query wait for a whole window. Where places come free
 * soon anyway (in `soonPart` of the window, at most `mostSoonMs`) the crowd may have it too, so that in the long run no
 * call of the window is lost.
 */
export const reserve = { part: 0.2, mostCalls: 100, soonPart: 0.4, mostSoonMs: 2_000 } as const;
/** A key with less than this part of a window has few calls in it. */
export const fewPart = 0.1;

/** The calls of one CertCentral key that fill its windows, and when the next one finds room. Monotonic milliseconds. */
export class CallLog {
  readonly #windows: readonly RollingWindow[];
  /** The same, and what a crowd may use of them. */
  readonly #crowd: readonly RollingWindow[];
  readonly #memory: number;
  readonly #inFlight = new Map<object, InFlight>();
  #elsewhere: readonly InFlight[] = [];
  #answeredMs: number[] = [];
  #answeredFor: string[] = [];
  #places = 1;
  #headersMs: number;
  #forecast: { readonly atMs: number; readonly notBeforeMs: number; readonly ask: Forecast } | undefined;

  constructor(windows: readonly RollingWindow[], headersMs: number) {
    this.#windows = windows;
    this.#crowd = [...windows, ...windows.map(withoutReserve)];
    this.#memory = longestMemory(windows);
    this.#headersMs = headersMs;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /**
   * Replaces the answered calls, and the calls of other processes that are in flight.
   *
   * @param answered in any order
   */
  replace(answered: readonly AnsweredCall[], elsewhere: readonly InFlight[] = []): void {
    const ordered = answered.toSorted((a, b) => a.answeredMs - b.answeredMs);
    this.#answeredMs = ordered.map(({ answeredMs }) => answeredMs);
    this.#answeredFor = ordered.map(({ onBehalfOf }) => onBehalfOf);
    this.#elsewhere = elsewhere;
    this.#forecast = undefined;
  }

  /** How many places of a window each further call fills: so many that others find their part of what is left. */
  fill(places: number): void {
    this.#places = places;
    this.#forecast = undefined;
  }

  granted(grant: object, onBehalfOf: string, nowMs: number): void {
    this.#inFlight.set(grant, { grantedMs: nowMs, onBehalfOf });
    this.#forecast = undefined;
  }

  /** @returns false for a grant that had ended */
  answered(grant: object, nowMs: number): boolean {
    const call = this.#inFlight.get(grant);
    if (call === undefined) return false;
    this.#inFlight.delete(grant);
    for (let place = 0; place < this.#places; place += 1) {
      this.#answeredMs.push(nowMs);
      this.#answeredFor.push(call.onBehalfOf);
    }
    if (this.#answeredMs.length > this.#memory * 2) {
      this.#answeredMs = this.#answeredMs.slice(-this.#memory);
      this.#answeredFor = this.#answeredFor.slice(-this.#memory);
    }
    // One report that takes a minute must not make every forecast a minute longer; many slow calls in a row do.
    const seenMs = Math.min(nowMs - call.grantedMs, Math.max(1_000, this.#headersMs * 3));
    this.#headersMs += (seenMs - this.#headersMs) * newestWeight;
    this.#forecast = undefined;
    return true;
  }

  /** @returns false for a grant that had ended */
  unused(grant: object): boolean {
    this.#forecast = undefined;
    return this.#inFlight.delete(grant);
  }

  /** When anybody may be sent: as `nextCallMs`, with the reserve left alone. */
  crowdMs(nowMs: number): number {
    return nextCallMs(this.#crowd, this.#occupancy(), nowMs, this.#places);
  }

  /** When a caller for whom the reserve is may be sent. */
  reserveMs(nowMs: number): number {
    return nextCallMs(this.#windows, this.#occupancy(), nowMs, this.#places);
  }

  isReserveFor({ lane, onBehalfOf }: Waiting, nowMs: number): boolean {
    if (lane !== 'interactive') return false;
    return this.#windows.every(({ calls, windowMs }) => {
      const few = Math.floor(calls * fewPart);
      return few > 0 && this.#countFor(onBehalfOf, nowMs - windowMs) < few;
    });
  }

  /** One forecast serves all who come in the same millisecond. */
  forecast(nowMs: number, notBeforeMs: number): Forecast {
    const known = this.#forecast;
    if (known !== undefined && known.atMs === nowMs && known.notBeforeMs === notBeforeMs) return known.ask;
    const ask = forecastCalls(this.#crowd, this.#occupancy(), this.#headersMs, nowMs, notBeforeMs, this.#places);
    this.#forecast = { atMs: nowMs, notBeforeMs, ask };
    return ask;
  }

  used(nowMs: number): readonly { readonly window: RollingWindow; readonly calls: number }[] {
    const inFlight = this.#occupancy().inFlightMs.length;
    return this.#windows.map((window) => ({
      window,
      calls: inFlight + this.#answeredMs.filter((atMs) => atMs + window.windowMs > nowMs).length,
    }));
  }

  callsMs(nowMs: number): readonly number[] {
    const inFlight = this.#occupancy().inFlightMs.map(() => nowMs);
    return [...this.#answeredMs.slice(-this.#memory), ...inFlight].slice(-this.#memory);
  }

  #occupancy(): Occupancy {
    const inFlightMs: number[] = [];
    for (const { grantedMs } of this.#elsewhere) inFlightMs.push(grantedMs);
    for (const { grantedMs } of this.#inFlight.values())
      for (let place = 0; place < this.#places; place += 1) inFlightMs.push(grantedMs);
    return { answeredMs: this.#answeredMs, inFlightMs };
  }

  #countFor(onBehalfOf: string, sinceMs: number): number {
    let count = 0;
    for (const call of this.#inFlight.values()) if (call.onBehalfOf === onBehalfOf) count += 1;
    for (const call of this.#elsewhere) if (call.onBehalfOf === onBehalfOf) count += 1;
    for (let at = this.#answeredMs.length - 1; at >= 0 && this.#answeredMs[at]! > sinceMs; at -= 1)
      if (this.#answeredFor[at] === onBehalfOf) count += 1;
    return count;
  }
}

/** Bounds a crowd to what leaves the reserve free, over as much of the window as is not over soon. */
function withoutReserve({ calls, windowMs }: RollingWindow): RollingWindow {
  const kept = Math.min(reserve.mostCalls, Math.floor(calls * reserve.part));
  return { calls: calls - kept, windowMs: windowMs - soonMs(windowMs) };
}

/** Milliseconds for which somebody may be made to wait behind a crowd. */
export const soonMs = (windowMs: number): number =>
  Math.min(reserve.mostSoonMs, Math.floor(windowMs * reserve.soonPart));
