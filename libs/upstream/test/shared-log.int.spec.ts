import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { silentLogger } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { testRedisUrl } from '@certfolio/database/testing';
import { connectRedisForBudget, createRedisSharedLog } from '../src/shared-log.redis.ts';
import { createMemorySharedLog } from './memory-shared-log.ts';
import { contractRules, describeSharedLog } from './shared-log.contract.ts';

describe('in memory', () =>
  describeSharedLog(async () => {
    const clock = new FakeClock(1_000_000);
    const log = createMemorySharedLog(clock, contractRules);
    return { log, passTime: (ms) => clock.advance(ms), empty: async () => log.empty() };
  }));

describe('in Redis', () => {
  let redis: Redis;
  const newName = () => `spec-${randomBytes(6).toString('hex')}`;

  beforeAll(async () => {
    redis = connectRedisForBudget(testRedisUrl(), silentLogger);
    await once(redis, 'ready');
  });
  afterAll(() => redis.disconnect());

  const keysOf = (name: string) => redis.keys(`certfolio:call-budget:{${name}}:*`);

  describeSharedLog(async () => {
    const name = newName();
    const clock = `${name}:now`;
    await redis.set(clock, '1800000000000', 'EX', 60);
    const time = `(function()
      local ms = tonumber(redis.call('GET', '${clock}'))
      return { math.floor(ms / 1000), ms % 1000 * 1000 }
    end)()`;
    return {
      log: createRedisSharedLog(redis, name, contractRules, time),
      passTime: async (ms) => void (await redis.incrby(clock, ms)),
      empty: async () => void (await redis.del(...(await keysOf(name)))),
    };
  });

  it('the log forgets itself a week after its last use', async () => {
    const name = newName();
    await createRedisSharedLog(redis, name, contractRules).join({
      ...{ process: 'p', divisor: 0, waitingRank: null, epoch: null, newEpoch: 'e' },
      ...{ calls: [], callsBefore: [], inFlight: [], peers: [] },
    });
    for (const key of await keysOf(name)) {
      const lifeMs = await redis.pttl(key);
      expect(lifeMs).toBeGreaterThan(6 * 24 * 3_600_000);
      expect(lifeMs).toBeLessThanOrEqual(7 * 24 * 3_600_000);
    }
  });
});
