import { beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import {
  askUpstream,
  callsOf,
  createStage,
  customReportsFields,
  dataOf,
  statsOf,
  toldFacts,
  type HttpAnswer,
} from '../harness/index.ts';
import { askFresh, mirroredProduct, untilMirror, type Mirrored } from './mirrored.ts';

const stage = createStage();
const orders = 2_000;
let mirrored: Mirrored;

beforeAll(async () => {
  mirrored = await mirroredProduct(stage, { orders });
  await untilMirror(mirrored.product, ({ isFilled }) => isFilled);
}, 120_000);

const sameRows = (a: HttpAnswer, b: HttpAnswer) => expect(a.json.data).toEqual(b.json.data);

describe('a filled mirror', () => {
  it('took at most five calls for the rows of all orders, and one per thousand rows of other lists', async () => {
    const { calls } = await statsOf(mirrored.emulator);
    const ofOrders = ['GET /report/order', 'POST /reports/query', 'GET /account'].reduce(
      (sum, route) => sum + (calls[route] ?? 0),
      0,
    );
    expect({ ofOrders, calls }).toEqual({ ofOrders: expect.any(Number), calls: expect.any(Object) });
    expect(ofOrders).toBeLessThanOrEqual(4);
    // One of the list's calls counts, the others are its pages.
    expect(calls['GET /order/certificate'] ?? 0).toBeLessThanOrEqual(1 + orders / 1_000 + 1);
    expect(calls['GET /order/certificate/{order_id}'] ?? 0).toBe(0);
  });

  it('gives all 62 fields of every order without a call, as a live read gives them', async () => {
    const { emulator, product } = mirrored;
    const query = `{ order_details { ${(await customReportsFields(product)).join(' ')} } }`;
    const { result: mirror, stats } = await callsOf(emulator, () => askFresh(product, 'mirror', query));
    expect(stats.total).toBe(0);
    expect(toldFacts(mirror)).toMatchObject({ source: 'mirror', upstreamCalls: 0, stale: false, truncated: false });
    const live = await askFresh(product, 'live', query);
    expect(toldFacts(live).source).toBe('live');
    const byId = (answer: HttpAnswer) =>
      dataOf<{ order_details: { id: string }[] }>(answer).order_details.toSorted((a, b) => Number(a.id) - Number(b.id));
    expect(byId(mirror)).toHaveLength(orders);
    expect(byId(mirror)).toEqual(byId(live));
  });

  it('gives the whole inventory as CSV without a call, and says how old it is', async () => {
    const { emulator, product } = mirrored;
    const { result, stats } = await callsOf(emulator, () => product.admin.report('inventory-full.csv'));
    expect([result.status, stats.total]).toEqual([200, 0]);
    expect(result.headers.get('certfolio-source')).toBe('mirror');
    expect(Date.now() - Date.parse(result.headers.get('certfolio-data-as-of')!)).toBeLessThan(300_000);
    const rows: string[][] = parse(result.text, { bom: true });
    const { page } = (await askUpstream(emulator, '/order/certificate?filters[status]=issued&limit=1')) as {
      page: { total: number };
    };
    // The list counts expired orders as issued; the template does not.
    expect(rows.length - 1).toBeGreaterThan(orders / 3);
    expect(rows.length - 1).toBeLessThanOrEqual(page.total);
  });

  it('answers orders by id with their organization, and each list, without a call', async () => {
    const { emulator, product } = mirrored;
    const { result, stats } = await callsOf(emulator, () =>
      product.admin.graphql(`{
        orders(first: 50) { totalCount nodes { id certificate { commonName keyAlgorithm } organization { id name city } } }
        organizations { id name } domains { id name }
      }`),
    );
    const data = dataOf<{ orders: { totalCount: number; nodes: { id: string }[] } }>(result);
    expect(data.orders.totalCount).toBe(orders);
    expect(stats.total).toBe(0);
    const [{ id }] = data.orders.nodes as [{ id: string }];
    const { result: one, stats: spent } = await callsOf(emulator, () =>
      product.admin.graphql(`{ order(id: ${id}) { id status certificate { serialNumber } } }`),
    );
    expect(dataOf(one)).toMatchObject({ order: { id } });
    expect(spent.total).toBe(0);
  });

  it('reads an order live when told to, by one call, and later answers it from there', async () => {
    const { emulator, product } = mirrored;
    const { orders: listed } = (await askUpstream(emulator, '/order/certificate?limit=1')) as {
      orders: { id: number }[];
    };
    const id = listed[0]!.id;
    await emulator.control(`orders/${id}`, { method: 'PATCH', body: { additional_emails: ['new@owner.test'] } });
    const query = `{ order(id: ${id}) { additionalEmails } }`;
    const seen = async (fresh: string) => {
      const { result, stats } = await callsOf(emulator, () => askFresh(product, fresh, query));
      return [dataOf<{ order: { additionalEmails: string[] } }>(result).order.additionalEmails, stats.total];
    };
    expect((await seen('mirror'))[1]).toBe(0);
    expect(await seen('live')).toEqual([['new@owner.test'], 1]);
    // Written back a moment after the answer.
    let later = await seen('mirror');
    for (let look = 0; look < 20 && JSON.stringify(later[0]) !== '["new@owner.test"]'; look += 1)
      later = await seen('mirror');
    expect(later).toEqual([['new@owner.test'], 0]);
  });

  it('foretells no calls, and takes none', async () => {
    const { emulator, product } = mirrored;
    for (const name of [
      'expiring-soon',
      'inventory-full',
      'revoked',
      'stuck-orders',
      'wildcards',
      'orders-by-organization',
    ]) {
      const { result, stats } = await callsOf(emulator, async () => {
        const explained = await product.admin.report(`${name}/explain`);
        const run = await product.admin.report(`${name}.json`);
        return { explained, run };
      });
      expect({ name, status: result.run.status, ...result.explained.json }).toMatchObject({
        name,
        status: 200,
        upstreamCalls: 0,
        source: 'mirror',
      });
      expect([name, stats.total]).toEqual([name, 0]);
    }
  });

  it('answers five hundred different queries at once, correctly and without a call', async () => {
    const { emulator, product } = mirrored;
    const caller = await product.createKey({
      name: 'burst',
      level: 'OPEN',
      limits: { requestsPerMinute: 6_000, burst: 6_000, concurrent: 1_000 },
    });
    type Listed = { id: number; status: string; certificate: { common_name: string } };
    const { orders: listed } = (await askUpstream(emulator, '/order/certificate?limit=500')) as { orders: Listed[] };
    const { result: answers, stats } = await callsOf(emulator, () =>
      Promise.all(
        listed.map(async ({ id }, at) => {
          return caller.graphql(
            at % 2 === 0
              ? `{ order(id: ${id}) { id status certificate { commonName } } }`
              : `{ orders(first: 1, filter: { id: { in: [${id}] } }) { nodes { id status certificate { commonName } } } }`,
          );
        }),
      ),
    );
    for (const [at, { id, status, certificate }] of listed.entries()) {
      const data = dataOf<{ order?: unknown; orders?: { nodes: unknown[] } }>(answers[at]!);
      expect(data.order ?? data.orders!.nodes[0]).toEqual({
        id: String(id),
        status,
        certificate: { commonName: certificate.common_name },
      });
    }
    expect(stats.total).toBe(0);
  });

  it('answers a key of one division as a live read would, counts included', async () => {
    const { emulator, product } = mirrored;
    const { containers } = (await askUpstream(emulator, '/container')) as { containers: { id: number }[] };
    const division = containers.at(-1)!.id;
    const caller = await product.createKey({ name: 'one-division', level: 'OPEN', containers: [division] });
    const query =
      '{ orders(first: 1000) { totalCount nodes { id container { id } } } orderBuckets(groupBy: [status]) { count } }';
    const ask = (fresh: string) =>
      caller.fetch('/graphql', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Certfolio-Fresh': fresh },
        body: JSON.stringify({ query }),
      });
    const [mirror, live] = [await ask('mirror'), await ask('live')];
    sameRows(mirror, live);
    type Scoped = {
      orders: { totalCount: number; nodes: { container: { id: string } }[] };
      orderBuckets: { count: number }[];
    };
    const { orders: shown, orderBuckets } = dataOf<Scoped>(mirror);
    expect(new Set(shown.nodes.map(({ container }) => container.id))).toEqual(new Set([String(division)]));
    expect(orderBuckets.reduce((sum, { count }) => sum + count, 0)).toBe(shown.totalCount);
    expect(shown.totalCount).toBeLessThan(orders);
  });
});
