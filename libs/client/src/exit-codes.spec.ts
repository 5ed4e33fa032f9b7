import { expect, it } from '@jest/globals';
import { errorCatalog, type ErrorCode } from '@certfolio/core';
import { exitCodeOf } from './exit-codes.ts';

it('tells a refused key, a limit, CertCentral and any other failure apart', () => {
  expect(exitCodeOf('UNAUTHENTICATED')).toBe(3);
  expect(exitCodeOf('FORBIDDEN')).toBe(3);
  expect(exitCodeOf('RATE_LIMITED')).toBe(4);
  expect(exitCodeOf('UPSTREAM_BUDGET_EXHAUSTED')).toBe(5);
  expect(exitCodeOf('GATEWAY_TIMEOUT')).toBe(5);
  expect(exitCodeOf('PERSISTED_QUERY_NOT_IN_LIST')).toBe(1);
  expect(exitCodeOf('A_CODE_OF_NEXT_YEAR')).toBe(1);
  expect(exitCodeOf('constructor')).toBe(1);
});

it('has a code other than 0 for everything in the catalog', () => {
  for (const code of Object.keys(errorCatalog) as ErrorCode[]) expect([1, 3, 4, 5]).toContain(exitCodeOf(code));
});
