import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, startTestRedis, type TestRedis } from '@certfolio/database/testing';
import type { EmulatorProcess } from '@certfolio/testing';
import { createStage, type Caller, type HttpAnswer, type ProductProcess } from '../harness/index.ts';

const stage = createStage();
let emulator: EmulatorProcess;
let redis: TestRedis;
let env: Readonly<Record<string, string>>;
let products: readonly [ProductProcess, ProductProcess];

const start = (upstreamKey: string) => stage.productOn(emulator, { env, upstreamKey });

beforeAll(async () => {
  const [started, startedRedis, database] = await Promise.all([
    stage.emulator({ orders: 50 }),
    startTestRedis(),
    createTestDatabase(),
  ]);
  if (startedRedis === null) throw new Error('This test needs redis-server (apt-get install redis-server).');
  [emulator, redis] = [started, startedRedis];
  stage.defer(() => redis.kill());
  stage.defer(() => database.drop());
  env = { CERTFOLIO_DATABASE_URL: database.url, CERTFOLIO_REDIS_URL: redis.url };
  products = await Promise.all([start('one'), start('other')]);
});

let made = 0;
/** Of the process that died. */
let dead: { readonly diedMs: number; readonly elsewhere: Caller };
const keyWith = (limits: Readonly<Record<string, unknown>>) =>
  products[0].createKey({ name: `limited-${(made += 1)}`, level: 'OPEN', limits });
const refusalIn = ({ json }: HttpAnswer) => json.errors?.[0]?.extensions;
const fortyOrders = (caller: Caller) => caller.graphql('{ orders(first: 40) { nodes { id } } }');

/** A read that CertCentral answers after `delayMs`; other reads are not held up once 300 ms have passed. Null when it got no answer. */
async function slowRead(caller: Caller, delayMs: number) {
  await emulator.control('faults', { method: 'POST', body: { route: '*', kind: 'delay', delayMs } });
  const answer = caller.fetch('/r/wildcards.csv', { headers: { 'Certfolio-Fresh': 'live' } }).catch(() => null);
  await sleep(300);
  await emulator.control('faults', { method: 'DELETE' });
  return answer;
}
const metricsOf = async (product: ProductProcess) => (await fetch(`${product.url}/metrics`)).text();

describe('with Redis and two processes', () => {
  it('a place of a process that died is still taken', async () => {
    const key = await keyWith({ concurrent: 1 });
    const doomed = await start('doomed');
    void slowRead(doomed.as(key.key), 20_000);
    await sleep(500);
    const elsewhere = products[0].as(key.key);
    await doomed.kill();
    expect((await elsewhere.graphql('{ me { name } }')).status).toBe(429);
    dead = { diedMs: performance.now(), elsewhere };
  });

  it('points that are spent at one are gone at the other', async () => {
    const key = await keyWith({ costPerMinute: 50 });
    const [here, there] = products.map(({ as }) => as(key.key)) as [Caller, Caller];
    expect((await fortyOrders(here)).status).toBe(200);
    const refused = await fortyOrders(there);
    expect(refused.status).toBe(429);
    expect(refusalIn(refused)).toMatchObject({ code: 'RATE_LIMITED', policy: 'cost' });
    const waitMs = refusalIn(refused)!['retryAfterMs'] as number;
    expect(waitMs).toBeGreaterThan(30_000);
    expect(Number(refused.headers.get('Retry-After'))).toBe(Math.ceil(waitMs / 1_000));
  });

  it('a place that is taken at one is taken at the other, and free once the answer is sent', async () => {
    const key = await keyWith({ concurrent: 1 });
    const [here, there] = products.map(({ as }) => as(key.key)) as [Caller, Caller];
    const slow = slowRead(here, 3_000);
    await sleep(300);
    const refused = await there.graphql('{ me { name } }');
    expect([refused.status, refusalIn(refused)?.['policy']]).toEqual([429, 'concurrent']);
    expect((await slow)?.status).toBe(200);
    await sleep(100);
    expect((await there.graphql('{ me { name } }')).status).toBe(200);
  });

  it('the command line shows the same of a key at both', async () => {
    const key = await keyWith({ costPerMinute: 50 });
    await fortyOrders(products[0].as(key.key));
    const state = await products[1].admin.graphql(
      'query ($key: ID) { limits(key: $key) { buckets { policy remaining fullInMs } } }',
      { key: key.id },
    );
    const { buckets } = state.json.data!['limits'] as {
      buckets: readonly { policy: string; remaining: number; fullInMs: number }[];
    };
    const [requests, cost] = buckets;
    expect([requests!.policy, requests!.remaining]).toEqual(['requests', expect.any(Number)]);
    expect(cost!.remaining).toBeLessThan(15);
    expect(cost!.fullInMs).toBeGreaterThan(40_000);
  });

  it('the place of the process that died is free again within its lease of 15 s', async () => {
    const { diedMs, elsewhere } = dead;
    let takenForMs = 0;
    while ((await elsewhere.graphql('{ me { name } }')).status === 429 && takenForMs < 30_000) {
      takenForMs = performance.now() - diedMs;
      await sleep(250);
    }
    expect(takenForMs).toBeLessThan(17_000);
  });

  it('when Redis is gone each process keeps cost and places by itself, and says so', async () => {
    const [spent, placed] = [await keyWith({ costPerMinute: 50 }), await keyWith({ concurrent: 1 })];
    expect(await metricsOf(products[0])).toContain('certfolio_limits_insured 0');
    await redis.kill();
    for (const product of products) {
      expect((await fortyOrders(product.as(spent.key))).status).toBe(200);
      expect((await fortyOrders(product.as(spent.key))).status).toBe(429);
      const slow = slowRead(product.as(placed.key), 1_500);
      await sleep(300);
      expect(refusalIn(await product.as(placed.key).graphql('{ me { name } }'))?.['policy']).toBe('concurrent');
      await slow;
      expect(await metricsOf(product)).toContain('certfolio_limits_insured 1');
      const ready = (await (await fetch(`${product.url}/readyz`)).json()) as { parts: Record<string, string> };
      expect(ready.parts['redis']).toBe('Unreachable; limits are counted by each process alone.');
    }
  });
});
