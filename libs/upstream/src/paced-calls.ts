import {
  ServiceUnavailable,
  UpstreamBudgetExhausted,
  type BudgetOutlook,
  type Clock,
  type Lane,
  type UpstreamCall,
} from '@certfolio/core';
import {
  checkWindows,
  defaultWindows,
  forecastCalls,
  longestMemory,
  nextCallMs,
  type Forecast,
  type RollingWindow,
} from './call-budget.ts';
import { FairQueue, laneOrder, type Waiting } from './fair-queue.ts';
import { comeBackMs } from './retry-after.ts';

/** What a caller needs to say to get a call. */
export type CallRequest = Pick<UpstreamCall, 'lane' | 'onBehalfOf' | 'deadline' | 'signal'>;

/** The right to send one call. End it once, by one of the two methods; later ends do nothing. */
export interface CallGrant {
  readonly waitedMs: number;
  /** The headers arrived, or the call failed after it may have reached CertCentral. */
  answered(): void;
  /** The call was never sent: its place is free again. */
  unused(): void;
}

export interface BudgetState {
  /** Calls that fill each window, in the order of the windows. */
  readonly used: readonly { readonly window: RollingWindow; readonly calls: number }[];
  readonly inFlight: number;
  readonly queued: Readonly<Record<Lane, number>>;
  /** Milliseconds that all lanes still rest after a 429. */
  readonly pausedMs: number;
}

/** The calls of one CertCentral key. */
export interface CallBudget {
  /**
   * Waits for a call.
   *
   * @throws UpstreamBudgetExhausted at once when none is free before the deadline, or the queue is full
   * @throws the signal's reason when it aborts first
   */
  take(request: CallRequest): Promise<CallGrant>;
  /** Milliseconds until a request that waits is expected to get its call; null when it does not wait. */
  waitMsOf(request: CallRequest): number | null;
  /** Milliseconds after which a caller like this one would get a call, if it came back then. */
  retryAfterMs(request: Waiting): number;
  /**
   * CertCentral answered 429 although we were within the limits: another program shares the key. All lanes rest.
   *
   * @param retryAfterMs as the answer said it; null when it did not
   */
  limited(grant: CallGrant, retryAfterMs: number | null): void;
  /** CertCentral answered a call without a 429. */
  accepted(grant: CallGrant): void;
  /** Expectations for a caller of `lane`; without one, for a caller behind everybody who waits. */
  outlook(lane?: Lane): BudgetOutlook;
  state(): BudgetState;
  /** Monotonic times of the calls that still count; a call without an answer counts from now. */
  callsMs(): readonly number[];
  /** Refuses all who wait, and all who come later. */
  stop(): void;
}

export interface CallBudgetOptions {
  readonly clock: Clock;
  readonly windows?: readonly RollingWindow[];
  /** Callers that may wait at one time; 5,000 unless told. */
  readonly maxQueued?: number;
  /** Expected milliseconds from a grant to its headers before any was seen; 300 unless told. */
  readonly headersMs?: number;
  /** Monotonic times of calls of an earlier process, ascending. */
  readonly earlierCallsMs?: readonly number[];
  /** Told after every change of the log, to write it down. */
  readonly onChange?: () => void;
}

interface Waiter extends Waiting {
  readonly request: CallRequest;
  readonly sinceMs: number;
  readonly deadlineMs: number;
  readonly resolve: (grant: CallGrant) => void;
  readonly reject: (reason: unknown) => void;
}

const firstPauseMs = 1_000;
const longestPauseMs = 15_000;
/** Bounds for a Retry-After, which CertCentral does not document: a proxy on the way may send anything. */
const retryAfterBoundsMs = { least: 1_000, most: 30_000 };
/** Weight of the newest time to headers in its moving average. */
const newestWeight = 0.2;
/** An early refusal must not hang on the noise of an estimate. */
const displacedMs = 1_000;
const longestSleepMs = 1_000_000_000;

export function createCallBudget(options: CallBudgetOptions): CallBudget {
  return new PacedCalls(options);
}

/** Knows when it was given; a WeakMap that does costs more garbage collection than the call's own objects. */
class PacedGrant implements CallGrant {
  readonly grantedMs: number;
  readonly waitedMs: number;
  readonly #calls: PacedCalls;

  constructor(grantedMs: number, waitedMs: number, calls: PacedCalls) {
    this.grantedMs = grantedMs;
    this.waitedMs = waitedMs;
    this.#calls = calls;
  }

  answered(): void {
    this.#calls.answered(this);
  }

  unused(): void {
    this.#calls.unused(this);
  }
}

