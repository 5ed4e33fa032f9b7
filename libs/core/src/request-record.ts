import type { ErrorCode } from './errors/catalog.ts';
import type { Principal } from './principal.ts';
import type { MadeCall, RequestTrace } from './request-trace.ts';

/** The operation that a request asked for, once it was found. */
export interface RecordedOperation {
  /** Null for a text that is no template. */
  readonly template: { readonly name: string; readonly version: number; readonly id: string } | null;
  /** SHA-256 of the text that ran. */
  readonly hash: string;
  /** The text that ran. */
  readonly text: string;
  readonly name: string | null;
  /** `Type.field` of every field selected, whatever its alias. */
  readonly selected: ReadonlySet<string>;
  /** As they were given; may hold what must not be written down. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly isMutation: boolean;
}

/** A call of CertCentral's REST API that was made at the façade. */
export interface RecordedCall {
  /** Of the catalog of routes, `PUT /order/certificate/{id}/status`; `PUT (unknown)` for a path that is none of it. */
  readonly route: string;
  readonly isWrite: boolean;
}

/**
 * `ok`, `PARTIAL` for data with errors, `CLIENT_CLOSED` when the caller went away before the answer was sent whole, else the
 * code of the refusal or failure.
 */
export type RequestDecision = ErrorCode | 'ok' | 'PARTIAL' | 'CLIENT_CLOSED';

/** What became of one request of a known key. Made once, after the answer ended; whoever counts or writes down reads this. */
export interface RequestRecord {
  readonly requestId: string;
  /** When it came, milliseconds since 1970. */
  readonly atMs: number;
  readonly durationMs: number;
  readonly door: string;
  readonly principal: Omit<Principal, 'upstreamKey'>;
  /** Address that the request came from, a proxy's word for it where proxies are trusted. */
  readonly from: string;
  readonly userAgent: string | null;
  /** What the program calls itself in `apollographql-client-name`. */
  readonly clientName: string | null;
  /** Null when it was refused before its operation was found. */
  readonly operation: RecordedOperation | null;
  /** At the REST façade; absent elsewhere. */
  readonly restCall?: RecordedCall;
  readonly decision: RequestDecision;
  /** As it was sent; an answer that failed or was given up on its way had it all the same. */
  readonly status: number;
  /** Null where the answer is no report. */
  readonly rows: number | null;
  readonly truncated: boolean;
  readonly upstreamCalls: number;
  /** Points; null when nothing ran. `actual` is what the answer held, as far as it went. */
  readonly cost: { readonly estimated: number; readonly actual: number } | null;
  /** Limits in shadow mode that would have refused it. */
  readonly wouldLimit: readonly string[];
  /** Absent unless requests are traced. */
  readonly trace?: RequestTrace;
  /** Calls of CertCentral for the trace, the first of many. */
  readonly calls?: readonly MadeCall[];
}

/** Reads records; must not wait for anything, nor throw. */
export type RequestRecorder = (record: RequestRecord) => void;
