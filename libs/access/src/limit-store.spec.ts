import { expect, it } from '@jest/globals';
import { FakeClock } from '@certfolio/core/testing';
import { describeLimitStore } from './limit-store.contract.ts';
import { createMemoryLimitStore } from './limit-store.ts';

describeLimitStore(async () => {
  const clock = new FakeClock();
  return { store: createMemoryLimitStore(clock), passTime: (ms) => clock.advance(ms), slackMs: 0 };
});

it('forgets the bucket unused for longest rather than growing without end', async () => {
  const store = createMemoryLimitStore(new FakeClock(), 2);
  const request = { perMinute: 1, burst: 1, cost: 1 };
  for (const bucket of ['a', 'b', 'c']) await store.take(bucket, request);
  expect(await store.take('c', request)).toMatchObject({ granted: false });
  expect(await store.take('a', request)).toMatchObject({ granted: true });
});
