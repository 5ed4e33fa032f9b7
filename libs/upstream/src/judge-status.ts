import { UpstreamRefused } from '@certfolio/core';
import { jsonTypes, parseJson, redirectTarget, tooLong } from './answer-checks.ts';
import type { Attempt } from './attempt.ts';
import { CallFailure, parseRetryAfter, upstreamCode } from './call-failure.ts';
import type { WholeAnswer } from './whole-answer.http.ts';

export type JudgedAnswer = Omit<WholeAnswer, 'headerNames'>;

/** What a 4xx means to the caller; undefined when it is a refusal like any other. */
export type Refused<T> = (status: number, code: string, body: string) => T | undefined;

/** Enough for CertCentral's error bodies; the rest of a long one is left unread. */
export const maxErrorBytes = 65_536;

const retryableStatuses: ReadonlySet<number> = new Set([500, 502, 503, 504]);

/** @throws CallFailure when it is too long or broke off */
export function wholeBody(answer: JudgedAnswer, maxBytes: number, attempt: Attempt): Buffer {
  if (answer.isCut) throw tooLong(answer, maxBytes);
  if (answer.failure !== undefined) throw attempt.broken(answer.failure);
  return answer.body;
}

interface Asked<T> {
  readonly route: string;
  /** Where the key may go. */
  readonly origin: string;
  readonly nowMs: number;
  readonly refused: Refused<T> | undefined;
}

/**
 * Returns undefined for a 200, and what `refused` makes of a 4xx.
 *
 * @throws CallFailure, or UpstreamRefused, for every other status
 */
export function judgeStatus<T>(
  answer: JudgedAnswer,
  attempt: Attempt,
  { route, origin, nowMs, refused }: Asked<T>,
): { readonly value: T } | undefined {
  const { status, header } = answer;
  if (status === 200) return undefined;
  if (status >= 300 && status < 400) {
    const target = redirectTarget(header('location'), origin);
    throw new CallFailure('answer', `it redirects to ${target}, where the key must not go`, {
      status,
      isRetryable: false,
    });
  }
  if (status === 429) {
    throw new CallFailure('limited', 'it answered 429: another program may be using the same key', {
      status,
      retryAfterMs: parseRetryAfter(header('retry-after'), nowMs),
    });
  }
  if (status >= 500)
    throw new CallFailure('answer', `it answered ${status}`, { status, isRetryable: retryableStatuses.has(status) });
  if (status < 400) throw new CallFailure('answer', `it answered ${status} to a read`, { status, isRetryable: false });

  const isJson = jsonTypes.test(header('content-type') ?? '');
  const body = (isJson ? wholeBody(answer, maxErrorBytes, attempt) : answer.body).toString('utf8');
  if (isJson) parseJson(body, status); // half a refusal may be anything
  const code = upstreamCode(body);
  // A 404 in HTML is a proxy or a wrong address speaking, not CertCentral saying that a record does not exist.
  const value = isJson ? refused?.(status, code, body) : undefined;
  if (value !== undefined) return { value };
  if (status === 404 && !isJson)
    throw new CallFailure('answer', 'it answered 404 in another format than JSON', { status });
  throw new UpstreamRefused(route, status, code === '' ? `status_${status}` : code);
}
