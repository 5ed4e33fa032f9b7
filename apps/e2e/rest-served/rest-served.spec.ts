import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createStage } from '../harness/index.ts';
import { askSide, compareSides, type RestCall, type Side } from './both-sides.ts';
import {
  accountCalls,
  copyCalls,
  infoCalls,
  listCalls,
  reportCalls,
  statusCalls,
  type ListedOrder,
} from './generated-calls.ts';
import { servedProduct, type ServedProduct } from './served-product.ts';

const seed = Number(process.env['CERTFOLIO_TEST_SEED'] ?? 20_261_127);
/** 200 in the long run; `CERTFOLIO_TEST_SEED` draws others. */
const perRoute = process.env['CERTFOLIO_TEST_LONG'] ? 200 : 60;
/** Calls of a route that the graph may leave to CertCentral. */
const mostLeft = 0.15;

const stage = createStage();
let served: ServedProduct;
let sides: { readonly upstream: Side; readonly ours: Side };
let orders: readonly ListedOrder[];
let thumbprints: readonly string[];

const json = async (path: string): Promise<never> =>
  JSON.parse((await askSide(sides.upstream, { path })).body) as never;

beforeAll(async () => {
  served = await servedProduct(stage, { orders: 100 });
  ({ sides } = served);
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
  const { served: answered, left, differences } = await compareSides(sides, calls);
  process.stdout.write(
    `${route}: ${calls.length} calls (seed ${seed}), ${answered} from the graph, ${left} left to CertCentral\n`,
  );
  expect(differences.slice(0, 5)).toEqual([]);
  expect(left).toBeLessThanOrEqual(calls.length * mostLeft);
  expect(answered).toBeGreaterThan(calls.length / 2);
  leftInAll += left;
}
let leftInAll = 0;

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

it('counts with its reason what is left to CertCentral', async () => {
  const counted = async () => {
    const { rows } = await served.pool.query<{ route: string; reason: string; calls: string }>(
      'select route, reason, sum(calls) as calls from rest_fallbacks group by route, reason order by route, reason',
    );
    return rows;
  };
  const sum = (rows: Awaited<ReturnType<typeof counted>>) => rows.reduce((all, { calls }) => all + Number(calls), 0);
  let rows = await counted();
  // They are written down every few seconds.
  for (let look = 0; sum(rows) < leftInAll && look < 300; look += 1) {
    await sleep(100);
    rows = await counted();
  }
  process.stdout.write(`${rows.map(({ route, reason, calls }) => `${route}: ${calls} ${reason}`).join('\n')}\n`);
  expect(sum(rows)).toBe(leftInAll);
}, 60_000);
