import type { Logger } from '@certfolio/core';

interface Step {
  readonly name: string;
  readonly stop: () => Promise<void> | void;
}

/** Ends the parts of a process in the reverse order of their start, each within what is left of one time limit. */
export class Shutdown {
  readonly #steps: Step[] = [];
  readonly #logger: Logger;
  readonly #limitMs: number;
  #ending: Promise<boolean> | null = null;

  /** @param limitMs for all parts together */
  constructor(logger: Logger, limitMs: number) {
    this.#logger = logger;
    this.#limitMs = limitMs;
  }

  add(name: string, stop: Step['stop']): void {
    this.#steps.push({ name, stop });
  }

  /** Resolves to whether every part ended by itself; a second call joins the first. */
  end(): Promise<boolean> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<boolean> {
    const expired = Symbol('expired');
    const { promise: limit, resolve: expire } = Promise.withResolvers<typeof expired>();
    const timer = setTimeout(() => expire(expired), this.#limitMs);
    let clean = true;
    for (const { name, stop } of this.#steps.toReversed()) {
      try {
        const outcome = await Promise.race([Promise.resolve(stop()), limit]);
        if (outcome === expired) {
          clean = false;
          this.#logger.warn({ part: name, limitMs: this.#limitMs }, 'A part did not end in time.');
        }
      } catch (error) {
        clean = false;
        this.#logger.error({ part: name, err: error }, 'A part failed to end.');
      }
    }
    clearTimeout(timer);
    return clean;
  }
}
