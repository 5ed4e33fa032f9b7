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
  readonly deadline: Date;
  /**
   * What it works with; null once it has settled. A Map that grows and shrinks leaves its former tables behind with what was in
   * them, and the first one in the old generation keeps the next ones alive: every call was promoted until this was cut.
   */
  work: { readonly call: UpstreamCall; readonly result: Promise<unknown>; readonly abort: AbortController } | null;
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
      const run = known !== undefined && isAsGood(known, call) ? known : this.#start(key, call, start);
      try {
        return (await this.#wait(key, run, route, call)) as T;
      } catch (error) {
        const ranOut = error instanceof GatewayTimeout || error instanceof UpstreamBudgetExhausted;
        const hasMoreTime = run.deadline < call.deadline && this.#options.clock.nowMs() < call.deadline.getTime();
        if (!ranOut || !hasMoreTime) throw error;
        // The caller who started it had less time than this one has: once more, in its own time.
      }
    }
  }

  #start<T>(key: string, call: UpstreamCall, start: (run: RunningRead) => Promise<T>): Run {
    const run: Run = { deadline: call.deadline, work: null, isSent: false, waiters: 0 };
    const sent = () => {
      run.isSent = true;
    };
    const settled = () => {
      this.#forget(key, run);
      run.work = null;
    };
    const abort = new AbortController();
    const own = { ...call, signal: abort.signal };
    const result = start({ call: own, sent });
    run.work = { call: own, result, abort };
    result.then(settled, settled); // everyone may have left
    this.#runs.set(key, run);
    return run;
  }

  #forget(key: string, run: Run): void {
    if (this.#runs.get(key) === run) this.#runs.delete(key);
  }

  #wait(key: string, run: Run, route: string, call: UpstreamCall): Promise<unknown> {
    const { clock, waitMsOf, retryAfterMs } = this.#options;
    // The run ends itself at its own deadline; only a caller with less time than it needs an alarm.
    const { result, call: own } = run.work!;
    const isShorter = call.deadline < run.deadline;
    const leftMs = call.deadline.getTime() - clock.nowMs();
    if (isShorter && !run.isSent && (waitMsOf(own) ?? 0) > leftMs)
      return Promise.reject(new UpstreamBudgetExhausted(retryAfterMs(call)));

    run.waiters += 1;
    return new Promise((resolve, reject) => {
      let hasLeft = false;
      const leave = () => {
        if (hasLeft) return;
        hasLeft = true;
        call.signal.removeEventListener('abort', onAbort);
        cancelAlarm?.();
        run.waiters -= 1;
        if (run.waiters > 0 || run.work === null) return;
        this.#forget(key, run);
        run.work.abort.abort(call.signal.reason ?? new GatewayTimeout(route, leftMs));
      };
      const end = (reason: unknown) => {
        leave();
        reject(reason);
      };
      const onAbort = () => end(call.signal.reason);
      call.signal.addEventListener('abort', onAbort);
      const cancelAlarm = isShorter
        ? clock.schedule(Math.max(0, leftMs), () => end(new GatewayTimeout(route, leftMs)))
        : null;
      result.then((value) => {
        leave();
        resolve(value);
      }, end);
    });
  }
}

/** A run that waits in a lower lane would hold an urgent caller up. */
function isAsGood(run: Run, call: UpstreamCall): boolean {
  return run.isSent || run.work === null || laneOrder.indexOf(run.work.call.lane) <= laneOrder.indexOf(call.lane);
}
