/** What kept an answer from coming when the gateway itself did not say: its own codes are in core's error catalog. */
export const transportCodes = [
  'GATEWAY_UNREACHABLE',
  'GATEWAY_BROKE_OFF',
  'GATEWAY_REDIRECTED',
  'UNEXPECTED_ANSWER',
  'BAD_KEY_FORMAT',
] as const;
export type TransportCode = (typeof transportCodes)[number];

export interface GatewayErrorFacts {
  /** HTTP status; null when no answer came. */
  readonly status: number | null;
  readonly requestId: string | null;
  /** Milliseconds after which the same request can succeed; null when waiting does not help or nothing was said. */
  readonly retryAfterMs: number | null;
  /** What else the gateway said, for example `policy`, `nearest`. */
  readonly details: ReadonlyMap<string, unknown>;
}

/** A request that got no answer it can use. The message is a sentence for people; the key is never in it. */
export class GatewayError extends Error implements GatewayErrorFacts {
  /** A code of core's error catalog, one of `transportCodes`, or one that a newer gateway knows. */
  readonly code: string;
  readonly status: number | null;
  readonly requestId: string | null;
  readonly retryAfterMs: number | null;
  readonly details: ReadonlyMap<string, unknown>;

  constructor(code: string, message: string, facts: Partial<GatewayErrorFacts> & { cause?: unknown } = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'GatewayError';
    this.code = code;
    this.status = facts.status ?? null;
    this.requestId = facts.requestId ?? null;
    this.retryAfterMs = facts.retryAfterMs ?? null;
    this.details = facts.details ?? new Map();
  }
}
