import { GatewayTimeout, UpstreamBudgetExhausted, type Clock, type UpstreamCall } from '@certfolio/core';
import { laneOrder } from './fair-queue.ts';

/** What a shared read tells about itself while it runs. */
export interface RunningRead {
  /** The call as the run makes it: aborted only when nobody waits for it any more. */
  readonly call: UpstreamCall;
  /** Its request is on its way, so lanes no longer matter. */
  sent(): void;
}

interface Run {
  readonly call: UpstreamCall;
  readonly result: Promise<unknown>;
  readonly abort: AbortController;
  isSent: boolean;
  waiters: number;
}

export interface SharedReadsOptions {
  readonly clock: Clock;
  /** Milliseconds until a call that waits in the budget's queue is expected to be sent; null when it does not wait. */
  readonly waitMsOf: (call: UpstreamCall) => number | null;
  readonly retryAfterMs: (call: UpstreamCall) => number;
}

/**
 * Identical reads in flight are one read. Every caller keeps its own deadline and may leave without harm to the others;
 * the read counts for the caller that started it.
 */
export class SharedReads {
  readonly #options: SharedReadsOptions;
  readonly #runs = new Map<string, Run>();

  constructor(options: SharedReadsOptions) {
    this.#options = options;
  }

  async read<T>(key: string, route: string, call: UpstreamCall, start: (run: RunningRead) => Promise<T>): Promise<T> {
    for (;;) {
      call.signal.throwIfAborted();
      const known = this.#runs.get(key);
      const run = known !== undefined && this.#isAsGood(known, call) ? known : this.#start(key, call, start);
      try {
        return (await this.#wait(run, route, call)) as T;
      } catch (error) {
        // The one who started it had less time than this caller has.
        const ranOut = error instanceof GatewayTimeout || error instanceof UpstreamBudgetExhausted;
        const hasTime = run.call.deadline < call.deadline && this.#options.clock.nowMs() < call.deadline.getTime();
        if (
          !ranOut ||
          run === this.#runs.get(key) ||
          !hasTime ||
          (run.call.onBehalfOf === call.onBehalfOf && run.call.deadline >= call.deadline)
        )
          throw error;
      }
    }
  }

  /** A run that waits in a lower lane would hold an urgent caller up. */
  #isAsGood(run: Run, call: UpstreamCall): boolean {
    return run.isSent || laneOrder.indexOf(run.call.lane) <= laneOrder.indexOf(call.lane);
  }

  #start<T>(key: string, call: UpstreamCall, start: (run: RunningRead) => Promise<T>): Run {
    const abort = new AbortController();
    const shared: UpstreamCall = { ...call, signal: abort.signal };
    const run: Run = { call: shared, abort, isSent: false, waiters: 0, result: Promise.resolve() };
    const sent = () => {
      run.isSent = true;
    };
    const result = start({ call: shared, sent }).finally(() => {
      if (this.#runs.get(key) === started) this.#runs.delete(key);
    });
    result.catch(() => undefined); // everyone may have left
    const started: Run = Object.assign(run, { result });
    this.#runs.set(key, started);
    return started;
  }

  async #wait(run: Run, route: string, call: UpstreamCall): Promise<unknown> {
    const { clock, waitMsOf, retryAfterMs } = this.#options;
    const startMs = clock.nowMs();
    const leftMs = call.deadline.getTime() - startMs;
    if (!run.isSent && run.call.deadline > call.deadline && (waitMsOf(run.call) ?? 0) > leftMs) {
      throw new UpstreamBudgetExhausted(retryAfterMs(call));
    }
    const left = new AbortController();
    const signals = AbortSignal.any([left.signal, call.signal]);
    run.waiters += 1;
    try {
      // The run ends itself at its own deadline; only callers with less time need a clock of their own.
      const isShorter = run.call.deadline > call.deadline;
      const deadline = clock.sleep(isShorter ? Math.max(0, leftMs) : 2_000_000_000, signals).then(() => {
        throw new GatewayTimeout(route, clock.nowMs() - startMs);
      });
      return await Promise.race([run.result, deadline]);
    } finally {
      left.abort();
      run.waiters -= 1;
      if (run.waiters === 0)
        run.abort.abort(call.signal.aborted ? call.signal.reason : new GatewayTimeout(route, clock.nowMs() - startMs));
    }
  }
}
