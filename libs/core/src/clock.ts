/** The time, handed in so that tests set it. */
export interface Clock {
  /** Wall time, milliseconds since 1970. */
  nowMs(): number;
  /** Milliseconds that never go back; only differences mean something. */
  monotonicMs(): number;
  /** Resolves after `ms`, or rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back after `ms` unless it is cancelled before; a timer of one call, for paths where a promise costs too much. */
  schedule(ms: number, callBack: () => void): () => void;
}
