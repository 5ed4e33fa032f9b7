/** Work that several callers wait for. It is aborted only when all of them are gone. */
interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
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
    const { promise: left, reject: leave } = Promise.withResolvers<never>();
    const onAbort = () => leave(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return { value: await Promise.race([flight.result, left]), shared: known !== undefined };
    } finally {
      signal.removeEventListener('abort', onAbort);
      flight.waiting -= 1;
      if (flight.waiting === 0) {
        if (this.#flights.get(key) === flight) this.#flights.delete(key);
        flight.controller.abort(new Error('Nobody waits for this run any more.'));
      }
    }
  }

  #start(key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const flight: Flight<T> = { controller, waiting: 0, result: start(controller.signal) };
    // A run that fails after its last caller has gone concerns nobody.
    flight.result.catch(() => undefined);
    this.#flights.set(key, flight);
    void flight.result
      .finally(() => this.#flights.get(key) === flight && this.#flights.delete(key))
      .catch(() => undefined);
    return flight;
  }
}
