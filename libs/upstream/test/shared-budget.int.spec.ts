import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { Lane } from '@certfolio/core';
import type { TestRedis } from '@certfolio/database/testing';
import { startEmulator, type EmulatorProcess } from '@certfolio/testing';
import { anyCall } from './service.ts';
import { keepCalling, startRedis, startSharingHost, until, type SharingHost, type Stats } from './shared-hosts.ts';

/** A new log counts as a full shortest window. */
const newLogMs = 5_300;

let emulator: EmulatorProcess;
let redis: TestRedis;
let hosts: SharingHost[] = [];

const start = (apiKey: string, redisUrl = redis.url) => {
  const host = startSharingHost(emulator, redisUrl, apiKey);
  hosts.push(host);
  return host;
};
const startTwo = async (apiKey: string) => {
  const [one, other] = [start(apiKey), start(apiKey)];
  await until(() => one.budget.state().processes === 2 && other.budget.state().processes === 2);
  await sleep(newLogMs);
  return [one, other] as const;
};
const stats = async () => (await emulator.control('stats')) as Stats;
const sharedOf = (...some: SharingHost[]) => some.map(({ budget }) => budget.state().shared);

beforeAll(async () => {
  [emulator, redis] = await Promise.all([startEmulator({ orders: 300, seed: 7, latency: '0-400' }), startRedis()]);
});
afterEach(async () => {
  await Promise.all(hosts.map((host) => host.stop()));
  hosts = [];
  await emulator.control('stats', { method: 'DELETE' });
});
afterAll(async () => {
  await emulator?.stop();
  await redis?.kill();
});

it('ten keys at once, one of them with 100 calls: the calls of the others wait less than 2 s', async () => {
  const [one, other] = await startTwo('ten-keys');
  const report = Array.from({ length: 100 }, (_, n) => one.list(n, { onBehalfOf: 'greedy' }));
  const startedMs = performance.now();
  const waitedMs = await Promise.all(
    Array.from({ length: 18 }, async (_, n) => {
      await (n % 2 === 0 ? one : other).list(200 + n, { onBehalfOf: `modest-${n % 9}` });
      return performance.now() - startedMs;
    }),
  );
  expect(Math.max(...waitedMs)).toBeLessThan(2_000);
  await Promise.all(report);
  const { total, limited, peak5s } = await stats();
  expect({ total, limited }).toEqual({ total: 118, limited: 0 });
  expect(peak5s).toBeLessThanOrEqual(100);
  expect(one.budget.state().used[1]!.calls).toBeGreaterThanOrEqual(118);
});

it('a higher lane of one process goes before a lower lane of another', async () => {
  const [one, other] = await startTwo('lanes');
  const order: string[] = [];
  const take = async ({ budget }: SharingHost, lane: Lane) => {
    const grant = await budget.take(anyCall({ inMs: 60_000, lane }));
    order.push(lane);
    grant.answered();
  };
  const many = (host: SharingHost, lane: Lane, calls: number) => Array.from({ length: calls }, () => take(host, lane));
  await Promise.all(many(one, 'backfill', 76));
  order.length = 0;
  const low = many(one, 'backfill', 40);
  await sleep(300);
  const high = many(other, 'scheduled', 30);
  await Promise.all([...low, ...high]);
  expect(order).toEqual([...new Array<Lane>(30).fill('scheduled'), ...new Array<Lane>(40).fill('backfill')]);
});

it('a 429 makes all processes rest', async () => {
  const [one, other] = await startTwo('rest');
  await emulator.control('faults', { method: 'POST', body: { kind: 'status', status: 429, count: 1 } });
  const limited = one.list(1);
  await until(() => other.budget.state().pausedMs > 0, 2_000);
  const startedMs = performance.now();
  const { pausedMs } = other.budget.state();
  await other.list(2);
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(pausedMs - 50);
  await limited;
});

it('Redis is killed and comes back empty: never over the limits, and shared again', async () => {
  const [one, other] = await startTwo('killed');
  const calling = [keepCalling(one, 20, 0), keepCalling(other, 20, 100_000)];
  await sleep(3_000);
  await redis.kill();
  const before = (await stats()).total;
  expect(before).toBeGreaterThan(60);
  await until(() => sharedOf(one, other).every((shared) => shared === 'divided'), 2_000);
  await sleep(14_000);
  const divided = (await stats()).total - before;
  expect(divided).toBeGreaterThan(40);
  redis = await startRedis(redis.port);
  await until(() => sharedOf(one, other).every((shared) => shared === 'shared'), 3_000);
  await sleep(7_000);
  expect((await stats()).total - before - divided).toBeGreaterThan(60);
  await Promise.all(hosts.map(({ budget }) => budget.close()));
  await Promise.all(calling.map((each) => each.stop()));
  const { limited, peak5s } = await stats();
  expect(limited).toBe(0);
  expect(peak5s).toBeLessThanOrEqual(100);
}, 60_000);

it('a Redis that hangs holds up nobody for longer than a deadline, and is used again', async () => {
  const [one, other] = await startTwo('hanging');
  process.kill(redis.pid, 'SIGSTOP');
  try {
    await one.list(1, { inMs: 1_000 }).catch(() => undefined);
    await until(() => sharedOf(one, other).every((shared) => shared === 'divided'), 3_000);
    await one.list(2, { inMs: 20_000 });
  } finally {
    process.kill(redis.pid, 'SIGCONT');
  }
  await until(() => sharedOf(one, other).every((shared) => shared === 'shared'), 5_000);
  await one.list(3, { inMs: 10_000 });
}, 60_000);

it('without a Redis at the start a process takes a part, after a full window', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const alone = start('unreachable', `redis://127.0.0.1:${port}`);
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: 10 }, (_, n) => alone.list(n)));
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(5_150);
  expect(performance.now() - startedMs).toBeLessThan(8_000);
  expect(alone.budget.state()).toMatchObject({ shared: 'divided', processes: 1 });
});
