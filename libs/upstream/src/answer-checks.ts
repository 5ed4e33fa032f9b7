import { GatewayTimeout, UpstreamRefused, UpstreamUnavailable } from '@certfolio/core';
import { CallFailure } from './call-failure.ts';
import type { CallReport } from './transport-options.ts';
import { WrongShape } from './wire/wrong-shape.ts';

export const jsonTypes = /^application\/(?:[\w.+-]+\+)?json(?:\s*;|$)/i;
export const csvTypes = /^(?:text|application)\/(?:csv|x-csv|comma-separated-values)(?:\s*;|$)/i;

/** The head of an answer. */
export interface AnswerHead {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
}

/** What is wrong with the body that a 200 announces; null when it is of the wanted kind. */
export function typeFailure({ header, status }: AnswerHead, types: RegExp, wanted: string): CallFailure | null {
  const encoding = header('content-encoding');
  if (encoding !== undefined && encoding !== 'identity')
    return new CallFailure('answer', `it sent ${encoding} unasked`, { status, isRetryable: false });
  const type = header('content-type') ?? '';
  if (types.test(type)) return null;
  const sent = type === '' ? 'no content type' : `"${type.slice(0, 60)}"`;
  return new CallFailure('answer', `it sent ${sent}, not ${wanted}`, { status });
}

export const tooLong = ({ status }: AnswerHead, maxBytes: number) =>
  new CallFailure('answer', `its body is longer than ${maxBytes} bytes`, { status, isRetryable: false });

/** @throws CallFailure */
export function parseJson(text: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CallFailure('answer', 'its body is no complete JSON', { status, cause });
  }
}

/** Without path and query, which may hold more than a log should. */
export function redirectTarget(location: string | undefined, origin: string): string {
  try {
    return new URL(location ?? '', origin).origin;
  } catch {
    return 'an unreadable address';
  }
}

export function outcomeOf(error: unknown): CallReport['outcome'] {
  if (error instanceof WrongShape) return 'wrong-shape';
  if (error instanceof UpstreamRefused) return 'refused';
  if (error instanceof GatewayTimeout) return 'timeout';
  if (error instanceof CallFailure) return error.kind === 'limited' ? 'limited' : 'failed';
  return 'aborted';
}

/** What a caller is told. */
export function asError(route: string, error: unknown): unknown {
  if (error instanceof WrongShape) return new UpstreamUnavailable(route, error.message);
  if (!(error instanceof CallFailure)) return error;
  return new UpstreamUnavailable(route, error.message, {
    ...(error.status === undefined ? {} : { status: error.status }),
    ...(error.cause === undefined ? {} : { cause: error.cause }),
  });
}
