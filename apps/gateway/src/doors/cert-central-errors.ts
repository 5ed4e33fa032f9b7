import type { FastifyReply } from 'fastify';
import type { AppError, ErrorCode } from '@certfolio/core';
import { refusalHeaders } from './request-facts.ts';

/** CertCentral names no charset. */
export const certCentralJson = 'application/json';

/** CertCentral's status and code for a refusal of ours; what it has no word for keeps our status and gets its general code. */
const restCodes: ReadonlyMap<ErrorCode, readonly [status: number, code: string]> = new Map([
  ['UNAUTHENTICATED', [403, 'access_denied|access_denied_invalid_key']],
  ['FORBIDDEN', [403, 'access_denied|missing_permission']],
  ['QUERY_NOT_IN_SAFELIST', [403, 'access_denied|missing_permission']],
  ['PERSISTED_QUERY_ID_REQUIRED', [403, 'access_denied|missing_permission']],
  ['PERSISTED_QUERY_NOT_IN_LIST', [403, 'access_denied|missing_permission']],
  ['PERSISTED_QUERY_NOT_FOUND', [403, 'access_denied|missing_permission']],
  ['RATE_LIMITED', [429, 'request_limit_exceeded']],
  ['NOT_FOUND', [404, 'not_found|route']],
  ['GONE', [410, 'gone']],
]);

/** A refusal before execution as CertCentral's REST API words it. */
export function restRefusal(reply: FastifyReply, error: AppError): FastifyReply {
  const [status, code] = restCodes.get(error.code) ?? [
    error.entry.status,
    error.entry.status < 500 ? 'bad_request_format' : 'server_error',
  ];
  refusalHeaders(reply, error);
  return reply
    .header('Content-Type', certCentralJson)
    .code(status)
    .send(Buffer.from(JSON.stringify({ errors: [{ code, message: error.message }] })));
}
