import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EmulatorProcess } from '@certfolio/testing';
import { createStage, type ProductProcess } from '../harness/index.ts';
import { mirroredProduct, untilMirror } from '../mirror/mirrored.ts';
import { askSide, compareSides, sidesOf, type RestCall, type Side } from './both-sides.ts';
import {
  accountCalls,
  copyCalls,
  infoCalls,
  listCalls,
  reportCalls,
  statusCalls,
  type ListedOrder,
} from './generated-calls.ts';

const seed = Number(process.env['CERTFOLIO_TEST_SEED'] ?? 20_261_127);
const perRoute = 200;
/** Calls of a route that the graph may leave to CertCentral. */
const mostLeft = 0.15;
const upstreamKey = 'rest-served-upstream-key';

const stage = createStage();
let emulator: EmulatorProcess;
let product: ProductProcess;
let sides: { readonly upstream: Side; readonly ours: Side };
let orders: readonly ListedOrder[];
let thumbprints: readonly string[];

const json = async (path: string): Promise<never> =>
  JSON.parse((await askSide(sides.upstream, { path })).body) as never;

beforeAll(async () => {
  ({ emulator, product } = await mirroredProduct(
    stage,
    { orders: 250, limits: 'off', keys: upstreamKey },
    { mirror: { backfill: true, maxAgeSeconds: 3_600 }, env: { CERTCENTRAL_API_KEY: upstreamKey } },
  ));
  sides = sidesOf(emulator, product, { upstream: upstreamKey, ours: product.adminKey });
  await untilMirror(product, ({ isComplete }) => isComplete, 240_000);
  ({ orders } = (await json('/order/certificate?limit=1000')) as { orders: readonly ListedOrder[] });
  const infos = (await Promise.all(
    orders
      .filter(({ status }) => status === 'issued')
      .slice(0, 40)
      .map(({ id }) => json(`/order/certificate/${id}`)),
  )) as readonly { certificate: { thumbprint: string } }[];
  thumbprints = infos.map(({ certificate }) => certificate.thumbprint);
}, 300_000);

/** Holds both sides against each other and says how many calls were left to CertCentral, and why. */
async function expectEqual(route: string, calls: readonly RestCall[]): Promise<void> {
  const { served, left, differences } = await compareSides(sides, calls);
  const leftCount = [...left.values()].reduce((sum, count) => sum + count, 0);
  const reasons = [...left].map(([reason, count]) => `${count} ${reason}`).join('; ');
  process.stdout.write(
    `${route}: ${calls.length} calls (seed ${seed}), ${served} served, ${leftCount} left: ${reasons}\n`,
  );
  expect(differences.slice(0, 5)).toEqual([]);
  expect(leftCount).toBeLessThanOrEqual(calls.length * mostLeft);
  expect(served).toBeGreaterThan(calls.length / 2);
}

describe('a call that the graph answers has status, header fields and bytes of CertCentral', () => {
  it('for the list of orders', async () => {
    await expectEqual('GET /order/certificate', listCalls(seed, perRoute, orders));
  }, 120_000);

  it('for order info by id, serial number and thumbprint', async () => {
    await expectEqual('GET /order/certificate/{id}', infoCalls(seed, perRoute, orders, thumbprints));
  }, 120_000);

  it('for the order report', async () => {
    await expectEqual('GET /report/order', reportCalls(seed, perRoute, orders));
  }, 240_000);

  it.each(['duplicate', 'reissue'])(
    'for the %ss of orders',
    async (kind) => {
      await expectEqual(`GET /order/certificate/{id}/${kind}`, copyCalls(seed, perRoute, kind, orders));
    },
    120_000,
  );

  it('for status changes', async () => {
    await expectEqual('GET /order/certificate/status-changes', statusCalls(seed, perRoute));
  }, 240_000);

  it.each([
    [
      '/organization',
      ['include_validation=true', 'include_validation=1', 'filters[status]=active', 'filters[status]=inactive'],
      true,
    ],
    [
      '/domain',
      [
        'include_validation=true',
        'include_dcv_expiration_time=true',
        'filters[include_validation_reuse_status]=true',
        'filters[status]=active',
        'filters[dcv_method]=email',
        'filters[search]=%25acme',
      ],
      true,
    ],
    ['/container', [], false],
    [
      '/user',
      ['without_container=true', 'filters[status]=active', 'filters[search]=%25a', 'filters[search]=nobody'],
      true,
    ],
    ['/product', [], false],
    ['/request', ['status=pending', 'status=approved', 'filters[status]=rejected'], true],
    ['/report/order/expiring', ['container_id=14', 'container_id=1', 'include_expiring_certs=false'], false],
  ] as const)(
    'for GET %s',
    async (path, parts, hasPages) => {
      await expectEqual(`GET ${path}`, accountCalls(seed, perRoute, path, parts, hasPages));
    },
    120_000,
  );
});
