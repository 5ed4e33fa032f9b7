import { beforeAll, expect, it } from '@jest/globals';
import { createStage } from '../harness/index.ts';
import { askSide, type Side } from './both-sides.ts';
import { servedProduct, type ServedProduct } from './served-product.ts';

const stage = createStage();
const orders = 1_203;
let served: ServedProduct;

beforeAll(async () => {
  // Order info is a call for each order; the list needs none of it.
  served = await servedProduct(
    stage,
    { orders },
    { mirror: { backfill: false }, isFilled: ({ isFilled }) => isFilled },
  );
}, 300_000);

interface Page {
  readonly orders: readonly { readonly id: number }[];
  readonly page: { readonly total: number; readonly limit: number; readonly offset: number };
}

/** As a script pages: until it has as many as there are said to be. */
async function allPages(side: Side, limit: number, sort: string) {
  const bodies: string[] = [];
  const ids: number[] = [];
  for (let offset = 0; ; offset += limit) {
    const { status, body, by } = await askSide(side, {
      path: `/order/certificate?limit=${limit}&offset=${offset}${sort}`,
    });
    expect([status, side === served.sides.ours ? by : 'graph']).toEqual([200, 'graph']);
    const page = JSON.parse(body) as Page;
    bodies.push(body);
    ids.push(...page.orders.map(({ id }) => id));
    if (offset + limit >= page.page.total) return { bodies, ids };
  }
}

it.each([40, 500, 1_000])(
  'pages of %i orders are CertCentral´s, one by one, and have every order once',
  async (limit) => {
    for (const sort of ['', '&sort=-date_created']) {
      const [theirs, ours] = await Promise.all([
        allPages(served.sides.upstream, limit, sort),
        allPages(served.sides.ours, limit, sort),
      ]);
      expect(ours.bodies.length).toBe(Math.ceil(orders / limit));
      expect(ours.bodies.filter((body, index) => body !== theirs.bodies[index])).toEqual([]);
      expect(new Set(ours.ids).size).toBe(orders);
    }
  },
  120_000,
);

it('the whole order report streams byte for byte', async () => {
  const path = '/report/order?limit=100000';
  const [theirs, ours] = await Promise.all([
    askSide(served.sides.upstream, { path }),
    askSide(served.sides.ours, { path }),
  ]);
  expect(ours.by).toBe('graph');
  expect(ours.body.length).toBe(theirs.body.length);
  expect(ours.body === theirs.body).toBe(true);
}, 120_000);
