import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from '@jest/globals';
import { silentLogger } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { testRedisUrl } from '@certfolio/database/testing';
import { createCallBudget } from '../src/index.ts';
import { connectRedisForBudget, createSharedCallBudget } from '../src/redis.ts';
import { contractWindows as windows, describeCallBudget } from './call-budget.contract.ts';
import { systemClock as clock } from './system-clock.ts';

describe('of one process', () =>
  describeCallBudget(async () => {
    const standing = new FakeClock(0);
    const budget = createCallBudget({ clock: standing, windows, headersMs: 0 });
    return {
      ...{ budget, clock: standing, slackMs: 0 },
      passTime: (ms) => standing.advance(ms),
      close: async () => budget.stop(),
    };
  }));

describe('shared through Redis', () =>
  describeCallBudget(async () => {
    const redis = connectRedisForBudget(testRedisUrl(), silentLogger);
    await once(redis, 'ready');
    const newName = () => randomBytes(6).toString('hex');
    const name = `spec-${newName()}`;
    const budget = createSharedCallBudget({ redis, name, windows, headersMs: 0, clock, logger: silentLogger, newName });
    // A new log begins with a full window.
    await sleep(700);
    return {
      ...{ budget, clock, slackMs: 300 },
      passTime: (ms) => sleep(ms),
      async close() {
        await budget.close();
        redis.disconnect();
      },
    };
  }));
