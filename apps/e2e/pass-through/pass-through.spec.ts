import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, testRedisUrl } from '@certfolio/database/testing';
import { spawnCertfolio, type EmulatorProcess } from '@certfolio/testing';
import { createStage, dataOf, toldFacts, type ProductProcess } from '../harness/index.ts';

const stage = createStage();
const ownKey = 'the-account-s-own-certcentral-key-0001';
const script = 'a-script-s-certcentral-key-abcdefghij-1';
const otherScript = 'a-script-s-certcentral-key-abcdefghij-2';
const viewer = 'a-viewer-s-certcentral-key-abcdefghij-3';
const unknown = (n: number) => `nobody-s-certcentral-key-abcdefghijkl-${n}`;
const proofsPerMinute = 5;

const orders = '{ orders(first: 5) { totalCount nodes { id } } }';

let emulator: EmulatorProcess;
let product: ProductProcess;
let folder: string;

const environment = async (): Promise<Record<string, string>> => {
  const database = await createTestDatabase();
  stage.defer(() => database.drop());
  return {
    CERTFOLIO_DATABASE_URL: database.url,
    CERTFOLIO_PASSTHROUGH: 'on',
    CERTFOLIO_MIRROR: 'on',
    CERTFOLIO_CONFIG: join(folder, 'certfolio.yaml'),
  };
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certfolio-pass-through-'));
  stage.defer(() => rm(folder, { recursive: true, force: true }));
  await writeFile(
    join(folder, 'certfolio.yaml'),
    [
      `passthrough: { level: audit, rate: 100, rows: 7, proofsPerMinute: ${proofsPerMinute} }`,
      'mirror: { roundSeconds: 86400, backfill: false }',
    ].join('\n'),
  );
  const keys = `${ownKey},${script},${otherScript},${viewer}:view-only`;
  emulator = await stage.emulator({ orders: 60, keys });
  product = await stage.productOn(emulator, { upstreamKey: ownKey, env: await environment() });
  // The mirror has everything, so that a live answer is a choice.
  while (toldFacts(await product.admin.graphql(orders)).source !== 'mirror') await sleep(200);
});

/** Calls by key since the last reset. */
async function callsBy(key: string): Promise<number> {
  const { byKey } = (await emulator.control('stats')) as { byKey: Record<string, number> };
  return byKey[key] ?? 0;
}
const reset = () => emulator.control('stats', { method: 'DELETE' });

describe('a CertCentral key that is passed through', () => {
  it('is proved once, and reads live with itself and not with the key of the account', async () => {
    await reset();
    const caller = product.as(script);
    const answer = await caller.graphql(orders);
    expect(dataOf<{ orders: { totalCount: number } }>(answer).orders.totalCount).toBe(60);
    expect(toldFacts(answer).source).toBe('live');
    const first = await callsBy(script);
    await caller.graphql(orders);
    const second = await callsBy(script);
    // The proof and one list, then one list.
    expect([first, second - first]).toEqual([2, 1]);
    expect(toldFacts(await product.admin.graphql(orders)).source).toBe('mirror');
  });

  it('has the policy of the configuration, and its own rate', async () => {
    const { data } = (
      await product.as(script).graphql('{ me { level scopes owner limits { requestsPerMinute rows } } }')
    ).json;
    expect(data?.['me']).toEqual({
      level: 'AUDIT',
      scopes: ['templates:run'],
      owner: 'passthrough',
      limits: { requestsPerMinute: 100, rows: 7 },
    });
    const refused = await product.as(script).graphql('{ keys { id } }');
    expect(refused.json.errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
    const remaining = async (key: string) =>
      Number(/r=(\d+)/.exec((await product.as(key).graphql('{ __typename }')).headers.get('ratelimit')!)![1]);
    expect(await remaining(otherScript)).toBeGreaterThan(await remaining(script));
  });

  it("goes on sending what it sent to DigiCert's own address", async () => {
    const answer = await product.as('unused-and-replaced-by-the-header').fetch('/services/v2/reports/query', {
      method: 'POST',
      headers: { 'Content-Type': 'application/graphql' },
      body: '{ order_details(limit: 1) { id } }',
    });
    expect(answer.status).toBe(403);
    const response = await fetch(`${product.url}/services/v2/reports/query`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/graphql', 'X-DC-DEVKEY': script },
      body: '{ order_details(limit: 1) { id } }',
    });
    expect(await response.json()).toEqual({ data: { order_details: [{ id: expect.any(String) }] } });
  });

  it('shares no answer with another key, also at the same moment', async () => {
    await product.as(otherScript).graphql('{ __typename }');
    await reset();
    await Promise.all([script, otherScript, script].map((key) => product.as(key).graphql(orders)));
    expect(await callsBy(otherScript)).toBe(1);
    expect(await callsBy(script)).toBeGreaterThan(0);
    expect(await callsBy(ownKey)).toBe(0);
  });

  it('sees what its own restriction lets it see', async () => {
    const { json } = await product.as(viewer).graphql('{ orders(first: 1) { nodes { id } } }');
    expect(json.errors).toBeUndefined();
  });

  it('is refused when CertCentral does not know it, is asked about once, and only so often', async () => {
    await reset();
    const statusOf = async (key: string) => (await product.as(key).graphql(orders)).status;
    const statuses: number[] = [];
    for (let n = 0; n < 12; n += 1) statuses.push(await statusOf(unknown(n)), await statusOf(unknown(n)));
    expect(new Set(statuses)).toEqual(new Set([401, 503]));
    const { total } = (await emulator.control('stats')) as { total: number };
    expect(total).toBeLessThanOrEqual(proofsPerMinute);
    expect(await statusOf(script)).toBe(200);
  });

  it('leaves no trace in what the product printed', () => {
    expect(product.output()).not.toMatch(/certcentral-key-abcdefghij/);
  });
});

it('with Redis two processes share the budget of a key, and both read', async () => {
  const env = { ...(await environment()), CERTFOLIO_REDIS_URL: testRedisUrl() };
  const two = await Promise.all(
    [1, 2].map(() => stage.productOn(emulator, { upstreamKey: ownKey, env: { ...env, CERTFOLIO_MIRROR: 'off' } })),
  );
  const answers = await Promise.all(two.map((one) => one.as(script).graphql(orders)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  await reset();
  // 120 calls of one key: a process alone would send 95 in five seconds, two that count apart 120.
  await Promise.all(
    two.flatMap((one) =>
      Array.from({ length: 60 }, (_member, n) =>
        one.as(script).graphql(`{ order(id: "${730_000 + n}") { id notes { id } } }`),
      ),
    ),
  );
  const { limited, peak5s } = (await emulator.control('stats')) as { limited: number; peak5s: number };
  expect(limited).toBe(0);
  expect(peak5s).toBeLessThanOrEqual(100);
});

it.each([
  [{ CERTFOLIO_PASSTHROUGH: 'maybe' }, /CERTFOLIO_PASSTHROUGH: must be "on" or "off"/],
  [
    {
      CERTFOLIO_PASSTHROUGH: 'on',
      CERTFOLIO_SUBGRAPH_URLS: 'orders=http://127.0.0.1:1/orders',
      CERTFOLIO_INTERNAL_SECRET: 'x'.repeat(32),
    },
    /CERTFOLIO_PASSTHROUGH: needs all subgraphs in this process.*elsewhere: orders/,
  ],
])('a start with %j says what is wrong', async (env, message) => {
  const { ended } = spawnCertfolio({ env: { ...env, CERTFOLIO_DATA_DIR: join(folder, 'never') } });
  const { code, stderr } = await ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(message);
});
