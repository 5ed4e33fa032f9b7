const firstPauseMs = 1_000;
const longestPauseMs = 15_000;
/** Bounds for a Retry-After, which CertCentral does not document: a proxy on the way may send anything. */
const retryAfterBoundsMs = { least: 1_000, most: 30_000 };

/** The rest after a 429: as long as the answer says, else twice as long each time, until a call is accepted. Monotonic milliseconds. */
export class Pause {
  #untilMs = Number.NEGATIVE_INFINITY;
  #sinceMs = Number.NEGATIVE_INFINITY;
  #nextMs = firstPauseMs;

  get untilMs(): number {
    return this.#untilMs;
  }

  /** @returns false when the answer says nothing that was not known */
  limited(grantedMs: number, retryAfterMs: number | null, nowMs: number): boolean {
    const { least, most } = retryAfterBoundsMs;
    // Calls that were on their way when the pause began say nothing new.
    const isNews = grantedMs >= this.#sinceMs;
    if (retryAfterMs === null && !isNews) return false;
    const pauseMs = retryAfterMs === null ? this.#nextMs : Math.min(most, Math.max(least, retryAfterMs));
    if (isNews) {
      this.#sinceMs = nowMs;
      this.#nextMs = Math.min(longestPauseMs, this.#nextMs * 2);
    }
    this.lastUntil(nowMs + pauseMs);
    return true;
  }

  accepted(grantedMs: number): void {
    if (grantedMs >= this.#sinceMs) this.#nextMs = firstPauseMs;
  }

  /** Another process was told to rest. */
  lastUntil(untilMs: number): void {
    this.#untilMs = Math.max(this.#untilMs, untilMs);
  }
}
