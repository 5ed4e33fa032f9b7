import type { AnsweredCall } from './call-log.ts';
import type { ShareTimes } from './budget-share.ts';
import { callOf, onBehalfOfIn, processOf, type LoggedCall, type LogState, type SharedRules } from './shared-log.ts';

/** What one process knows of the calls of all: its own exactly, the others' as the shared log last told. Monotonic milliseconds. */
export class KnownCalls {
  readonly #process: string;
  readonly #rules: SharedRules;
  readonly #times: Pick<ShareTimes, 'answerMs' | 'travelMs'>;
  readonly #longestMs: number;
  readonly #own = new Map<string, number>();
  /** Calls of an earlier run, until the shared log counts them. */
  #before: ReadonlyMap<string, number> = new Map();
  /** Their times, for whoever writes down this process's calls. */
  #beforeMs: readonly number[] = [];
  readonly #inFlight = new Set<string>();
  #others = new Map<string, number>();
  #othersInFlight: readonly string[] = [];
  /** Calls that others may have made unseen. */
  #assumed: readonly AnsweredCall[] = [];
  /** When the others' calls were last seen; null before the first time. */
  #seenMs: number | null = null;

  constructor(process: string, rules: SharedRules, times: Pick<ShareTimes, 'answerMs' | 'travelMs'>) {
    this.#process = process;
    this.#rules = rules;
    this.#times = times;
    this.#longestMs = Math.max(...rules.windows.map(({ windowMs }) => windowMs));
  }

  /** Calls of an earlier run. */
  before(calls: readonly (readonly [id: string, answeredMs: number])[]): void {
    this.#before = new Map(calls);
    this.#beforeMs = calls.map(([, answeredMs]) => answeredMs);
  }

  callsBefore(nowMs: number): readonly LoggedCall[] {
    return this.#logged(this.#before, nowMs);
  }

  /** @param isNew no log was there, so what was made before now stands in it under new names; else it did under the old */
  joined(isNew: boolean): void {
    if (isNew && this.#before.size > 0) {
      for (const [id, answeredMs] of this.#before) this.#own.set(id, answeredMs);
      this.#beforeMs = [];
    }
    this.#before = new Map();
  }

  granted(id: string): void {
    this.#inFlight.add(id);
  }

  answered(id: string, nowMs: number): void {
    this.#inFlight.delete(id);
    this.#own.set(id, nowMs);
  }

  unused(id: string): void {
    this.#inFlight.delete(id);
  }

  inFlight(): readonly string[] {
    return [...this.#inFlight];
  }

  /**
   * @param asked a call that is being asked for
   * @returns calls in flight under this process's name that it knows nothing of: granted by an answer that never came
   */
  adopt({ calls, inFlight }: LogState, nowMs: number, asked: string | null): readonly string[] {
    const isOwn = (id: string) => processOf(id) === this.#process;
    this.#others = new Map(calls.filter(({ id }) => !isOwn(id)).map(({ id, ageMs }) => [id, nowMs - ageMs]));
    this.#othersInFlight = inFlight.filter((id) => !isOwn(id));
    this.#assumed = [];
    this.#seenMs = nowMs - this.#times.travelMs;
    for (const [id, answeredMs] of this.#own) if (answeredMs <= nowMs - this.#longestMs) this.#own.delete(id);
    return inFlight.filter((id) => isOwn(id) && callOf(id) !== asked && !this.#inFlight.has(id) && !this.#own.has(id));
  }

  /**
   * The others can no longer be seen. They may go on until they notice this process's silence, so as many calls are
   * assumed as fit in the time since they were seen last. Before they were ever seen, a full shortest window is.
   */
  lost(nowMs: number): void {
    const { windows, silentMs } = this.#rules;
    const shortest = windows.reduce((a, b) => (b.windowMs < a.windowMs ? b : a));
    const answeredMs = this.#seenMs === null ? nowMs : nowMs + silentMs + this.#times.answerMs;
    for (const id of this.#othersInFlight) this.#others.set(id, answeredMs);
    this.#othersInFlight = [];
    const unseenMs = this.#seenMs === null ? 0 : nowMs + silentMs - this.#seenMs;
    const unseen = Math.min(
      ...windows.map(({ calls, windowMs }) => calls * Math.max(1, Math.ceil(unseenMs / windowMs))),
    );
    const assumed = this.#seenMs === null ? shortest.calls : unseen;
    this.#assumed = Array.from({ length: assumed }, () => ({ answeredMs, onBehalfOf: '' }));
  }

  /** All that are answered, the assumed ones too. */
  answeredCalls(): readonly AnsweredCall[] {
    const known = [...this.#before, ...this.#own, ...this.#others].map(([id, answeredMs]) => ({
      answeredMs,
      onBehalfOf: onBehalfOfIn(id),
    }));
    return [...known, ...this.#assumed];
  }

  /** Calls of others that are in flight. */
  elsewhere(nowMs: number): readonly { readonly grantedMs: number; readonly onBehalfOf: string }[] {
    return this.#othersInFlight.map((id) => ({ grantedMs: nowMs, onBehalfOf: onBehalfOfIn(id) }));
  }

  /** All that were seen, to be written into a log that may have lost them. */
  all(nowMs: number): readonly LoggedCall[] {
    return this.#logged([...this.#own, ...this.#others], nowMs);
  }

  /** Its own, ascending; one in flight counts from now. */
  ownMs(nowMs: number): readonly number[] {
    const answeredMs = [...this.#beforeMs, ...this.#own.values()].filter((atMs) => atMs > nowMs - this.#longestMs);
    return [...answeredMs.sort((a, b) => a - b), ...[...this.#inFlight].map(() => nowMs)];
  }

  #logged(calls: Iterable<readonly [string, number]>, nowMs: number): readonly LoggedCall[] {
    return [...calls]
      .filter(([, answeredMs]) => answeredMs > nowMs - this.#longestMs)
      .map(([id, answeredMs]) => ({ id, ageMs: Math.max(0, nowMs - answeredMs) }));
  }
}
