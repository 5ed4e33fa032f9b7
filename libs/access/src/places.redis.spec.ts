import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { silentLogger } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { startTestRedis, testRedisUrl, type TestRedis } from '@certfolio/database/testing';
import { createInsurance } from './insurance.ts';
import { connectRedisForLimits } from './limit-store.redis.ts';
import { describePlaces } from './places.contract.ts';
import { createRedisPlaces } from './places.redis.ts';
import { createInsuredPlaces, createMemoryPlaces } from './places.ts';

const open: Redis[] = [];
afterEach(() => open.splice(0).forEach((redis) => redis.disconnect()));

async function connected(url = testRedisUrl()): Promise<Redis> {
  const redis = connectRedisForLimits(url, silentLogger);
  open.push(redis);
  await once(redis, 'ready');
  return redis;
}
const newPrefix = () => `spec:${randomBytes(6).toString('hex')}:`;
const leaseMs = 1_000;

let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
});
const placesOf = (redis: Redis, prefix = newPrefix()) =>
  createRedisPlaces(redis, { clock, newLease: randomUUID, leaseMs, prefix });

let latest: Redis;
describePlaces(
  async () => placesOf((latest = await connected())),
  // Commands of one connection are answered in order, so what was left before is free then.
  () => latest.ping(),
);

describe('places of several processes', () => {
  it('are counted together', async () => {
    const prefix = newPrefix();
    const [one, other] = [placesOf(await connected(), prefix), placesOf(await connected(), prefix)];
    const entered = await Promise.all(
      Array.from({ length: 10 }, (_, at) => [one, other][at % 2]!.enter('a', 4, false)),
    );
    expect(entered.filter(({ granted }) => granted)).toHaveLength(4);
  });

  it('held by one that died are free when its leases end', async () => {
    const prefix = newPrefix();
    const redis = await connected();
    await placesOf(redis, prefix).enter('a', 1, false); // its clock stands still: it never renews
    const other = placesOf(redis, prefix);
    expect(await other.enter('a', 1, false)).toMatchObject({ granted: false });
    const ends = Number((await redis.zrange(`${prefix}a`, '0', '0', 'WITHSCORES'))[1]);
    // As Redis will see it when the lease has ended.
    await redis.zadd(`${prefix}a`, 'XX', ends - leaseMs - 1, (await redis.zrange(`${prefix}a`, '0', '0'))[0]!);
    expect(await other.enter('a', 1, false)).toMatchObject({ granted: true });
  });

  it('are kept by one that lives, for as long as it runs, and not longer', async () => {
    const prefix = newPrefix();
    const redis = await connected();
    const { leave } = await placesOf(redis, prefix).enter('a', 1, false);
    const endOf = async () => Number((await redis.zrange(`${prefix}a`, '0', '0', 'WITHSCORES'))[1]);
    const first = await endOf();
    await sleep(5); // Redis keeps its own time
    await clock.advance(leaseMs / 3);
    expect(await endOf()).toBeGreaterThan(first);
    leave();
    await clock.advance(leaseMs);
    expect(await redis.exists(`${prefix}a`)).toBe(0);
  });

  it('leave nothing behind that nobody uses', async () => {
    const prefix = newPrefix();
    const redis = await connected();
    await placesOf(redis, prefix).enter('a', 1, false);
    expect(await redis.pttl(`${prefix}a`)).toBeLessThanOrEqual(leaseMs + 1_000);
  });
});

describe('when Redis is gone', () => {
  it('those who run here are counted by themselves, whoever came before', async () => {
    const server = (await startTestRedis()) as TestRedis;
    const redis = await connected(server.url);
    const insurance = createInsurance({ clock, logger: silentLogger });
    const places = createInsuredPlaces(placesOf(redis), createMemoryPlaces(), insurance);
    const first = await places.enter('a', 2, false);
    await server.kill();
    const second = await places.enter('a', 2, false);
    expect([first.granted, second.granted, insurance.state()]).toEqual([true, true, 'insured']);
    expect(await places.enter('a', 2, false)).toMatchObject({ granted: false });
    expect(places.taken('a')).toBe(2);
    first.leave();
    expect(await places.enter('a', 2, false)).toMatchObject({ granted: true });
  });

  it('what was refused takes no place here', async () => {
    const redis = await connected();
    const insurance = createInsurance({ clock, logger: silentLogger });
    const places = createInsuredPlaces(placesOf(redis), createMemoryPlaces(), insurance);
    await places.enter('a', 1, false);
    expect(await places.enter('a', 1, false)).toMatchObject({ granted: false });
    expect(places.taken('a')).toBe(1);
  });
});
