import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { silentLogger } from '@certfolio/core';
import { testRedisUrl } from '@certfolio/database/testing';
import { settleTokens, takeTokens, type BucketState } from './gcra.ts';
import { describeLimitStore } from './limit-store.contract.ts';
import { connectRedisForLimits, createRedisLimitStore } from './limit-store.redis.ts';

let redis: Redis;
const newPrefix = () => `spec:${randomBytes(6).toString('hex')}:`;

beforeAll(async () => {
  redis = connectRedisForLimits(testRedisUrl(), silentLogger);
  await once(redis, 'ready');
});

afterAll(() => redis.disconnect());

describeLimitStore(async () => ({
  store: createRedisLimitStore(redis, newPrefix()),
  passTime: (ms) => sleep(ms + 5),
  slackMs: 500,
}));

it('shares a bucket between processes', async () => {
  const prefix = newPrefix();
  const other = connectRedisForLimits(testRedisUrl(), silentLogger);
  await once(other, 'ready');
  const stores = [redis, other].map((connection) => createRedisLimitStore(connection, prefix));
  const request = { perMinute: 1, burst: 10, cost: 1 };
  const taken = await Promise.all(Array.from({ length: 20 }, (_, turn) => stores[turn % 2]!.take('a', request)));
  expect(taken.filter(({ granted }) => granted)).toHaveLength(10);
  other.disconnect();
});

it('loads its script again when Redis lost it', async () => {
  const store = createRedisLimitStore(redis, newPrefix());
  const request = { perMinute: 1, burst: 2, cost: 1 };
  await store.take('a', request);
  await redis.script('FLUSH');
  expect(await store.take('a', request)).toMatchObject({ granted: true, remaining: 0 });
});

it('keeps a bucket only until it is full again', async () => {
  const prefix = newPrefix();
  await createRedisLimitStore(redis, prefix).take('a', { perMinute: 60, burst: 10, cost: 3 });
  expect(await redis.keys(`${prefix}*`)).toEqual([`${prefix}a`]);
  const lifeMs = await redis.pttl(`${prefix}a`);
  expect(lifeMs).toBeGreaterThan(3_000);
  expect(lifeMs).toBeLessThanOrEqual(4_000);
});

const steps = fc.array(
  fc.record({
    cost: fc.integer({ min: -60, max: 60 }),
    isSettled: fc.boolean(),
    burst: fc.integer({ min: 1, max: 40 }),
  }),
  { minLength: 1, maxLength: 12 },
);

it('keeps the rule to the unit: what Redis holds after any step is what the rule makes of what it held before', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 100_000 }), async (taken, perMinute) => {
      const prefix = newPrefix();
      const store = createRedisLimitStore(redis, prefix);
      const held = async (): Promise<BucketState | null> => {
        const { debt, at } = await redis.hgetall(`${prefix}a`);
        return debt === undefined ? null : { debt: Number(debt), atMs: Number(at) };
      };
      for (const { cost, isSettled, burst } of taken) {
        const before = await held();
        const request = { perMinute, burst, cost: isSettled ? cost : Math.abs(cost) };
        const granted = isSettled ? await store.settle('a', request) : (await store.take('a', request)).granted;
        const after = await held();
        if (granted === false) expect(after).toEqual(before);
        else if (after !== null)
          expect(after).toEqual((isSettled ? settleTokens : takeTokens)(before, request, after.atMs).nextState);
      }
    }),
    { numRuns: 40, endOnFailure: true }, // Redis' time goes on, so a failure cannot be made smaller
  );
});
