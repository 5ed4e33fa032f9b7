import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, startTestRedis, type TestRedis } from '@certfolio/database/testing';
import { createStage, type Caller, type HttpAnswer, type ProductProcess } from '../harness/index.ts';

const stage = createStage();
const limits = { requestsPerMinute: 10, burst: 10 };
let redis: TestRedis;
let products: readonly [ProductProcess, ProductProcess];
let alone: ProductProcess;

beforeAll(async () => {
  const [emulator, started, database] = await Promise.all([
    stage.emulator({ orders: 20 }),
    startTestRedis(),
    createTestDatabase(),
  ]);
  if (started === null) throw new Error('This test needs redis-server (apt-get install redis-server).');
  redis = started;
  stage.defer(() => redis.kill());
  stage.defer(() => database.drop());
  const env = { CERTFOLIO_DATABASE_URL: database.url };
  const shared = { ...env, CERTFOLIO_REDIS_URL: redis.url };
  const [one, other] = await Promise.all([
    stage.productOn(emulator, { env: shared, upstreamKey: 'one' }),
    stage.productOn(emulator, { env: shared, upstreamKey: 'other' }),
  ]);
  products = [one, other];
  alone = await stage.productOn(emulator, { env, upstreamKey: 'alone' });
});

let made = 0;
const limitedKey = async (product: ProductProcess) =>
  product.createKey({ name: `limited-${(made += 1)}`, level: 'OPEN', limits });
const ask = (caller: Caller) => caller.graphql('{ me { name } }');
const statusesOf = (answers: readonly HttpAnswer[]) => answers.map(({ status }) => status).sort();
const tenAndOne = [...Array<number>(10).fill(200), 429];

function expectLimitHeaders(answer: HttpAnswer) {
  expect(answer.headers.get('RateLimit-Policy')).toBe('"requests";q=10;w=60, "cost";q=5000000;w=60;qu="points"');
  expect(answer.headers.get('RateLimit')).toMatch(/^"requests";r=\d+;t=\d+, "cost";r=\d+;t=\d+$/);
  expect(answer.headers.get('X-Request-Id')).toMatch(/^[\w-]{8,}$/);
}

/** Eleven requests at the same instant: the eleventh is told to come back in 6 s. */
function expectEleventhRefused(answers: readonly HttpAnswer[]) {
  expect(statusesOf(answers)).toEqual(tenAndOne);
  const refused = answers.find(({ status }) => status === 429)!;
  expect(refused.headers.get('Retry-After')).toBe('6');
  expect(refused.headers.get('Cache-Control')).toBe('no-store');
  expect(refused.json.errors![0]!.extensions).toMatchObject({ code: 'RATE_LIMITED', policy: 'requests' });
  const retryAfterMs = refused.json.errors![0]!.extensions!['retryAfterMs'] as number;
  expect(retryAfterMs).toBeGreaterThan(5_000);
  expect(retryAfterMs).toBeLessThanOrEqual(6_000);
  for (const answer of answers) expectLimitHeaders(answer);
}

describe('a key with 10 requests per minute and a burst of 10', () => {
  it('is refused the eleventh request of one instant', async () => {
    const key = await limitedKey(alone);
    expectEleventhRefused(await Promise.all(Array.from({ length: 11 }, () => ask(key))));
  });

  it('counts down in the header fields', async () => {
    const key = await limitedKey(alone);
    for (const left of [9, 8, 7])
      expect((await ask(key)).headers.get('RateLimit')).toMatch(new RegExp(`^"requests";r=${left};t=[1-6], "cost";`));
  });

  it('is counted over all doors together, and told so at each', async () => {
    const key = await limitedKey(alone);
    const answers = [
      await key.graphql('{ orders { nodes { id } } }'),
      await key.graphql('{ nonsense }'),
      await key.report('inventory-full.json'),
      await key.report('inventory-full.csv'),
      await key.report('no-such-template.json'),
      await key.customReports('{order_details{id}}'),
      await key.customReports('{order_details}'),
      await key.fetch('/r/openapi.json'),
      await key.fetch('/graphql', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{' }),
      await key.fetch('/graphql?documentId=nonsense', { headers: { Accept: 'application/graphql-response+json' } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 200, 200, 404, 200, 400, 200, 400, 404]);
    for (const answer of answers) expectLimitHeaders(answer);
    const refused = [
      await key.report('inventory-full.csv'),
      await key.customReports('{order_details{id}}'),
      await ask(key),
    ];
    expect(statusesOf(refused)).toEqual([429, 429, 429]);
    for (const answer of refused) expectLimitHeaders(answer);
  });

  it('is told its limit where there is nothing, and where the method is wrong', async () => {
    const key = await limitedKey(alone);
    const answers = [
      await key.fetch('/nothing-here'),
      await key.fetch('/graphql', { method: 'PUT' }),
      await key.fetch('/r/inventory-full.csv', { method: 'DELETE' }),
      await key.fetch('/services/v2/reports/query'),
      await key.fetch('/services/v2/nothing-here'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 405, 405, 405, 404]);
    for (const answer of answers) expectLimitHeaders(answer);
  });

  it('has its own count beside other keys', async () => {
    const [one, other] = [await limitedKey(alone), await limitedKey(alone)];
    await Promise.all(Array.from({ length: 11 }, () => ask(one)));
    expect((await ask(other)).status).toBe(200);
    expect((await ask(one)).status).toBe(429);
  });
});

describe('with Redis and two processes', () => {
  it('eleven requests at both together: the eleventh is refused', async () => {
    const key = await limitedKey(products[0]);
    const callers = products.map((product) => product.as(key.key));
    expectEleventhRefused(await Promise.all(Array.from({ length: 11 }, (_, at) => ask(callers[at % 2]!))));
  });

  it('a key made at one is known and, once revoked, refused at the other within 5 s', async () => {
    const key = await products[0].createKey({ name: 'short-lived', level: 'OPEN' });
    const elsewhere = products[1].as(key.key);
    expect((await ask(elsewhere)).status).toBe(200);
    await products[0].admin.graphql('mutation ($id: ID!) { revokeKey(id: $id) { id } }', { id: key.id });
    const revokedMs = performance.now();
    let last = await ask(elsewhere);
    while (last.status === 200 && performance.now() - revokedMs < 5_000) {
      await sleep(100);
      last = await ask(elsewhere);
    }
    expect(last.status).toBe(401);
    expect(performance.now() - revokedMs).toBeLessThan(5_500);
  });

  it('when Redis is gone each process limits by itself', async () => {
    const key = await limitedKey(products[0]);
    await redis.kill();
    for (const product of products) {
      const caller = product.as(key.key);
      const startedMs = performance.now();
      expectEleventhRefused(await Promise.all(Array.from({ length: 11 }, () => ask(caller))));
      expect(performance.now() - startedMs).toBeLessThan(3_000);
    }
    expect(products.every((product) => product.isRunning())).toBe(true);
    expect((await fetch(`${products[0].url}/readyz`)).status).toBe(200);
  });
});
