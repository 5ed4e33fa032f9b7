/** One attempt at a call that gave no usable answer. */
export class CallFailure extends Error {
  /** `connection`: the service was not reached or broke off. `answer`: it answered, but not with what it should. `limited`: 429. */
  readonly kind: 'connection' | 'answer' | 'limited';
  /** Whether the same call may succeed when it is sent again. */
  readonly isRetryable: boolean;
  readonly status: number | undefined;
  /** Milliseconds of a Retry-After header, where one came. */
  readonly retryAfterMs: number | null;

  constructor(
    kind: CallFailure['kind'],
    reason: string,
    options: { isRetryable?: boolean; status?: number; retryAfterMs?: number | null; cause?: unknown } = {},
  ) {
    super(reason, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CallFailure';
    this.kind = kind;
    this.isRetryable = options.isRetryable ?? true;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/** The breaker is open: nothing is sent. */
export const unreachable = () =>
  new CallFailure('connection', 'it could not be reached several times in a row and is left alone for a moment', {
    isRetryable: false,
  });

const sentences: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', 'the connection was reset'],
  ['EPIPE', 'the connection was reset'],
  ['UND_ERR_SOCKET', 'the connection broke'],
  ['UND_ERR_CONNECT_TIMEOUT', 'no connection within the connect time-out'],
  ['UND_ERR_HEADERS_TIMEOUT', 'no headers within the time-out'],
  ['HEADERS_TIMEOUT', 'no headers within the time-out'],
  ['UND_ERR_BODY_TIMEOUT', 'the body stood still longer than the time-out'],
  ['BODY_TIMEOUT', 'the body stood still longer than the time-out'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'the body is shorter than announced'],
  ['ENOTFOUND', 'its name has no address'],
  ['EAI_AGAIN', 'its name could not be looked up'],
  ['ETIMEDOUT', 'the connection timed out'],
  ['EHOSTUNREACH', 'no route to the host'],
]);

/** What an error of the HTTP client means, in a sentence without addresses or keys. */
export function connectionFailure(cause: unknown, phase: 'before' | 'inside'): CallFailure {
  const code = codeOf(cause);
  const sentence =
    sentences.get(code) ?? (code === '' ? 'the connection failed' : `the connection failed with ${code}`);
  return new CallFailure('connection', phase === 'inside' ? `${sentence} inside the body` : sentence, { cause });
}

/** The code of an error, or of the first one below it. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if ('errors' in error && Array.isArray(error.errors)) return codeOf(error.errors[0]);
  return 'cause' in error ? codeOf(error.cause) : '';
}

/** Seconds or an HTTP date, as milliseconds from now; null for anything else. */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header.trim()) * 1_000;
  const dateMs = /^[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs);
}

/** The code of CertCentral's error body; `errors` is a list there, in an old edition a single object. */
export function upstreamCode(body: string): string {
  try {
    const { errors } = JSON.parse(body) as { errors?: unknown };
    const first: unknown = Array.isArray(errors) ? errors[0] : errors;
    if (typeof first === 'object' && first !== null) {
      if ('code' in first && typeof first.code === 'string') return first.code.slice(0, 120);
      if ('message' in first && typeof first.message === 'string') return first.message.slice(0, 120);
    }
  } catch {
    // Not JSON: the status has to do.
  }
  return '';
}
