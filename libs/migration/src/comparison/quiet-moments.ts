import type { Clock } from '@certfolio/core';

export interface QuietLimits {
  /** So long nobody has waited for an answer; a program that calls again and again leaves less between two calls. */
  readonly settleMs: number;
  /** A comparison waits no longer than this for a quiet moment. */
  readonly patienceMs: number;
}

export const defaultQuietLimits: QuietLimits = { settleMs: 25, patienceMs: 2_000 };

/**
 * Moments in which no caller waits for an answer. Work in the background takes the same processor as answers, so it is put off
 * to one of these, as long as there is one soon.
 */
export class QuietMoments {
  readonly #clock: Clock;
  readonly #limits: QuietLimits;
  #callers = 0;
  #quietSinceMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, limits: QuietLimits = defaultQuietLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** A caller waits, until the function that is returned is called. */
  began(): () => void {
    this.#callers += 1;
    return () => {
      this.#callers -= 1;
      this.#quietSinceMs = this.#clock.monotonicMs();
    };
  }

  /** Resolves in a quiet moment, or when patience ends. */
  async wait(): Promise<void> {
    const { settleMs, patienceMs } = this.#limits;
    const impatientMs = this.#clock.monotonicMs() + patienceMs;
    for (;;) {
      const nowMs = this.#clock.monotonicMs();
      const leftMs = this.#callers > 0 ? settleMs : this.#quietSinceMs + settleMs - nowMs;
      if (leftMs <= 0 || nowMs >= impatientMs) return;
      await this.#clock.sleep(Math.min(leftMs, impatientMs - nowMs));
    }
  }
}
