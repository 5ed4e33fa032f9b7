import { expect, it } from '@jest/globals';
import { backoffMs } from './backoff.ts';
import { connectionFailure, parseRetryAfter, upstreamCode } from './call-failure.ts';

it('Retry-After is seconds or a date', () => {
  const nowMs = Date.parse('2026-11-23T12:00:00Z');
  expect(parseRetryAfter('5', nowMs)).toBe(5_000);
  expect(parseRetryAfter('Mon, 23 Nov 2026 12:00:07 GMT', nowMs)).toBe(7_000);
  expect(parseRetryAfter('Mon, 23 Nov 2026 11:00:00 GMT', nowMs)).toBe(0);
  for (const odd of [undefined, '', 'soon', '-5', '1.5', '2026'])
    expect(parseRetryAfter(odd, nowMs)).toBe(odd === '2026' ? 2_026_000 : null);
});

it('the code of an error is found in a list, in a single object, or is none', () => {
  expect(upstreamCode('{"errors":[{"code":"access_denied|x","message":"m"},{"code":"b"}]}')).toBe('access_denied|x');
  expect(upstreamCode('{"errors":{"code":"a"}}')).toBe('a');
  expect(upstreamCode('{"errors":[{"message":"Syntax error"}]}')).toBe('Syntax error');
  for (const other of ['', '<html>', 'null', '{}', '{"errors":[]}']) expect(upstreamCode(other)).toBe('');
});

it('a failure is named by the code of its deepest cause, without an address', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { code: 'ECONNREFUSED' });
  expect(connectionFailure(new AggregateError([refused]), 'before').message).toBe('connection refused');
  expect(connectionFailure(new Error('x', { cause: refused }), 'inside').message).toBe(
    'connection refused inside the body',
  );
  expect(connectionFailure('?', 'before').message).toBe('the connection failed');
});

it('waits grow, up to their most, and are anywhere below', () => {
  const most = { baseMs: 250, mostMs: 1_000, random: () => 1 };
  expect([1, 2, 3, 4].map((failures) => backoffMs(most, failures))).toEqual([250, 500, 1_000, 1_000]);
  expect(backoffMs({ ...most, random: () => 0 }, 3)).toBe(0);
});
