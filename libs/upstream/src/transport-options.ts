import type { Clock, Logger, MadeCall } from '@certfolio/core';
import type { BackoffOptions } from './backoff.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import type { CallBudget } from './budget-port.ts';

/** Milliseconds each phase of an attempt may last. */
export interface Timeouts {
  readonly connectMs: number;
  readonly headersMs: number;
  /** The same for the order report, which is made while we wait. */
  readonly reportHeadersMs: number;
  /** Between two pieces of the body. */
  readonly idleBodyMs: number;
  /** From sending to the last byte. */
  readonly totalMs: number;
  /** The same for the order report. */
  readonly reportTotalMs: number;
}

/** What `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` say; the environment itself is not read here. */
export interface ProxyOptions {
  readonly httpProxy?: string;
  readonly httpsProxy?: string;
  readonly noProxy?: string;
}

/** One attempt, for metrics and the log. Never holds the key, nor the values of a query. */
export interface CallReport extends MadeCall {
  readonly bytes: number;
  readonly outcome: 'ok' | 'absent' | 'refused' | 'limited' | 'failed' | 'wrong-shape' | 'timeout' | 'aborted';
}

export interface TransportOptions {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  /** Asked for every attempt, so that a changed key is used at once. */
  readonly apiKey: () => string;
  readonly userAgent: string;
  readonly budget: CallBudget;
  readonly breaker: CircuitBreaker;
  readonly connections: number;
  readonly timeouts: Timeouts;
  readonly proxy: ProxyOptions;
  readonly maxBodyBytes: number;
  readonly maxReportBytes: number;
  readonly attempts: number;
  readonly backoff: BackoffOptions;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly onCall: (report: CallReport) => void;
}
