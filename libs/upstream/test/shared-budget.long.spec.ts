import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { startEmulator } from '@certfolio/testing';
import { keepCalling, startRedis, startSharingHost, type Stats } from './shared-hosts.ts';

const minute = 60_000;

it(
  'three processes for ten minutes, Redis killed twice in the middle: no 5 s hold more than 100 calls, no 3 min more than 1,000',
  async () => {
    const [emulator, firstRedis] = await Promise.all([startEmulator({ orders: 300, latency: '0-400' }), startRedis()]);
    let redis = firstRedis;
    const hosts = Array.from({ length: 3 }, () => startSharingHost(emulator, redis.url, 'soak'));
    const calling = hosts.map((host, at) => keepCalling(host, 20, at * 1_000_000));
    try {
      await sleep(2 * minute);
      for (const goneMs of [20_000, minute]) {
        await redis.kill();
        await sleep(goneMs);
        redis = await startRedis(redis.port);
        await sleep(3.5 * minute - goneMs);
      }
      await sleep(minute);
      const { total, limited, peak5s, peak180s } = (await emulator.control('stats')) as Stats;
      expect(limited).toBe(0);
      expect(peak5s).toBeLessThanOrEqual(100);
      expect(peak180s).toBeLessThanOrEqual(1_000);
      expect(peak180s).toBeGreaterThan(600);
      expect(total).toBeGreaterThan(1_800);
    } finally {
      await Promise.all(hosts.map((host) => host.stop()));
      await Promise.all(calling.map((each) => each.stop()));
      await emulator.stop();
      await redis.kill();
    }
  },
  12 * minute,
);
