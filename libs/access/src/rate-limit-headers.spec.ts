import { expect, it } from '@jest/globals';
import { rateLimitHeaders, type RateFacts } from './rate-limit-headers.ts';

const requests: RateFacts = { policy: 'requests', perMinute: 10, remaining: 3, resetMs: 5_001, fullMs: 41_001 };
const cost: RateFacts = { policy: 'cost', perMinute: 5_000, remaining: 4_990, resetMs: 12, fullMs: 120 };

it('says every limit and what is left of it on every answer; points are a unit of their own', () => {
  expect([...rateLimitHeaders([requests, cost])]).toEqual([
    ['RateLimit-Policy', '"requests";q=10;w=60, "cost";q=5000;w=60;qu="points"'],
    ['RateLimit', '"requests";r=3;t=6, "cost";r=4990;t=1'],
  ]);
});

const retryAfter = (facts: readonly RateFacts[], policy: string, retryAfterMs: number) =>
  rateLimitHeaders(facts, { refusal: { policy, retryAfterMs } }).get('Retry-After');

it('says on a refusal when to come again, in whole seconds and never before the next token', () => {
  const refused = { ...requests, remaining: 0, resetMs: 6_000 };
  expect(retryAfter([refused], 'requests', 6_000)).toBe('6');
  expect(retryAfter([refused], 'requests', 6_001)).toBe('7');
  expect(retryAfter([refused], 'requests', 1_000)).toBe('6');
});

it('does not let a caller wait for a policy that has something left', () => {
  expect(retryAfter([requests, { ...cost, resetMs: 12 }], 'cost', 1_500)).toBe('2');
  expect(retryAfter([{ ...requests, remaining: 0 }, cost], 'cost', 1_500)).toBe('6');
});

it('writes the older names of the requests only when it is told to', () => {
  const headers = rateLimitHeaders([requests, cost], { withLegacy: true });
  expect([...headers].slice(2)).toEqual([
    ['X-RateLimit-Limit', '10'],
    ['X-RateLimit-Remaining', '3'],
    ['X-RateLimit-Reset', '42'],
  ]);
});
