import {
  ServiceUnavailable,
  UpstreamBudgetExhausted,
  type BudgetOutlook,
  type Clock,
  type Lane,
} from '@certfolio/core';
import type { BudgetState, CallBudget, CallGrant, CallRequest } from './budget-port.ts';
import { checkWindows, defaultWindows, type Forecast, type RollingWindow } from './call-budget.ts';
import type { CallGate } from './call-gate.ts';
import { CallLog } from './call-log.ts';
import { FairQueue, laneOrder, type Waiting } from './fair-queue.ts';
import { Pause } from './pause.ts';
import { comeBackMs } from './retry-after.ts';

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

/** The budget of one process. */
export function createCallBudget(options: CallBudgetOptions): CallBudget {
  const { clock, windows, maxQueued, headersMs, earlierCallsMs, onChange } = options;
  const log = new CallLog(checkWindows(windows ?? defaultWindows), headersMs ?? 300);
  log.replace((earlierCallsMs ?? []).map((answeredMs) => ({ answeredMs, onBehalfOf: '' })));
  return new PacedCalls({
    clock,
    log,
    ...(maxQueued === undefined ? {} : { maxQueued }),
    ...(onChange === undefined ? {} : { onChange }),
  });
}

export interface PacedCallsOptions {
  readonly clock: Clock;
  readonly log: CallLog;
  readonly pause?: Pause;
  readonly maxQueued?: number;
  readonly onChange?: () => void;
  /** Allows calls on behalf of all processes; without one this process is alone. */
  readonly gate?: CallGate;
}

interface Waiter extends Waiting {
  readonly request: CallRequest;
  readonly sinceMs: number;
  readonly deadlineMs: number;
  readonly resolve: (grant: CallGrant) => void;
  readonly reject: (reason: unknown) => void;
}

/** An early refusal must not hang on the noise of an estimate. */
const displacedMs = 1_000;
const longestSleepMs = 1_000_000_000;

/** Knows when it was given; a WeakMap that does costs more garbage collection than the call's own objects. */
class PacedGrant implements CallGrant {
  readonly grantedMs: number;
  readonly waitedMs: number;
  /** Names the call at the gate. */
  readonly ticket: string | undefined;
  readonly #calls: PacedCalls;

  constructor(grantedMs: number, waitedMs: number, ticket: string | undefined, calls: PacedCalls) {
    this.grantedMs = grantedMs;
    this.waitedMs = waitedMs;
    this.ticket = ticket;
    this.#calls = calls;
  }

  answered(): void {
    this.#calls.answered(this);
  }

  unused(): void {
    this.#calls.unused(this);
  }
}

/** Callers of one process, paced by a log of calls: who goes next, who is refused, and when to look again. */
export class PacedCalls implements CallBudget {
  readonly #clock: Clock;
  readonly #log: CallLog;
  readonly #pause: Pause;
  readonly #gate: CallGate | undefined;
  readonly #maxQueued: number;
  readonly #onChange: () => void;
  readonly #queue = new FairQueue<Waiter>();
  #timer: { readonly atMs: number; readonly cancel: AbortController } | undefined;
  #isAsking = false;
  #askAgainMs = Number.NEGATIVE_INFINITY;
  #stopped = false;

  constructor({ clock, log, pause, maxQueued, onChange, gate }: PacedCallsOptions) {
    this.#clock = clock;
    this.#log = log;
    this.#pause = pause ?? new Pause();
    this.#gate = gate;
    this.#maxQueued = maxQueued ?? 5_000;
    this.#onChange = onChange ?? (() => undefined);
  }

