import type { Clock } from '@certfolio/core';

export type BreakerState = 'closed' | 'open' | 'half-open';

/** Stops calls to a service that cannot be reached, so that callers fail in microseconds and not in connect time-outs. */
export interface CircuitBreaker {
  readonly state: BreakerState;
  /** Whether a call may be sent now. Half-open lets one through as a probe; end it by one of the three below. */
  allows(): boolean;
  /** The service answered, whatever it said. */
  reached(): void;
  /** The connection failed. */
  failed(): void;
  /** The call ended without showing either. */
  undecided(): void;
}

export interface BreakerOptions {
  readonly clock: Clock;
  /** Failures in a row that open it. */
  readonly failures: number;
  /** How long it stays open before a probe. */
  readonly openMs: number;
}

export function createCircuitBreaker({ clock, failures, openMs }: BreakerOptions): CircuitBreaker {
  let failedInARow = 0;
  let openedMs: number | null = null;
  let isProbing = false;

  return {
    get state() {
      if (openedMs === null) return 'closed';
      return clock.monotonicMs() - openedMs < openMs ? 'open' : 'half-open';
    },
    allows() {
      if (openedMs === null) return true;
      if (isProbing || clock.monotonicMs() - openedMs < openMs) return false;
      isProbing = true;
      return true;
    },
    reached() {
      failedInARow = 0;
      openedMs = null;
      isProbing = false;
    },
    failed() {
      failedInARow += 1;
      if (failedInARow >= failures) openedMs = clock.monotonicMs();
      isProbing = false;
    },
    undecided() {
      isProbing = false;
    },
  };
}
