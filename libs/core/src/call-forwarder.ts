import type { RequestContext } from './request-context.ts';

/** A call of a caller's own, to be sent to CertCentral as it is but for its key. */
export interface ForwardedCall {
  readonly method: string;
  /** Below the base URL, query included, as the caller wrote it. */
  readonly target: string;
  /** Name and value as they came, in order; without credentials and what concerns one connection only. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Null for a call without a body. */
  readonly body: AsyncIterable<Buffer> | null;
  /** For metrics, errors and the log: `GET /order/certificate/{order_id}`. */
  readonly route: string;
  /** A read changes nothing, so it is broken off when its caller leaves; a write that was sent is not. */
  readonly isRead: boolean;
}

/** CertCentral's answer, whatever it is. */
export interface ForwardedAnswer {
  readonly status: number;
  readonly statusText: string;
  /** As they came, in order; without what concerns one connection only. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** As it came, content coding included. Throws when it breaks off; ending the loop early ends the call. */
  readonly body: AsyncIterable<Buffer>;
}

/** Sends calls of callers on to CertCentral: once, with the key of the account or the one that is passed through. */
export interface CallForwarder {
  /**
   * Takes one call of the budget and waits for it until the deadline of the context; the call itself has longer.
   *
   * @throws UpstreamBudgetExhausted when no call is free before the deadline
   * @throws UpstreamUnavailable when CertCentral was not reached, or broke off before its answer began
   * @throws GatewayTimeout when the answer did not begin in time
   */
  forward(account: string, call: ForwardedCall, context: RequestContext): Promise<ForwardedAnswer>;
}
