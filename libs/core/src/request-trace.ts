/** A call of CertCentral, as it stands in the trace of the request that made it. */
export interface MadeCall {
  /** With placeholders for ids: `GET /order/certificate/{order_id}`. */
  readonly route: string;
  readonly method: string;
  /** Null when no answer came. */
  readonly status: number | null;
  /** When it was sent, milliseconds since 1970. */
  readonly atMs: number;
  /** From sending to the end of the body. */
  readonly durationMs: number;
  /** In the queue of the call budget, before it was sent. */
  readonly waitedMs: number;
  /** From 1. */
  readonly attempt: number;
  readonly outcome: string;
  /** CertCentral's. */
  readonly requestId?: string;
}

/** What became of a request. */
export interface TracedEnd {
  /** Few different ones: the door, and the template or route. */
  readonly name: string;
  readonly durationMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** The failure is not the caller's. */
  readonly failure: string | null;
  readonly calls: readonly MadeCall[];
}

/** The span of one request in a trace that is sent to a collector. */
export interface RequestTrace {
  /** W3C Trace Context, for whoever is asked on the request's behalf. */
  readonly traceparent: string;
  /** It will be sent; of one that will not, nobody needs to keep what it would tell. */
  readonly isSampled: boolean;
  /** Only the first end counts. */
  end(end: TracedEnd): void;
}
