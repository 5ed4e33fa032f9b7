import { AppError } from './app-error.ts';

/** The request itself is malformed. Status 400 under every media type. */
export class BadRequest extends AppError {
  constructor(message: string, details: Readonly<Record<string, unknown>> = {}) {
    super('BAD_REQUEST', message, { details });
  }
}

/** An argument or variable has a value that cannot be used. */
export class BadUserInput extends AppError {
  constructor(message: string, details: Readonly<Record<string, unknown>> = {}) {
    super('BAD_USER_INPUT', message, { details });
  }
}

export class Unauthenticated extends AppError {
  constructor(message = 'Send a Certfolio key as "Authorization: Bearer <key>" or "X-DC-DEVKEY: <key>".') {
    super('UNAUTHENTICATED', message);
  }
}

export class Forbidden extends AppError {
  constructor(message: string, details: Readonly<Record<string, unknown>> = {}) {
    super('FORBIDDEN', message, { details });
  }
}

/** A limit of the key, not of CertCentral. */
export class RateLimited extends AppError {
  constructor(policy: string, limitText: string, retryAfterMs: number) {
    const seconds = Math.ceil(retryAfterMs / 1_000);
    super('RATE_LIMITED', `This key's limit of ${limitText} is reached; try again in ${seconds} s.`, {
      details: { policy },
      retryAfterMs,
    });
  }
}

/** No call is free in CertCentral's windows before the deadline of the request. */
export class UpstreamBudgetExhausted extends AppError {
  constructor(retryAfterMs: number) {
    super(
      'UPSTREAM_BUDGET_EXHAUSTED',
      `CertCentral allows no further call before this request's deadline; the next free one is in ${Math.ceil(retryAfterMs)} ms.`,
      { retryAfterMs },
    );
  }
}

/** CertCentral cannot be reached, broke off, or answered 429 or 5xx, or something that is not its format. */
export class UpstreamUnavailable extends AppError {
  constructor(route: string, reason: string, options: { status?: number; cause?: unknown } = {}) {
    super('UPSTREAM_UNAVAILABLE', `CertCentral did not answer ${route}: ${reason}.`, {
      details: { route, ...(options.status === undefined ? {} : { upstreamStatus: options.status }) },
      ...(options.cause === undefined ? {} : { cause: options.cause }),
    });
  }
}

/** CertCentral refused the key or the request (4xx other than 404 and 429). */
export class UpstreamRefused extends AppError {
  /** CertCentral's own code, for example `access_denied|missing_permission`. */
  readonly upstreamCode: string;
  readonly upstreamStatus: number;

  constructor(route: string, upstreamStatus: number, upstreamCode: string) {
    super('UPSTREAM_REFUSED', `CertCentral refused ${route} with ${upstreamStatus} ${upstreamCode}.`, {
      details: { route, upstreamStatus, upstreamCode },
    });
    this.upstreamCode = upstreamCode;
    this.upstreamStatus = upstreamStatus;
  }
}

/** The deadline passed while waiting for CertCentral or a subgraph. */
export class GatewayTimeout extends AppError {
  constructor(what: string, waitedMs: number, options: { cause?: unknown } = {}) {
    super('GATEWAY_TIMEOUT', `${what} gave no complete answer within ${Math.round(waitedMs)} ms.`, {
      ...(options.cause === undefined ? {} : { cause: options.cause }),
    });
  }
}

/** A look-up found nothing in what was read so far, and there is more to read. */
export class LookupIncomplete extends AppError {
  constructor(what: string, ordersLeft: number) {
    super(
      'INCOMPLETE',
      `No ${what} was found, but the look-up is incomplete: the other certificates of ${ordersLeft} orders are still to be read.`,
      { details: { ordersLeft } },
    );
  }
}

export class SubgraphUnavailable extends AppError {
  constructor(subgraph: string, reason: string, options: { cause?: unknown } = {}) {
    super('SUBGRAPH_UNAVAILABLE', `The subgraph "${subgraph}" did not answer: ${reason}.`, {
      details: { subgraph },
      ...(options.cause === undefined ? {} : { cause: options.cause }),
    });
  }
}

export class ServiceUnavailable extends AppError {
  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super('SERVICE_UNAVAILABLE', message, options);
  }
}
