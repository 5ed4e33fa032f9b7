import type { BudgetOutlook, Lane, UpstreamCall } from '@certfolio/core';
import type { RollingWindow } from './call-budget.ts';
import type { Waiting } from './fair-queue.ts';

/** What a caller needs to say to get a call. */
export type CallRequest = Pick<UpstreamCall, 'lane' | 'onBehalfOf' | 'deadline' | 'signal'>;

/** The right to send one call. End it once, by one of the two methods; later ends do nothing. */
export interface CallGrant {
  readonly waitedMs: number;
  /** The headers arrived, or the call failed after it may have reached CertCentral. */
  answered(): void;
  /** The call was never sent: its place is free again. */
  unused(): void;
}

export interface BudgetState {
  /** Calls that fill each window, in the order of the windows; of all processes, as far as this one knows. */
  readonly used: readonly { readonly window: RollingWindow; readonly calls: number }[];
  /** Calls of this process that have no headers yet. */
  readonly inFlight: number;
  /** Callers of this process that wait. */
  readonly queued: Readonly<Record<Lane, number>>;
  /** Milliseconds that all lanes still rest after a 429. */
  readonly pausedMs: number;
  /**
   * `alone`: this process counts for itself. `shared`: all processes count in one log. `divided`: that log cannot be
   * relied on, and each process keeps to its part of the limit.
   */
  readonly shared: 'alone' | 'shared' | 'divided';
  /** That share the budget, this one included, as far as is known. */
  readonly processes: number;
}

/** The calls of one CertCentral key. */
export interface CallBudget {
  /**
   * Waits for a call.
   *
   * @throws UpstreamBudgetExhausted at once when none is free before the deadline, or the queue is full
   * @throws the signal's reason when it aborts first
   */
  take(request: CallRequest): Promise<CallGrant>;
  /** Milliseconds until a request that waits is expected to get its call; null when it does not wait. */
  waitMsOf(request: CallRequest): number | null;
  /** Milliseconds after which a caller like this one would get a call, if it came back then. */
  retryAfterMs(request: Waiting): number;
  /**
   * CertCentral answered 429 although we were within the limits: another program shares the key. All lanes rest.
   *
   * @param retryAfterMs as the answer said it; null when it did not
   */
  limited(grant: CallGrant, retryAfterMs: number | null): void;
  /** CertCentral answered a call without a 429. */
  accepted(grant: CallGrant): void;
  /** Expectations for a caller of `lane`; without one, for a caller behind everybody who waits. */
  outlook(lane?: Lane): BudgetOutlook;
  state(): BudgetState;
  /** Monotonic times of the calls that still count; a call without an answer counts from now. */
  callsMs(): readonly number[];
  /** Refuses all who wait, and all who come later. */
  stop(): void;
}
