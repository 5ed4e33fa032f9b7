import { expect, it } from '@jest/globals';
import { FakeClock } from '@certfolio/core/testing';
import { createCircuitBreaker } from './circuit-breaker.ts';

it('opens after failures in a row, lets one probe through after its time, and closes when it succeeds', async () => {
  const clock = new FakeClock();
  const breaker = createCircuitBreaker({ clock, failures: 3, openMs: 2_000 });
  breaker.failed();
  breaker.failed();
  breaker.reached();
  breaker.failed();
  breaker.failed();
  expect([breaker.state, breaker.allows()]).toEqual(['closed', true]);
  breaker.failed();
  expect([breaker.state, breaker.allows()]).toEqual(['open', false]);
  await clock.advance(2_000);
  expect([breaker.state, breaker.allows(), breaker.allows()]).toEqual(['half-open', true, false]);
  breaker.undecided();
  expect(breaker.allows()).toBe(true);
  breaker.failed();
  expect([breaker.state, breaker.allows()]).toEqual(['open', false]);
  await clock.advance(2_000);
  expect(breaker.allows()).toBe(true);
  breaker.reached();
  expect([breaker.state, breaker.allows(), breaker.allows()]).toEqual(['closed', true, true]);
});
