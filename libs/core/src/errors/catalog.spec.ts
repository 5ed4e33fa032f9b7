import { describe, expect, it } from '@jest/globals';
import { AppError, errorExtensions } from './app-error.ts';
import { errorCatalog, isErrorCode, type ErrorCode } from './catalog.ts';
import * as errors from './errors.ts';

const made = [
  new errors.BadRequest('no'),
  new errors.BadUserInput('no'),
  new errors.Unauthenticated(),
  new errors.Forbidden('no'),
  new errors.RateLimited('requests', '60 requests per minute', 1_500),
  new errors.UpstreamBudgetExhausted(2_000.4),
  new errors.UpstreamUnavailable('GET /account', 'connection reset', {
    status: 500,
    cause: new Error('x-dc-devkey: secret'),
  }),
  new errors.UpstreamRefused('GET /account', 403, 'access_denied|missing_permission'),
  new errors.GatewayTimeout('CertCentral', 30_000),
  new errors.SubgraphUnavailable('orders', 'ECONNREFUSED'),
  new errors.ServiceUnavailable('starting'),
];

describe('the catalog', () => {
  it('has for every code a status of its fault, and says what it means and what to do', () => {
    for (const [code, entry] of Object.entries(errorCatalog)) {
      expect({ code, isCaller: entry.status < 500 }).toEqual({ code, isCaller: entry.fault === 'caller' });
      expect(entry.meaning).toMatch(/\.$/);
      expect(entry.whatToDo).toMatch(/\.$/);
      // Only what GraphQL itself refuses may be 200 for clients of the legacy media type.
      if (entry.okAsJson) expect(entry.fault).toBe('caller');
    }
  });

  // The refusals table of the public contract: code, status, and whether the status is 200 under application/json.
  it.each([
    ['UNAUTHENTICATED', 401, false],
    ['FORBIDDEN', 403, false],
    ['RATE_LIMITED', 429, false],
    ['PERSISTED_QUERY_NOT_IN_LIST', 404, true],
    ['QUERY_NOT_IN_SAFELIST', 403, true],
    ['PERSISTED_QUERY_ID_REQUIRED', 400, true],
    ['PERSISTED_QUERY_HASH_MISMATCH', 400, true],
    ['GRAPHQL_PARSE_FAILED', 400, true],
    ['GRAPHQL_VALIDATION_FAILED', 400, true],
    ['BAD_USER_INPUT', 400, true],
    ['OPERATION_RESOLUTION_FAILURE', 400, true],
    ['COST_ESTIMATED_TOO_EXPENSIVE', 400, true],
    ['MAX_DEPTH_LIMIT', 400, true],
    ['BAD_REQUEST', 400, false],
    ['UPSTREAM_BUDGET_EXHAUSTED', 503, false],
    ['UPSTREAM_UNAVAILABLE', 502, false],
    ['UPSTREAM_REFUSED', 502, false],
    ['GATEWAY_TIMEOUT', 504, false],
  ] as const)('answers %s with %i', (code: ErrorCode, status, okAsJson) => {
    expect(errorCatalog[code]).toMatchObject({ status, okAsJson });
  });

  it('knows its own codes and nothing that an object merely inherits', () => {
    expect(isErrorCode('FORBIDDEN')).toBe(true);
    for (const stranger of ['toString', '__proto__', 'constructor', '', 'forbidden', null, 7])
      expect(isErrorCode(stranger)).toBe(false);
  });
});

describe('errors', () => {
  it('carry a code of the catalog and their own name', () => {
    for (const error of made) {
      expect(error).toBeInstanceOf(AppError);
      expect(error.name).toBe(error.constructor.name);
      expect(error.entry).toBe(errorCatalog[error.code]);
    }
  });

  it('show facts and whole milliseconds, and never a cause', () => {
    expect(errorExtensions(new errors.UpstreamBudgetExhausted(2_000.4))).toEqual({
      code: 'UPSTREAM_BUDGET_EXHAUSTED',
      retryAfterMs: 2_001,
    });
    expect(errorExtensions(new errors.RateLimited('requests', '60 requests per minute', 1_500))).toEqual({
      code: 'RATE_LIMITED',
      policy: 'requests',
      retryAfterMs: 1_500,
    });
    for (const error of made)
      expect(JSON.stringify([error.message, errorExtensions(error)])).not.toMatch(/secret|stack/);
  });

  it('keep the cause for the log', () => {
    const cause = new Error('socket hang up');
    expect(new errors.SubgraphUnavailable('orders', 'no answer', { cause }).cause).toBe(cause);
    expect('cause' in new errors.BadRequest('no')).toBe(false);
  });
});
