export interface BackoffOptions {
  /** Longest wait before the second attempt. */
  readonly baseMs: number;
  /** Longest wait before any attempt. */
  readonly mostMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Full jitter: callers that failed together do not come back together. @param failures so far, from 1 */
export function backoffMs({ baseMs, mostMs, random }: BackoffOptions, failures: number): number {
  return random() * Math.min(mostMs, baseMs * 2 ** (failures - 1));
}
