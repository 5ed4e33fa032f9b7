import { GatewayError } from './gateway-error.ts';

/** One member of `errors` in an answer of the gateway. */
export interface AnswerError {
  readonly message: string;
  readonly code: string;
  readonly details: ReadonlyMap<string, unknown>;
}

export interface AnswerHead {
  readonly status: number;
  readonly headers: Headers;
  /** Wall time, for a `Retry-After` that names a date. */
  readonly nowMs: number;
}

/** Turns a refusal into the error that is thrown for it. A body that is not ours (a proxy's page) still gives a sentence. */
export function errorOfAnswer(head: AnswerHead, body: unknown): GatewayError {
  const { status, headers } = head;
  const requestId = headers.get('x-request-id');
  const [first] = readErrors(body);
  if (first === undefined) {
    const message = `The gateway answered with status ${status} and without saying why.`;
    return new GatewayError(codeOfStatus(status), message, { status, requestId, retryAfterMs: readRetryAfterMs(head) });
  }
  const ownMs = first.details.get('retryAfterMs');
  const retryAfterMs = typeof ownMs === 'number' ? ownMs : readRetryAfterMs(head);
  return new GatewayError(first.code, first.message, { status, requestId, retryAfterMs, details: first.details });
}

/** The errors an answer carries; none when it has no `errors` list. */
export function readErrors(body: unknown): AnswerError[] {
  const errors = isObject(body) ? body.errors : undefined;
  if (!Array.isArray(errors)) return [];
  return errors.filter(isObject).map((error) => {
    const extensions = isObject(error.extensions) ? error.extensions : {};
    return {
      message: typeof error.message === 'string' ? error.message : 'The gateway gave no message.',
      code: typeof extensions.code === 'string' ? extensions.code : 'UNEXPECTED_ANSWER',
      details: new Map(Object.entries(extensions).filter(([name]) => name !== 'code')),
    };
  });
}

/** `Retry-After` as milliseconds: seconds or an HTTP date (RFC 9110 section 10.2.3); null when absent or neither. */
export function readRetryAfterMs({ headers, nowMs }: Pick<AnswerHead, 'headers' | 'nowMs'>): number | null {
  const text = headers.get('retry-after')?.trim();
  if (text === undefined || text === '') return null;
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}

/** What a status means when a proxy in between answered and not the gateway. */
function codeOfStatus(status: number): string {
  if (status === 401) return 'UNAUTHENTICATED';
  if (status === 403) return 'FORBIDDEN';
  if (status === 404) return 'NOT_FOUND';
  if (status === 429) return 'RATE_LIMITED';
  return status === 503 ? 'SERVICE_UNAVAILABLE' : 'UNEXPECTED_ANSWER';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