class PacedCalls implements CallBudget {
  readonly #clock: Clock;
  readonly #windows: readonly RollingWindow[];
  readonly #maxQueued: number;
  readonly #memory: number;
  readonly #onChange: () => void;
  readonly #queue = new FairQueue<Waiter>();
  readonly #inFlight = new Set<PacedGrant>();
  #answeredMs: number[];
  #headersMs: number;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;
  #pausedSinceMs = Number.NEGATIVE_INFINITY;
  #nextPauseMs = firstPauseMs;
  #forecast: { readonly atMs: number; readonly version: number; readonly ask: Forecast } | undefined;
  #version = 0;
  #timer: { readonly atMs: number; readonly cancel: AbortController } | undefined;
  #stopped = false;

  constructor({ clock, windows, maxQueued, headersMs, earlierCallsMs, onChange }: CallBudgetOptions) {
    this.#clock = clock;
    this.#windows = checkWindows(windows ?? defaultWindows);
    this.#memory = longestMemory(this.#windows);
    this.#maxQueued = maxQueued ?? 5_000;
    this.#headersMs = headersMs ?? 300;
    this.#answeredMs = [...(earlierCallsMs ?? [])].sort((a, b) => a - b);
    this.#onChange = onChange ?? (() => undefined);
  }

  take(request: CallRequest): Promise<CallGrant> {
    const { signal, deadline } = request;
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#stopped) return Promise.reject(stopping());
    const nowMs = this.#clock.monotonicMs();
    if (this.#queue.size === 0 && this.#nextMs(nowMs) <= nowMs) return Promise.resolve(this.#grant(nowMs, nowMs));

    const deadlineMs = nowMs + (deadline.getTime() - this.#clock.nowMs());
    const expectedMs = this.#ask(nowMs)(this.#queue.aheadOf(request));
    if (this.#queue.size >= this.#maxQueued || expectedMs > deadlineMs) return Promise.reject(this.#refusal(request));

    return new Promise((resolve, reject) => {
      const { lane, onBehalfOf } = request;
      const leave = () => {
        if (this.#queue.remove(waiter)) reject(signal.reason);
        this.#serve();
      };
      const waiter: Waiter = {
        lane,
        onBehalfOf,
        request,
        sinceMs: nowMs,
        deadlineMs,
        resolve: (grant) => {
          signal.removeEventListener('abort', leave);
          resolve(grant);
        },
        reject: (reason) => {
          signal.removeEventListener('abort', leave);
          reject(reason);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#queue.push(waiter);
      this.#serve();
    });
  }

  waitMsOf(request: CallRequest): number | null {
    const position = this.#queue.inOrder().findIndex((waiter) => waiter.request === request);
    if (position < 0) return null;
    const nowMs = this.#clock.monotonicMs();
    return this.#ask(nowMs)(position) - nowMs;
  }

  retryAfterMs(request: Waiting): number {
    const nowMs = this.#clock.monotonicMs();
    return Math.max(1, comeBackMs(request, this.#queue.inOrder(), this.#ask(nowMs), nowMs) - nowMs);
  }

  limited(grant: CallGrant, retryAfterMs: number | null): void {
    const nowMs = this.#clock.monotonicMs();
    const { least, most } = retryAfterBoundsMs;
    // Calls that were on their way when the pause began say nothing new.
    const isNews = (grant instanceof PacedGrant ? grant.grantedMs : nowMs) >= this.#pausedSinceMs;
    if (retryAfterMs === null && !isNews) return;
    const pauseMs = retryAfterMs === null ? this.#nextPauseMs : Math.min(most, Math.max(least, retryAfterMs));
    if (isNews) {
      this.#pausedSinceMs = nowMs;
      this.#nextPauseMs = Math.min(longestPauseMs, this.#nextPauseMs * 2);
    }
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, nowMs + pauseMs);
    this.#changed();
    this.#serve();
  }

  accepted(grant: CallGrant): void {
    if (grant instanceof PacedGrant && grant.grantedMs >= this.#pausedSinceMs) this.#nextPauseMs = firstPauseMs;
  }

  outlook(lane?: Lane): BudgetOutlook {
    return {
      waitMsFor: (calls) => {
        if (!(calls >= 1)) return 0;
        const nowMs = this.#clock.monotonicMs();
        return this.#ask(nowMs)(this.#waitingUpTo(lane) + Math.ceil(calls) - 1) - nowMs;
      },
    };
  }

  state(): BudgetState {
    const nowMs = this.#clock.monotonicMs();
    return {
      used: this.#windows.map((window) => ({
        window,
        calls: this.#inFlight.size + this.#answeredMs.filter((atMs) => atMs + window.windowMs > nowMs).length,
      })),
      inFlight: this.#inFlight.size,
      queued: {
        interactive: this.#queue.countIn('interactive'),
        scheduled: this.#queue.countIn('scheduled'),
        shadow: this.#queue.countIn('shadow'),
        backfill: this.#queue.countIn('backfill'),
      },
      pausedMs: Math.max(0, this.#pausedUntilMs - nowMs),
    };
  }

  callsMs(): readonly number[] {
    const nowMs = this.#clock.monotonicMs();
    return [...this.#answeredMs.slice(-this.#memory), ...[...this.#inFlight].map(() => nowMs)].slice(-this.#memory);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel.abort();
    for (let waiter = this.#queue.shift(); waiter !== undefined; waiter = this.#queue.shift())
      waiter.reject(stopping());
  }

  #waitingUpTo(lane: Lane | undefined): number {
    if (lane === undefined) return this.#queue.size;
    return laneOrder
      .slice(0, laneOrder.indexOf(lane) + 1)
      .reduce((count, name) => count + this.#queue.countIn(name), 0);
  }

  #occupancy() {
    return { answeredMs: this.#answeredMs, inFlightMs: Array.from(this.#inFlight, ({ grantedMs }) => grantedMs) };
  }

  #nextMs(nowMs: number): number {
    return Math.max(nextCallMs(this.#windows, this.#occupancy(), nowMs), this.#pausedUntilMs);
  }

  /** One forecast serves all who come in the same millisecond. */
  #ask(nowMs: number): Forecast {
    const known = this.#forecast;
    if (known !== undefined && known.atMs === nowMs && known.version === this.#version) return known.ask;
    const ask = forecastCalls(this.#windows, this.#occupancy(), this.#headersMs, nowMs, this.#pausedUntilMs);
    this.#forecast = { atMs: nowMs, version: this.#version, ask };
    return ask;
  }

  #refusal(request: Waiting): UpstreamBudgetExhausted {
    return new UpstreamBudgetExhausted(this.retryAfterMs(request));
  }

  #grant(nowMs: number, sinceMs: number): CallGrant {
    const grant = new PacedGrant(nowMs, nowMs - sinceMs, this);
    this.#inFlight.add(grant);
    this.#changed();
    return grant;
  }

  /** For its grants alone. */
  unused(grant: PacedGrant): void {
    if (this.#inFlight.delete(grant)) this.#changedAndServe();
  }

  /** For its grants alone. */
  answered(grant: PacedGrant): void {
    if (!this.#inFlight.delete(grant)) return;
    const nowMs = this.#clock.monotonicMs();
    this.#answeredMs.push(nowMs);
    if (this.#answeredMs.length > this.#memory * 2) this.#answeredMs = this.#answeredMs.slice(-this.#memory);
    // One report that takes a minute must not make every forecast a minute longer; many slow calls in a row do.
    const seenMs = Math.min(nowMs - grant.grantedMs, Math.max(1_000, this.#headersMs * 3));
    this.#headersMs += (seenMs - this.#headersMs) * newestWeight;
    this.#changedAndServe();
  }

  #changed(): void {
    this.#version += 1;
    this.#onChange();
  }

  #changedAndServe(): void {
    this.#changed();
    this.#serve();
  }

  /** Grants what can be granted, refuses who can no longer be served in time, and sets the alarm for the next of both. */
  #serve(): void {
    const nowMs = this.#clock.monotonicMs();
    while (this.#queue.size > 0 && this.#nextMs(nowMs) <= nowMs) {
      const waiter = this.#queue.shift()!;
      if (waiter.deadlineMs < nowMs) waiter.reject(this.#refusal(waiter));
      else waiter.resolve(this.#grant(nowMs, waiter.sinceMs));
    }
    if (this.#queue.size === 0) return;
    this.#refuseTheLate(nowMs);
    this.#setAlarm(nowMs);
  }

  /** A caller of a higher lane that came later may have taken the last slot before somebody's deadline. */
  #refuseTheLate(nowMs: number): void {
    const ask = this.#ask(nowMs);
    let served = 0;
    const late: Waiter[] = [];
    for (const waiter of this.#queue.inOrder()) {
      if (waiter.deadlineMs <= nowMs || ask(served) > waiter.deadlineMs + displacedMs) late.push(waiter);
      else served += 1;
    }
    for (const waiter of late) this.#queue.remove(waiter);
    for (const waiter of late) waiter.reject(this.#refusal(waiter));
  }

  #setAlarm(nowMs: number): void {
    if (this.#queue.size === 0) return;
    let atMs = this.#nextMs(nowMs);
    for (const waiter of this.#queue.inOrder()) atMs = Math.min(atMs, waiter.deadlineMs);
    if (this.#timer !== undefined && this.#timer.atMs <= atMs && this.#timer.atMs > nowMs) return;
    this.#timer?.cancel.abort();
    const cancel = new AbortController();
    this.#timer = { atMs, cancel };
    const rings = () => {
      if (this.#timer?.cancel === cancel) this.#timer = undefined;
      if (!this.#stopped) this.#serve();
    };
    // A timer may ring a fraction early; then it is set again.
    const sleepMs = Math.min(longestSleepMs, Math.max(1, Math.ceil(atMs - nowMs)));
    this.#clock.sleep(sleepMs, cancel.signal).then(rings, () => undefined);
  }
}

const stopping = () => new ServiceUnavailable('The CertCentral client is stopping.');