  take(request: CallRequest): Promise<CallGrant> {
    const { signal, deadline, lane, onBehalfOf } = request;
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#stopped) return Promise.reject(stopping());
    const nowMs = this.#clock.monotonicMs();
    const mode = this.#gate?.mode ?? 'own';
    const mayGo = mode !== 'hold' && this.#mayGoNow(request, nowMs);
    if (mode === 'own' && mayGo) return Promise.resolve(this.#grant(request, nowMs, nowMs));

    const deadlineMs = nowMs + (deadline.getTime() - this.#clock.nowMs());
    const isHopeless =
      this.#gate?.isUnsure !== true && !mayGo && this.#ask(nowMs)(this.#queue.aheadOf(request)) > deadlineMs;
    if (this.#queue.size >= this.#maxQueued || isHopeless) return Promise.reject(this.#refusal(request));

    return new Promise((resolve, reject) => {
      const leave = () => {
        if (this.#queue.remove(waiter)) reject(signal.reason);
        this.serve();
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
      this.serve();
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
    if (!this.#pause.limited(grant instanceof PacedGrant ? grant.grantedMs : nowMs, retryAfterMs, nowMs)) return;
    this.#gate?.paused(this.#pause.untilMs - nowMs);
    this.#changedAndServe();
  }

  accepted(grant: CallGrant): void {
    if (grant instanceof PacedGrant) this.#pause.accepted(grant.grantedMs);
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
      used: this.#log.used(nowMs),
      inFlight: this.#log.inFlight,
      queued: {
        interactive: this.#queue.countIn('interactive'),
        scheduled: this.#queue.countIn('scheduled'),
        shadow: this.#queue.countIn('shadow'),
        backfill: this.#queue.countIn('backfill'),
      },
      pausedMs: Math.max(0, this.#pause.untilMs - nowMs),
      shared: this.#gate === undefined ? 'alone' : this.#gate.mode === 'ask' ? 'shared' : 'divided',
      processes: this.#gate?.processes ?? 1,
    };
  }

  callsMs(): readonly number[] {
    return this.#log.callsMs(this.#clock.monotonicMs());
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#timer?.cancel.abort();
    for (let waiter = this.#queue.shift(); waiter !== undefined; waiter = this.#queue.shift())
      waiter.reject(stopping());
  }

  /** The highest lane in which somebody waits, but for `waiter`. */
  waitingLane(waiter?: Waiting): Lane | null {
    return laneOrder.find((lane) => this.#queue.countIn(lane) > (waiter?.lane === lane ? 1 : 0)) ?? null;
  }

  /** Grants what can be granted, refuses who can no longer be served in time, and sets the alarm for the next of both. */
  serve(): void {
    const nowMs = this.#clock.monotonicMs();
    const mode = this.#gate?.mode ?? 'own';
    if (mode === 'own') {
      for (let waiter = this.#next(nowMs); waiter !== undefined; waiter = this.#next(nowMs)) {
        this.#queue.serve(waiter);
        if (waiter.deadlineMs < nowMs) waiter.reject(this.#refusal(waiter));
        else waiter.resolve(this.#grant(waiter, nowMs, waiter.sinceMs));
      }
    } else if (mode === 'ask') this.#askForNext(nowMs);
    if (this.#queue.size === 0) return;
    this.#refuseTheLate(nowMs, this.#gate?.isUnsure === true);
    this.#setAlarm(nowMs, mode);
    // A question says it by itself.
    if (mode === 'ask' && !this.#isAsking && this.#queue.size > 0) this.#gate!.waits(this.waitingLane()!);
  }

  /** One question at a time: in the same lane, processes so take turns. */
  #askForNext(nowMs: number): void {
    if (this.#isAsking || nowMs < this.#askAgainMs) return;
    const waiter = this.#next(nowMs);
    if (waiter === undefined) return;
    this.#isAsking = true;
    void this.#gate!.ask(waiter, this.waitingLane(waiter)).then(({ ticket, restMs }) => {
      this.#isAsking = false;
      const thenMs = this.#clock.monotonicMs();
      this.#askAgainMs = thenMs + restMs;
      if (ticket !== null) {
        if (!this.#stopped && this.#queue.serve(waiter))
          waiter.resolve(this.#grant(waiter, thenMs, waiter.sinceMs, ticket));
        else this.#gate!.unused(ticket);
      }
      if (!this.#stopped) this.serve();
    });
  }

  /** The next whom the log has room for. */
  #next(nowMs: number): Waiter | undefined {
    if (this.#queue.size === 0 || this.#pause.untilMs > nowMs) return undefined;
    if (this.#log.crowdMs(nowMs) <= nowMs) return this.#queue.peek();
    if (this.#log.reserveMs(nowMs) > nowMs) return undefined;
    return this.#queue.peek((waiter) => this.#log.isReserveFor(waiter, nowMs));
  }

  #mayGoNow(request: Waiting, nowMs: number): boolean {
    if (this.#pause.untilMs > nowMs) return false;
    if (this.#queue.size === 0 && this.#log.crowdMs(nowMs) <= nowMs) return true;
    return this.#log.reserveMs(nowMs) <= nowMs && this.#log.isReserveFor(request, nowMs);
  }

  #waitingUpTo(lane: Lane | undefined): number {
    if (lane === undefined) return this.#queue.size;
    return laneOrder
      .slice(0, laneOrder.indexOf(lane) + 1)
      .reduce((count, name) => count + this.#queue.countIn(name), 0);
  }

  #ask(nowMs: number): Forecast {
    const ask = this.#log.forecast(nowMs, this.#pause.untilMs);
    // A share of the limit that is less than one call is none, until a process that died is forgotten.
    return (position) => {
      const atMs = ask(position);
      return Number.isFinite(atMs) ? atMs : nowMs + longestForecastMs;
    };
  }

  #refusal(request: Waiting): UpstreamBudgetExhausted {
    return new UpstreamBudgetExhausted(this.retryAfterMs(request));
  }

  #grant({ onBehalfOf }: Waiting, nowMs: number, sinceMs: number, asked?: string): CallGrant {
    const ticket = asked ?? this.#gate?.taken(onBehalfOf);
    const grant = new PacedGrant(nowMs, nowMs - sinceMs, ticket, this);
    this.#log.granted(grant, onBehalfOf, nowMs);
    this.#onChange();
    return grant;
  }

  answered(grant: PacedGrant): void {
    if (!this.#log.answered(grant, this.#clock.monotonicMs())) return;
    if (grant.ticket !== undefined) this.#gate!.answered(grant.ticket);
    this.#changedAndServe();
  }

  unused(grant: PacedGrant): void {
    if (!this.#log.unused(grant)) return;
    if (grant.ticket !== undefined) this.#gate!.unused(grant.ticket);
    this.#changedAndServe();
  }

  #changedAndServe(): void {
    this.#onChange();
    this.serve();
  }

  /** A caller of a higher lane that came later may have taken the last slot before somebody's deadline. */
  #refuseTheLate(nowMs: number, isUnsure: boolean): void {
    const ask = isUnsure ? () => nowMs : this.#ask(nowMs);
    let served = 0;
    const late: Waiter[] = [];
    for (const waiter of this.#queue.inOrder()) {
      if (waiter.deadlineMs <= nowMs || ask(served) > waiter.deadlineMs + displacedMs) late.push(waiter);
      else served += 1;
    }
    for (const waiter of late) this.#queue.remove(waiter);
    for (const waiter of late) waiter.reject(this.#refusal(waiter));
  }

  #setAlarm(nowMs: number, mode: CallGate['mode']): void {
    if (this.#queue.size === 0) return;
    let atMs = this.#lookAgainMs(nowMs, mode);
    for (const waiter of this.#queue.inOrder()) atMs = Math.min(atMs, waiter.deadlineMs);
    if (this.#timer !== undefined && this.#timer.atMs <= atMs && this.#timer.atMs > nowMs) return;
    this.#timer?.cancel.abort();
    const cancel = new AbortController();
    this.#timer = { atMs, cancel };
    const rings = () => {
      if (this.#timer?.cancel === cancel) this.#timer = undefined;
      if (!this.#stopped) this.serve();
    };
    // A timer may ring a fraction early; then it is set again.
    const sleepMs = Math.min(longestSleepMs, Math.max(1, Math.ceil(atMs - nowMs)));
    this.#clock.sleep(sleepMs, cancel.signal).then(rings, () => undefined);
  }

  /** When somebody may be served. While a question is out its answer wakes us, while nothing may go the gate does. */
  #lookAgainMs(nowMs: number, mode: CallGate['mode']): number {
    if (mode === 'hold' || this.#isAsking) return Number.POSITIVE_INFINITY;
    let freeMs = this.#log.crowdMs(nowMs);
    if (freeMs > nowMs && this.#queue.peek((waiter) => this.#log.isReserveFor(waiter, nowMs)) !== undefined)
      freeMs = Math.min(freeMs, this.#log.reserveMs(nowMs));
    return Math.max(freeMs, this.#pause.untilMs, mode === 'ask' ? this.#askAgainMs : nowMs);
  }
}

/** What is said where no forecast can be made. */
const longestForecastMs = 60_000;
const stopping = () => new ServiceUnavailable('The CertCentral client is stopping.');
