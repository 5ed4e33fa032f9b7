import type { Principal } from '@certfolio/core';

/** A call of CertCentral's REST API as it came to the façade. */
export interface RestRequest {
  readonly method: string;
  /** Below `/services/v2`, nothing decoded, without query: `/order/certificate/123`. */
  readonly path: string;
  /** As it came, without "?"; '' for none. */
  readonly search: string;
  /** Lower-case names; without credentials and hop-by-hop fields. */
  readonly headers: ReadonlyMap<string, string>;
  /** Null for a call without a body, and for one whose body streams through to CertCentral. */
  readonly body: Buffer | null;
}

export type HeaderFields = readonly (readonly [name: string, value: string])[];

/** An answer in the form of CertCentral's REST API. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: HeaderFields;
  readonly body: Buffer | AsyncIterable<Buffer>;
}

/** Who made the answer that a caller got. */
export type AnsweringSide = 'certcentral' | 'graph';

/** A call whose caller has its answer. */
export interface AnsweredCall {
  /** Of the catalog of routes, `GET /order/certificate/{order_id}`. */
  readonly route: string;
  readonly params: ReadonlyMap<string, string>;
  readonly request: RestRequest;
  readonly principal: Principal;
  readonly by: AnsweringSide;
  readonly status: number;
  /** From the call's coming to the end of its answer. */
  readonly durationMs: number;
  /** The whole body, with the content coding it was sent with; null when it was longer than is kept, or broke off. */
  readonly body: Buffer | null;
  /** It was wanted for a comparison, and longer than what is kept for one. */
  readonly isTooLong: boolean;
  readonly headers: HeaderFields;
  readonly requestId: string;
  readonly isTest: boolean;
  /** While ramping: code of the failure of ours after which CertCentral answered in the graph's place. */
  readonly graphFailure?: string;
}

/** Holds answers against the other side, after callers have theirs. */
export interface Comparer {
  /** A call came; it ends with the function that is returned. */
  began(): () => void;
  /** Asked before the answer begins: the body is kept only for calls that are wanted. */
  wants(call: Pick<AnsweredCall, 'route' | 'principal' | 'isTest'>): boolean;
  /** Told of every answer to a read of a known route. Never waits and never throws. */
  answered(call: AnsweredCall): void;
}
