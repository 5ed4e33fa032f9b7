/** Whose problem an error is; decides who is told and how loudly it is logged. */
export type Fault = 'caller' | 'certcentral' | 'ours';

export interface CatalogEntry {
  /** HTTP status under `application/graphql-response+json`, and under every media type unless `okAsJson`. */
  readonly status: number;
  /** Status is 200 when the client asked for `application/json`, `any type` or nothing (GraphQL over HTTP, legacy media type). */
  readonly okAsJson: boolean;
  readonly fault: Fault;
  /** Whether the same request can succeed later without a change. */
  readonly retry: boolean;
  readonly meaning: string;
  readonly whatToDo: string;
}

const caller = (status: number, okAsJson: boolean, meaning: string, whatToDo: string, retry = false): CatalogEntry => ({
  status,
  okAsJson,
  fault: 'caller',
  retry,
  meaning,
  whatToDo,
});
const certcentral = (status: number, retry: boolean, meaning: string, whatToDo: string): CatalogEntry => ({
  status,
  okAsJson: false,
  fault: 'certcentral',
  retry,
  meaning,
  whatToDo,
});

/** Every error code an answer can carry. `docs/errors.md` is this table as a page; a test keeps the two equal. */
export const errorCatalog = {
  BAD_REQUEST: caller(
    400,
    false,
    'The HTTP request is malformed: body, parameters, headers or ids.',
    'Correct what the message names.',
  ),
  UNAUTHENTICATED: caller(
    401,
    false,
    'No key, or one that is unknown, expired or revoked.',
    'Send a valid key as `Authorization: Bearer` or `X-DC-DEVKEY`.',
  ),
  FORBIDDEN: caller(
    403,
    false,
    'The key is valid but may not do this.',
    'Ask the owner of the key for the right named in the message.',
  ),
  NOT_FOUND: caller(404, false, 'There is nothing at this address.', 'Check the path.'),
  METHOD_NOT_ALLOWED: caller(
    405,
    false,
    'The address exists but not for this HTTP method.',
    'Use a method named in `Allow`.',
  ),
  GONE: caller(
    410,
    false,
    'The route of the REST façade was taken out of service, or is in an announced brown-out.',
    'Call the address that the message names; in a brown-out the route is back at the time of `Retry-After`.',
  ),
  NOT_ACCEPTABLE: caller(
    406,
    false,
    'No media type of the `Accept` header can be given.',
    'Ask for `application/json` or one the message lists.',
  ),
  PAYLOAD_TOO_LARGE: caller(
    413,
    false,
    'The request body exceeds the limit.',
    'Send less; the message states the limit in bytes.',
  ),
  UNSUPPORTED_MEDIA_TYPE: caller(
    415,
    false,
    'The request body has a media type that is not understood.',
    'Send `application/json`.',
  ),
  RATE_LIMITED: caller(
    429,
    false,
    'A limit of the key is reached: requests, cost or concurrency.',
    'Wait for `Retry-After`; the message names the limit.',
    true,
  ),
  PERSISTED_QUERY_NOT_FOUND: caller(
    404,
    true,
    'An automatically persisted query is not known (yet). Only keys of level `open` get this answer.',
    'Send text and id together once; clients of the protocol do so by themselves.',
    true,
  ),
  PERSISTED_QUERY_NOT_IN_LIST: caller(
    404,
    true,
    'No approved template that this key may run has this id.',
    'Use an id or name from `templates list`.',
  ),
  QUERY_NOT_IN_SAFELIST: caller(
    403,
    true,
    'The key may run approved templates only and this text is none.',
    'Send the id or the exact text of an approved template.',
  ),
  PERSISTED_QUERY_ID_REQUIRED: caller(
    400,
    true,
    'The key may run templates by id only and text was sent.',
    'Send the id of an approved template.',
  ),
  PERSISTED_QUERY_HASH_MISMATCH: caller(
    400,
    true,
    'The request has a text and an id that is not the id of this text. Nothing was executed.',
    'Send the id alone, or the id that fits the text.',
  ),
  GRAPHQL_PARSE_FAILED: caller(400, true, 'The text is not GraphQL.', 'Correct the syntax at the place named.'),
  GRAPHQL_VALIDATION_FAILED: caller(
    400,
    true,
    'The document does not fit the schema.',
    'Correct what the message names.',
  ),
  BAD_USER_INPUT: caller(
    400,
    true,
    'A variable or argument has a wrong value.',
    'Correct the value the message names.',
  ),
  OPERATION_RESOLUTION_FAILURE: caller(
    400,
    true,
    'The document has no operation of this name, or several and none was named.',
    'Send an `operationName` that the document has.',
  ),
  COST_ESTIMATED_TOO_EXPENSIVE: caller(
    400,
    true,
    'The estimated cost is over what this key may spend on one request.',
    'Select or page less; the message states both numbers.',
  ),
  MAX_DEPTH_LIMIT: caller(
    400,
    true,
    'The document nests deeper than allowed.',
    'Select less deeply; the message states both numbers.',
  ),
  UPSTREAM_BUDGET_EXHAUSTED: certcentral(
    503,
    true,
    'CertCentral allows no further call before the deadline of this request.',
    'Wait for `Retry-After`.',
  ),
  UPSTREAM_UNAVAILABLE: certcentral(
    502,
    true,
    'CertCentral cannot be reached or answered with an error.',
    'Try again later; the mirror answers where freshness allows.',
  ),
  UPSTREAM_REFUSED: certcentral(
    502,
    false,
    'CertCentral refused our key or request.',
    'The operator checks the upstream key with `certfolio doctor`.',
  ),
  GATEWAY_TIMEOUT: certcentral(
    504,
    true,
    'The deadline of the request passed while waiting for CertCentral.',
    'Ask for less, or raise the deadline.',
  ),
  INCOMPLETE: certcentral(
    503,
    true,
    'Nothing was found, but not everything has been read from CertCentral yet.',
    'Try again later; `ordersLeft` says how many orders are still to be read.',
  ),
  EXPORT_FAILED: {
    status: 500,
    okAsJson: false,
    fault: 'ours',
    retry: false,
    meaning: 'The rows cannot be written in the format that was asked for.',
    whatToDo: 'Ask for another format; the message says what to correct in the template.',
  },
  DESTINATION_REJECTED: {
    status: 502,
    okAsJson: false,
    fault: 'ours',
    retry: true,
    meaning: 'A destination did not take a report, or could not be reached.',
    whatToDo: 'Correct what the message names; the run keeps its files and can be sent again.',
  },
  SUBGRAPH_UNAVAILABLE: {
    status: 502,
    okAsJson: false,
    fault: 'ours',
    retry: true,
    meaning: 'A subgraph that serves part of the answer cannot be reached.',
    whatToDo: 'Try again; the message names the subgraph, its team is told by the log.',
  },
  INTERNAL_SERVER_ERROR: {
    status: 500,
    okAsJson: false,
    fault: 'ours',
    retry: false,
    meaning: 'A fault of ours. The message is masked, the cause is in the log under the request id.',
    whatToDo: 'Report the request id.',
  },
  SERVICE_UNAVAILABLE: {
    status: 503,
    okAsJson: false,
    fault: 'ours',
    retry: true,
    meaning: 'We cannot answer now: starting, stopping, or the database is gone.',
    whatToDo: 'Try again shortly; `/readyz` names the part that is down.',
  },
} as const satisfies Record<string, CatalogEntry>;

export type ErrorCode = keyof typeof errorCatalog;

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorCatalog, code);
}
