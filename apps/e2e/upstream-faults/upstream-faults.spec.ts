import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase } from '@certfolio/database/testing';
import type { EmulatorProcess } from '@certfolio/testing';
import { askUpstream, createStage, type ProductProcess } from '../harness/index.ts';
import { judge, prepareReads, timeoutMs, underFault, type Read } from './harness.ts';

const stage = createStage();
let emulator: EmulatorProcess;
let products: readonly ProductProcess[];
let reads: readonly Read[];

beforeAll(async () => {
  const [started, database] = await Promise.all([
    // Two pages of the list, so that a page can shift.
    stage.emulator({ orders: 1_200, keys: 'all:full,looks:view-only,tester:full' }),
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

afterEach(async () => {
  await emulator.control('faults', { method: 'DELETE' });
  // A breaker that opened may rest for a few seconds; then every read is whole again, without a restart.
  const untilMs = performance.now() + 12_000;
  await Promise.all(
    reads.map(async (read) => {
      for (;;) {
        const { said } = await judge(read);
        if (said === 'whole') break;
        if (performance.now() > untilMs) throw new Error(`${read.name} still says ${said}.`);
        await sleep(200);
      }
    }),
  );
}, 30_000);

describe('while every call of CertCentral fails, an error says so', () => {
  it.each([
    { kind: 'status', status: 500 },
    { kind: 'status', status: 503 },
    { kind: 'reset-before' },
    { kind: 'reset-inside' },
    { kind: 'truncate' },
    { kind: 'garbage' },
    { kind: 'html' },
    { kind: 'empty' },
    { kind: 'redirect' },
  ])('$kind $status', async (fault) => {
    for (const { name, said } of await underFault(emulator, products, reads, fault))
      expect([name, said]).toEqual([
        name,
        expect.stringMatching(/^(UPSTREAM_UNAVAILABLE|UPSTREAM_REFUSED|GATEWAY_TIMEOUT)$/),
      ]);
  });
});

describe('where the answer can be made whole, or must not be trusted, no row is wrong', () => {
  it.each([
    { kind: 'content-type' },
    { kind: 'wrong-shape' },
    { kind: 'duplicate-row' },
    { kind: 'drop-row' },
    { kind: 'shift-page' },
    { kind: 'status', status: 429, count: 2 },
    { kind: 'status', status: 500, count: 1 },
    { kind: 'reset-before', count: 1 },
    { kind: 'drop-row', count: 1 },
    { kind: 'shift-page', count: 1 },
    { kind: 'status', status: 500, rate: 0.4 },
    { kind: 'drop-row', rate: 0.4 },
  ])('$kind $status $count $rate', async (fault) => {
    const outcomes = await underFault(emulator, products, reads, fault);
    // One failure of a call is worth another try, not a failed request.
    if ('count' in fault && ['status', 'reset-before'].includes(fault.kind))
      expect(outcomes.map(({ said }) => said)).toEqual(reads.map(() => 'whole'));
  });
});
