import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { silentLogger } from '@certfolio/core';
import { testRedisUrl } from '@certfolio/database/testing';
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
