import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { silentLogger } from '@certfolio/core';
import { startTestRedis, type TestRedis } from '@certfolio/database/testing';
import { systemClock as clock } from '@certfolio/runtime';
import { Redis } from 'ioredis';
import { openBudget, type OpenBudget } from '../src/open-budget.ts';

let folder: string;
let redis: TestRedis;

beforeAll(async () => {
  const [made, started] = await Promise.all([mkdtemp(join(tmpdir(), 'open-budget-')), startTestRedis()]);
  if (started === null) throw new Error('This test needs redis-server (apt-get install redis-server).');
  folder = made;
  redis = started;
});
afterAll(async () => {
  await redis?.kill();
  await rm(folder, { recursive: true, force: true });
});

const baseUrl = 'https://www.digicert.com/services/v2';
const open = (key: string, process: string, redisUrl?: string) =>
  openBudget(
    { baseUrl, apiKey: () => key },
    { dataDir: join(folder, process), clock, logger: silentLogger, ...(redisUrl === undefined ? {} : { redisUrl }) },
  );
const stateOf = ({ options }: OpenBudget) => options.budget!.state();

/** Resolves when a process has heard from Redis what was called. */
async function heardBy(budget: OpenBudget): Promise<void> {
  while (stateOf(budget).shared !== 'shared') await sleep(20);
}

it('without Redis leaves the budget to the client, with a file for its calls', async () => {
  const { options, close } = open('secret-key', 'alone');
  expect(options).toEqual({ budgetLogPath: expect.stringMatching(/call-budget\/[0-9a-f]{24}\.json$/) });
  await close();
});

it('with Redis processes with the same key share a budget, others do not, and the key is nowhere in Redis', async () => {
  const [one, other, elsewhere] = [
    open('secret-key', 'one', redis.url),
    open('secret-key', 'other', redis.url),
    open('another-key', 'one', redis.url),
  ];
  await sleep(1_500);
  expect([one, other, elsewhere].map(stateOf)).toEqual([
    expect.objectContaining({ shared: 'shared', processes: 2 }),
    expect.objectContaining({ shared: 'shared', processes: 2 }),
    expect.objectContaining({ shared: 'shared', processes: 1 }),
  ]);
  const client = new Redis(redis.url);
  const names = await client.keys('*');
  expect(names.length).toBeGreaterThanOrEqual(10);
  const held = await Promise.all(names.map(async (name) => `${name} ${String(await client.dump(name))}`));
  expect(held.join('\n')).not.toMatch(/secret-key|another-key|digicert/);
  client.disconnect();

  await other.close();
  await sleep(700);
  expect(stateOf(one)).toMatchObject({ processes: 1 });
  await Promise.all([one.close(), elsewhere.close()]);
});

it('keeps its calls in a file, which count when Redis lost them', async () => {
  const first = open('kept-key', 'kept', redis.url);
  await sleep(5_700); // a new log counts as a full shortest window
  for (let call = 0; call < 5; call += 1) {
    const deadline = new Date(clock.nowMs() + 5_000);
    const signal = new AbortController().signal;
    (await first.options.budget!.take({ lane: 'backfill', onBehalfOf: 'a', deadline, signal })).answered();
  }
  expect(stateOf(first).used.map(({ calls }) => calls)).toEqual([5, 100]);
  await first.close();
  expect(await readdir(join(folder, 'kept', 'call-budget'))).toHaveLength(1);

  const again = open('kept-key', 'kept', redis.url);
  await heardBy(again);
  expect(stateOf(again).used[1]!.calls).toBe(100); // Redis has them, so the file's are not counted again
  await again.close();
  const client = new Redis(redis.url);
  await client.flushall();
  client.disconnect();
  const lost = open('kept-key', 'kept', redis.url);
  await heardBy(lost);
  expect(stateOf(lost).used[1]!.calls).toBe(95 + 5);
  await lost.close();
});
