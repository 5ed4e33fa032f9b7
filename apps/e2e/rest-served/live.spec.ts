import { beforeAll, expect, it } from '@jest/globals';
import { callsOf, createStage } from '../harness/index.ts';
import { askSide, compareSides } from './both-sides.ts';
import { infoCalls, listCalls, type ListedOrder } from './generated-calls.ts';
import { servedProduct, type ServedProduct } from './served-product.ts';

const stage = createStage();
let served: ServedProduct;
let orders: readonly ListedOrder[];

beforeAll(async () => {
  served = await servedProduct(
    stage,
    { orders: 150, keys: 'rest-served-upstream-key:view-only' },
    { env: { CERTFOLIO_MIRROR: 'off' } },
  );
  const { body } = await askSide(served.sides.upstream, { path: '/order/certificate?limit=1000' });
  orders = (JSON.parse(body) as { orders: readonly ListedOrder[] }).orders;
}, 120_000);

it('without a mirror, and with a key that may only read, answers are the same and take no more calls than CertCentral would', async () => {
  const calls = [
    ...listCalls(3, 60, orders),
    ...infoCalls(3, 40, orders, ['AB'.repeat(20)]),
    { path: '/organization' },
    { path: '/request?limit=5' },
  ].filter(({ hasBadKey }) => hasBadKey !== true);
  const { result, stats } = await callsOf(served.emulator, () => compareSides(served.sides, calls));
  process.stdout.write(
    `Without a mirror: ${calls.length} calls, ${result.served} from the graph, ${result.left} left to CertCentral\n`,
  );
  expect(result.differences.slice(0, 5)).toEqual([]);
  expect(result.served).toBeGreaterThan(calls.length / 4);
  // Each was asked of CertCentral itself once, and through the product at most once more.
  expect(stats.total).toBeLessThanOrEqual(2 * calls.length);
}, 240_000);
