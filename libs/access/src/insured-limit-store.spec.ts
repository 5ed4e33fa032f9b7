import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { silentLogger } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { startTestRedis, type TestRedis } from '@certfolio/database/testing';
import { createInsurance, type Insurance } from './insurance.ts';
import { createInsuredLimitStore } from './insured-limit-store.ts';
import { connectRedisForLimits, createRedisLimitStore } from './limit-store.redis.ts';
import { createMemoryLimitStore, type LimitStore } from './limit-store.ts';

const request = { perMinute: 1, burst: 3, cost: 1 };
let server: TestRedis;
let redis: Redis;
let clock: FakeClock;
let insurance: Insurance;
let store: LimitStore;
let said: string[];

beforeEach(async () => {
  const started = await startTestRedis();
  if (started === null) throw new Error('This test needs redis-server (apt-get install redis-server).');
  server = started;
  redis = connectRedisForLimits(server.url, silentLogger);
  await once(redis, 'ready');
  clock = new FakeClock();
  said = [];
  const log = (_: object, sentence: string) => void said.push(sentence);
  insurance = createInsurance({ clock, logger: { ...silentLogger, warn: log, info: log } });
  store = createInsuredLimitStore(createRedisLimitStore(redis), createMemoryLimitStore(clock), insurance);
});

afterEach(async () => {
  redis.disconnect();
  await server.kill();
});

/** How long Redis was waited for, in real milliseconds. */
async function timed<T>(work: Promise<T>): Promise<number> {
  const startedMs = performance.now();
  await work;
  return performance.now() - startedMs;
}

it('takes over at once when Redis is killed, still limits, and goes back when Redis is', async () => {
  expect(await store.take('a', request)).toMatchObject({ granted: true, remaining: 2 });
  expect(insurance.state()).toBe('shared');

  await server.kill();
  expect(await timed(store.take('a', request))).toBeLessThan(400);
  expect(insurance.state()).toBe('insured');
  const taken = await Promise.all([1, 2, 3].map(() => store.take('a', request)));
  expect(taken.map(({ granted }) => granted)).toEqual([true, true, false]);

  // Not by `once` of node:events, which a refused attempt to connect again would end.
  const ready = new Promise<void>((resolve) => redis.once('ready', () => resolve()));
  server = (await startTestRedis(server.port))!;
  await ready;
  expect(insurance.state()).toBe('insured');
  await clock.advance(1_000);
  expect(await store.take('a', request)).toMatchObject({ granted: true, remaining: 2 });
  expect(insurance.state()).toBe('shared');
  expect(said).toEqual([
    'The shared limit store fails; limits are counted per process.',
    'The shared limit store answers again.',
  ]);
});

it('waits for a slow Redis once, not with every request', async () => {
  process.kill(server.pid, 'SIGSTOP');
  expect(await timed(store.take('a', request))).toBeLessThan(600);
  expect(await timed(store.take('a', request))).toBeLessThan(100);
  expect(insurance.state()).toBe('insured');
  process.kill(server.pid, 'SIGCONT');
  await sleep(50);
  await clock.advance(1_000);
  await store.take('a', request);
  expect(insurance.state()).toBe('shared');
});

it('does not wait for a Redis that was never there', async () => {
  await server.kill();
  const lonely = connectRedisForLimits(server.url, silentLogger);
  const unshared = createInsurance({ clock, logger: silentLogger });
  const alone = createInsuredLimitStore(createRedisLimitStore(lonely), createMemoryLimitStore(clock), unshared);
  expect(await timed(alone.take('a', request))).toBeLessThan(150);
  expect(unshared.state()).toBe('insured');
  lonely.disconnect();
});
