import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EmulatorProcess } from '@certfolio/testing';
import {
  askUpstream,
  callsOf,
  createStage,
  dataOf,
  toldFacts,
  type HttpAnswer,
  type ProductProcess,
} from '../harness/index.ts';

interface ListedOrder {
  readonly status: string;
  readonly price?: number;
  readonly certificate: { readonly valid_till?: string };
  readonly container: { readonly id: number };
}
interface Bucket {
  readonly key: readonly (string | null)[];
  readonly count: number;
  readonly costSum?: string | null;
}

const stage = createStage();
let emulator: EmulatorProcess;
let product: ProductProcess;
let all: readonly ListedOrder[];

beforeAll(async () => {
  emulator = await stage.emulator({ orders: 400 });
  product = await stage.productOn(emulator);
  all = ((await askUpstream(emulator, '/order/certificate')) as { orders: ListedOrder[] }).orders;
  expect(all).toHaveLength(400);
});

const bucketsOf = (answer: HttpAnswer) => dataOf<{ orderBuckets: Bucket[] }>(answer).orderBuckets;

/** Counted here, order by order, from what CertCentral says. */
function counted(orders: readonly ListedOrder[], keyOf: (order: ListedOrder) => string | null): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const order of orders) counts[String(keyOf(order))] = (counts[String(keyOf(order))] ?? 0) + 1;
  return counts;
}
const told = (buckets: readonly Bucket[]) =>
  Object.fromEntries(buckets.map(({ key, count }) => [key.map(String).join(' '), count]));

describe('orderBuckets', () => {
  it('counts all orders, whatever rows a key may have, for the calls of one read', async () => {
    const narrow = await product.createKey({ name: 'narrow', level: 'OPEN', limits: { rows: 10 } });
    const { result, stats } = await callsOf(emulator, () =>
      narrow.graphql('{ orderBuckets(groupBy: [status]) { key count } }'),
    );
    expect(told(bucketsOf(result))).toEqual(counted(all, ({ status }) => status));
    expect(toldFacts(result).truncated).toBe(false);
    expect(stats.total).toBeLessThanOrEqual(2);
  });

  it('counts by month, orders without a day last', async () => {
    const buckets = bucketsOf(await product.admin.graphql('{ orderBuckets(groupBy: [validTillMonth]) { key count } }'));
    const month = ({ certificate }: ListedOrder) =>
      certificate.valid_till === undefined ? null : `${certificate.valid_till.slice(0, 7)}-01`;
    expect(told(buckets)).toEqual(counted(all, month));
    const months = buckets.map(({ key }) => key[0]);
    expect(months.at(-1)).toBeNull();
    expect(months.slice(0, -1)).toEqual([...months.slice(0, -1)].sort());
  });

  it('sums costs to the cent', async () => {
    const buckets = bucketsOf(
      await product.admin.graphql('{ orderBuckets(groupBy: [containerId]) { key count costSum } }'),
    );
    for (const { key, costSum } of buckets) {
      const cents = all
        .filter(({ container }) => String(container.id) === key[0])
        .reduce((sum, { price = 0 }) => sum + Math.round(price * 100), 0);
      expect([key, costSum]).toEqual([key, (cents / 100).toFixed(2)]);
    }
  });

  it('counts for a key that is limited to a division its orders alone, also where the filter names another', async () => {
    const [own, other] = [...new Set(all.map(({ container }) => container.id))] as [number, number];
    const limited = await product.createKey({ name: 'limited', level: 'OPEN', containers: [own] });
    const nowhere = await product.createKey({ name: 'nowhere', level: 'OPEN', containers: [] });
    const ofOwn = all.filter(({ container }) => container.id === own);
    const byStatus = '{ orderBuckets(groupBy: [containerId, status]) { key count } }';
    expect(told(bucketsOf(await limited.graphql(byStatus)))).toEqual(
      counted(ofOwn, ({ status }) => `${own} ${status}`),
    );
    const elsewhere = `{ orderBuckets(groupBy: [status], filter: { containerId: { in: [${other}] } }) { key count } }`;
    expect(bucketsOf(await limited.graphql(elsewhere))).toEqual([]);
    expect(bucketsOf(await nowhere.graphql(byStatus))).toEqual([]);
  });
});
