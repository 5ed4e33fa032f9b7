import { expect, it } from '@jest/globals';
import { rateLimitHeaders } from './rate-limit-headers.ts';

const facts = { policy: 'requests', perMinute: 10, remaining: 3, resetMs: 5_001 };

it('says the limit and what is left on every answer', () => {
  expect([...rateLimitHeaders(facts)]).toEqual([
    ['RateLimit-Policy', '"requests";q=10;w=60'],
    ['RateLimit', '"requests";r=3;t=6'],
  ]);
});

it('says on a refusal when to come again, in whole seconds and never before the next token', () => {
  const refused = { ...facts, remaining: 0, resetMs: 6_000 };
  expect(rateLimitHeaders(refused, 6_000).get('Retry-After')).toBe('6');
  expect(rateLimitHeaders(refused, 6_001).get('Retry-After')).toBe('7');
  expect(rateLimitHeaders(refused, 1_000).get('Retry-After')).toBe('6');
});
