/** Work that several callers wait for. It is aborted only when all of them are gone. */
interface Flight<T> {
  /**
   * Null once it has settled. A Map that grows and shrinks leaves its former tables behind with what was in them, and the first of
   * them in the old generation keeps the next ones alive: before this was cut, every answer was promoted.
   */
  work: { readonly result: Promise<T>; readonly controller: AbortController } | null;
  waiting: number;
}

/** Joins identical runs: who asks while one is under way gets its answer instead of a run of their own. */
export class InFlight<T> {
  readonly #flights = new Map<string, Flight<T>>();

  get size(): number {
    return this.#flights.size;
  }

  /**
   * @param key equal for runs whose answers are interchangeable: same operation, same variables, same rights
   * @param signal of this caller alone
   * @returns the answer and whether somebody else's run gave it
   */
  async join(
    key: string,
    signal: AbortSignal,
    start: (signal: AbortSignal) => Promise<T>,
  ): Promise<{ readonly value: T; readonly shared: boolean }> {
    signal.throwIfAborted();
    const known = this.#flights.get(key);
    const flight = known ?? this.#start(key, start);
    flight.waiting += 1;
    return new Promise((resolve, reject) => {
      let hasLeft = false;
      const leave = () => {
        if (hasLeft) return;
        hasLeft = true;
        signal.removeEventListener('abort', onAbort);
        this.#leave(key, flight);
      };
      const onAbort = () => {
        leave();
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort);
      flight.work!.result.then(
        (value) => {
          leave();
          resolve({ value, shared: known !== undefined });
        },
        (error: unknown) => {
          leave();
          reject(error);
        },
      );
    });
  }

  #leave(key: string, flight: Flight<T>): void {
    flight.waiting -= 1;
    if (flight.waiting > 0) return;
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
    // An abort after the end would cost every run of which nobody is left, which is every run.
    flight.work?.controller.abort(new Error('Nobody waits for this run any more.'));
  }

  #start(key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const result = start(controller.signal);
    const flight: Flight<T> = { work: { result, controller }, waiting: 0 };
    this.#flights.set(key, flight);
    const settled = () => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
      flight.work = null;
    };
    // A run that fails after its last caller has gone concerns nobody.
    result.then(settled, settled);
    return flight;
  }
}
