import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from '@jest/globals';
import { createTestDatabase, startTestRedis, type TestRedis } from '@certfolio/database/testing';
import type { EmulatorProcess } from '@certfolio/testing';
import { createStage, statsOf, type Caller, type ProductProcess } from '../harness/index.ts';

const stage = createStage();
let emulator: EmulatorProcess;
let redis: TestRedis;
let products: ProductProcess[];
let callers: Caller[];

beforeAll(async () => {
  const [started, startedRedis, database] = await Promise.all([
    stage.emulator({ orders: 400, latency: '0-200' }),
    startTestRedis(),
    createTestDatabase(),
  ]);
  if (startedRedis === null) throw new Error('This test needs redis-server (apt-get install redis-server).');
  [emulator, redis] = [started, startedRedis];
  stage.defer(() => redis.kill());
  stage.defer(() => database.drop());
  const env = { CERTFOLIO_DATABASE_URL: database.url, CERTFOLIO_REDIS_URL: redis.url };
  products = await Promise.all([stage.productOn(emulator, { env }), stage.productOn(emulator, { env })]);
  const limits = { requestsPerMinute: 100_000, burst: 100_000, concurrent: 1_000 };
  const { key } = await products[0]!.createKey({ name: 'many', level: 'OPEN', limits });
  callers = products.map((product) => product.as(key));
});

let asked = 0;
/** One call each. @returns the statuses */
const ask = (caller: Caller, requests: number) =>
  Promise.all(
    Array.from({ length: requests }, async () => {
      // Deadlines are 30 s; whoever cannot be served by then is told so.
      const { status, json } = await caller.graphql(`{ order(id: ${(asked += 1)}) { id } }`);
      return status === 200 && json.errors === undefined ? 'answered' : json.errors?.[0]?.extensions?.['code'];
    }),
  );

async function metricOf(product: ProductProcess, name: string): Promise<number> {
  const text = await (await product.admin.fetch('/metrics')).text;
  const line = new RegExp(`^certfolio_upstream_${name}\\{[^}]*account="default"[^}]*\\} (\\S+)$`, 'm').exec(text);
  return Number(line?.[1]);
}

async function untilDivided(is: 0 | 1): Promise<void> {
  const untilMs = performance.now() + 15_000;
  for (const product of products)
    while ((await metricOf(product, 'budget_divided')) !== is) {
      if (performance.now() > untilMs) throw new Error(`The budget is not ${is === 1 ? 'divided' : 'shared again'}.`);
      await sleep(100);
    }
}

it('two processes with one key of CertCentral stay under its limits together, and know of each other', async () => {
  await emulator.control('stats', { method: 'DELETE' });
  const answers = (await Promise.all(callers.map((caller) => ask(caller, 65)))).flat();
  expect(answers.filter((answer) => answer !== 'answered')).toEqual([]);
  const { total, limited, peak5s } = await statsOf(emulator);
  expect(total).toBeGreaterThanOrEqual(130);
  expect(limited).toBe(0);
  expect(peak5s).toBeLessThanOrEqual(100);
  for (const product of products) {
    expect(await metricOf(product, 'budget_processes')).toBe(2);
    expect(await metricOf(product, 'budget_divided')).toBe(0);
    expect(await metricOf(product, 'budget_used_calls')).toBeGreaterThan(0);
  }
});

it('also while Redis is killed and comes back empty, and one of them crashes', async () => {
  await emulator.control('stats', { method: 'DELETE' });
  const running = callers.map((caller) => ask(caller, 70));
  await sleep(1_000);
  await redis.kill();
  await untilDivided(1);
  redis = (await startTestRedis(redis.port))!;
  await untilDivided(0);
  const answers = (await Promise.all(running)).flat();
  expect(answers.filter((answer) => answer !== 'answered')).toEqual([]);

  const [survivor, crashing] = products;
  const lost = ask(callers[1]!, 40).catch(() => []);
  await sleep(200);
  await crashing!.kill();
  await lost;
  const after = await ask(callers[0]!, 40);
  expect(after.filter((answer) => answer !== 'answered')).toEqual([]);
  expect(survivor!.isRunning()).toBe(true);
  const { limited, peak5s } = await statsOf(emulator);
  expect(limited).toBe(0);
  expect(peak5s).toBeLessThanOrEqual(100);
}, 120_000);
