import { beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '@certfolio/database/testing';
import { startEmulator, type EmulatorProcess } from '@certfolio/testing';
import { askUpstream, createStage, type ProductProcess } from '../harness/index.ts';
import { judge, prepareReads, underFault, type Read } from './harness.ts';

const timeoutMs = 3_000;
const stage = createStage();
let emulator: EmulatorProcess;
let products: readonly ProductProcess[];
let reads: readonly Read[];

beforeAll(async () => {
  const [started, database] = await Promise.all([
    stage.emulator({ orders: 120, keys: 'all:full,looks:view-only,tester:full' }),
    createTestDatabase(),
  ]);
  stage.defer(() => database.drop());
  emulator = started;
  const env = { CERTFOLIO_DATABASE_URL: database.url, CERTFOLIO_REQUEST_TIMEOUT_MS: String(timeoutMs) };
  products = await Promise.all([
    stage.productOn(emulator, { env, upstreamKey: 'all' }),
    stage.productOn(emulator, { env, upstreamKey: 'looks' }),
  ]);
  const { orders } = (await askUpstream(emulator, '/order/certificate?limit=3', 'tester')) as {
    orders: { id: number }[];
  };
  reads = await prepareReads(
    products[0]!.admin,
    products[1]!.admin,
    orders.map(({ id }) => id),
  );
}, 60_000);

describe('an upstream slower than the deadline ends in a named error at the deadline', () => {
  it.each([
    { kind: 'delay', delayMs: 20_000 },
    { kind: 'slow-headers', delayMs: 2_000 },
    { kind: 'slow-body', delayMs: 2_000 },
  ])('$kind', async (fault) => {
    for (const { name, said, tookMs } of await underFault(emulator, products, reads, fault)) {
      expect([name, said]).toEqual([
        name,
        expect.stringMatching(/^(UPSTREAM_UNAVAILABLE|GATEWAY_TIMEOUT|UPSTREAM_BUDGET_EXHAUSTED)$/),
      ]);
      expect(tookMs).toBeLessThan(timeoutMs + 1_500);
    }
    const afterwards = await Promise.all(reads.map(judge));
    expect(afterwards.map(({ said }) => said)).toEqual(reads.map(() => 'whole'));
  });

  it('a slow answer within the deadline is whole', async () => {
    const outcomes = await underFault(emulator, products, reads, { kind: 'delay', delayMs: 500 });
    expect(outcomes.map(({ said }) => said)).toEqual(reads.map(() => 'whole'));
  });
});

describe('a key revoked in mid-run', () => {
  it('ends the run with an error, and all is well once the key is good again', async () => {
    await emulator.control('faults', {
      method: 'POST',
      body: { kind: 'revoke-key', route: 'GET /order/certificate/{id}', count: 1 },
    });
    const info = reads.find(({ name }) => name === 'order info')!;
    const during = await info.ask();
    const codes = new Set(during.json.errors!.map(({ extensions }) => extensions!['code']));
    expect(codes).toEqual(new Set(['UPSTREAM_REFUSED']));
    const list = await reads.find(({ name }) => name === 'list')!.ask();
    expect([list.status, list.json.errors![0]!.extensions!['code']]).toEqual([502, 'UPSTREAM_REFUSED']);
    await emulator.control('faults', { method: 'DELETE' });
    expect((await judge(info)).said).toBe('whole');
  });
});

describe('an upstream that is gone', () => {
  it('is UPSTREAM_UNAVAILABLE, and found again without a restart', async () => {
    const other = await startEmulator({ orders: 30 });
    const product = await stage.productOn(other, { env: { CERTFOLIO_REQUEST_TIMEOUT_MS: String(timeoutMs) } });
    const query = '{ orders(first: 1000) { totalCount nodes { id } } }';
    const before = await product.admin.graphql(query);
    expect(before.json.data).toMatchObject({ orders: { totalCount: 30 } });
    await other.stop();
    for (const answer of [await product.admin.graphql(query), await product.admin.report('inventory-full.json')]) {
      expect([answer.status, answer.json.errors![0]!.extensions!['code']]).toEqual([502, 'UPSTREAM_UNAVAILABLE']);
      expect(answer.headers.get('Cache-Control')).toBe('no-store');
    }
    expect((await fetch(`${product.url}/healthz`)).status).toBe(200);
    await stage.emulator({ orders: 30, args: ['--port', new URL(other.baseUrl).port] });
    const untilMs = performance.now() + 8_000;
    let after = await product.admin.graphql(query);
    while (after.status !== 200 && performance.now() < untilMs) after = await product.admin.graphql(query);
    expect(after.json.data).toEqual(before.json.data);
    expect(product.isRunning()).toBe(true);
  });
});
