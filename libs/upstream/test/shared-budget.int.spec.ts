import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Lane } from '@certfolio/core';
import type { TestRedis } from '@certfolio/database/testing';
import { startEmulator, type EmulatorProcess } from '@certfolio/testing';
import { anyCall } from './service.ts';
import { keepCalling, startRedis, startSharingHost, until, type SharingHost, type Stats } from './shared-hosts.ts';

/** A new log counts as a full shortest window. */
const newLogMs = 5_300;

let emulator: EmulatorProcess;
/** Of those whose calls are not counted. */
let otherEmulator: EmulatorProcess;
/** One for what goes well, and one for each that something happens to. */
let redis: TestRedis;
let killedRedis: TestRedis;
let hangingRedis: TestRedis;

type Two = readonly [SharingHost, SharingHost];
/** Two processes for each spec with a key of its own, all started at once: what they wait at first, they wait together. */
let twoOf: Readonly<Record<'ten-keys' | 'lanes' | 'rest' | 'killed' | 'hanging', Two>>;

const startTwo = async (apiKey: string, { url }: TestRedis, at = emulator): Promise<Two> => {
  const two = [startSharingHost(at, url, apiKey), startSharingHost(at, url, apiKey)] as const;
  await until(() => two.every(({ budget }) => budget.state().processes === 2));
  return two;
};
const stats = async () => (await emulator.control('stats')) as Stats;
const untilCalled = async (calls: number, withinMs = 30_000) => {
  const sinceMs = performance.now();
  for (let { total } = await stats(); total <= calls; { total } = await stats()) {
    if (performance.now() - sinceMs > withinMs) throw new Error(`${total} calls and not ${calls} in ${withinMs} ms.`);
    await sleep(50);
  }
};
const sharedOf = (...some: SharingHost[]) => some.map(({ budget }) => budget.state().shared);

beforeAll(async () => {
  [emulator, otherEmulator, redis, killedRedis, hangingRedis] = await Promise.all([
    startEmulator({ orders: 300, seed: 7, latency: '0-400' }),
    startEmulator({ orders: 50, seed: 7, latency: '0-400' }),
    startRedis(),
    startRedis(),
    startRedis(),
  ]);
  const [tenKeys, lanes, rest, killed, hanging] = await Promise.all([
    startTwo('ten-keys', redis),
    startTwo('lanes', redis),
    startTwo('rest', redis),
    startTwo('killed', killedRedis),
    startTwo('hanging', hangingRedis, otherEmulator),
  ]);
  twoOf = { 'ten-keys': tenKeys, lanes, rest, killed, hanging };
  await sleep(newLogMs);
});
afterEach(() => emulator.control('stats', { method: 'DELETE' }));
afterAll(async () => {
  await Promise.all(Object.values(twoOf ?? {}).flatMap((two) => two.map((host) => host.stop())));
  await emulator?.stop();
  await otherEmulator?.stop();
  await Promise.all([redis, killedRedis, hangingRedis].map((each) => each?.kill()));
});

it('ten keys at once, one of them with 100 calls: the calls of the others wait less than 2 s', async () => {
  const [one, other] = twoOf['ten-keys'];
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
  const [one, other] = twoOf.lanes;
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
  expect(order).toHaveLength(70);
  // Grants come over two connections: the last of one lane and the first of the other may arrive in either order.
  expect(order.slice(0, 29)).toEqual(new Array<Lane>(29).fill('scheduled'));
  expect(order.slice(31)).toEqual(new Array<Lane>(39).fill('backfill'));
});

it('a 429 makes all processes rest', async () => {
  const [one, other] = twoOf.rest;
  await emulator.control('faults', { method: 'POST', body: { kind: 'status', status: 429, count: 1 } });
  const limited = one.list(1);
  await until(() => other.budget.state().pausedMs > 0, 2_000);
  const startedMs = performance.now();
  const { pausedMs } = other.budget.state();
  await other.list(2);
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(pausedMs - 50);
  await limited;
});

async function killAndStartAgain(): Promise<void> {
  const [one, other] = twoOf.killed;
  const calling = [keepCalling(one, 20, 0), keepCalling(other, 20, 100_000)];
  await untilCalled(60);
  await killedRedis.kill();
  const before = (await stats()).total;
  await until(() => sharedOf(one, other).every((shared) => shared === 'divided'), 5_000);
  // Each goes on with its part.
  await untilCalled(before + 40);
  const divided = (await stats()).total - before;
  killedRedis = await startRedis(killedRedis.port);
  await until(() => sharedOf(one, other).every((shared) => shared === 'shared'), 10_000);
  await untilCalled(before + divided + 60);
  await Promise.all([one, other].map(({ budget }) => budget.close()));
  await Promise.all(calling.map((each) => each.stop()));
  const { limited, peak5s } = await stats();
  expect(limited).toBe(0);
  expect(peak5s).toBeLessThanOrEqual(100);
}

async function hang(): Promise<void> {
  const [one, other] = twoOf.hanging;
  process.kill(hangingRedis.pid, 'SIGSTOP');
  try {
    await one.list(1, { inMs: 1_000 }).catch(() => undefined);
    await until(() => sharedOf(one, other).every((shared) => shared === 'divided'), 5_000);
    await one.list(2, { inMs: 20_000 });
  } finally {
    process.kill(hangingRedis.pid, 'SIGCONT');
  }
  await until(() => sharedOf(one, other).every((shared) => shared === 'shared'), 10_000);
  await one.list(3, { inMs: 10_000 });
}

async function startWithout(): Promise<void> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const alone = startSharingHost(otherEmulator, `redis://127.0.0.1:${port}`, 'unreachable');
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: 10 }, (_, n) => alone.list(n)));
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(5_150);
  expect(performance.now() - startedMs).toBeLessThan(10_000);
  expect(alone.budget.state()).toMatchObject({ shared: 'divided', processes: 1 });
  await alone.stop();
}

describe('while Redis is away', () => {
  let outcomes: readonly PromiseSettledResult<void>[];
  // Mostly waiting, each for processes and a Redis of its own, so at the same time.
  beforeAll(async () => {
    outcomes = await Promise.allSettled([killAndStartAgain(), hang(), startWithout()]);
  }, 120_000);

  it.each(
    [
      'Redis is killed and comes back empty: never over the limits, and shared again',
      'a Redis that hangs holds up nobody for longer than a deadline, and is used again',
      'without a Redis at the start a process takes a part, after a full window',
    ].map((name, index) => [name, index] as const),
  )('%s', (_name, index) => {
    const outcome = outcomes[index]!;
    if (outcome.status === 'rejected') throw outcome.reason;
  });
});
