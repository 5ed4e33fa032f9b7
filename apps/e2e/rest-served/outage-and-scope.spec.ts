import { beforeAll, describe, expect, it } from '@jest/globals';
import { createStage, dataOf } from '../harness/index.ts';
import { askSide, type Side } from './both-sides.ts';
import type { ListedOrder } from './generated-calls.ts';
import { servedProduct, type ServedProduct } from './served-product.ts';

const stage = createStage();
let served: ServedProduct;
let all: readonly ListedOrder[];

beforeAll(async () => {
  served = await servedProduct(stage, { orders: 60 });
  const { body } = await askSide(served.sides.upstream, { path: '/order/certificate?limit=1000' });
  all = (JSON.parse(body) as { orders: readonly ListedOrder[] }).orders;
}, 300_000);

/** The same door for a key of its own. */
async function sideFor(input: Readonly<Record<string, unknown>>): Promise<Side> {
  const { key } = await served.product.createKey({ level: 'OPEN', rest: 'READ', ...input });
  return { baseUrl: served.sides.ours.baseUrl, key };
}

describe('a key that is limited to one division', () => {
  it('gets its rows alone, and a total that counts them', async () => {
    const counts = new Map<number, number>();
    for (const { container } of all) counts.set(container.id, (counts.get(container.id) ?? 0) + 1);
    const [[division, count]] = [...counts].sort(([, one], [, other]) => other - one) as [[number, number]];
    expect(count).toBeGreaterThan(5);
    expect(count).toBeLessThan(all.length);
    const side = await sideFor({ name: 'one-division', containers: [division] });

    const { status, body, by } = await askSide(side, { path: '/order/certificate?limit=3' });
    expect([status, by]).toEqual([200, 'graph']);
    const { orders, page } = JSON.parse(body) as { orders: readonly ListedOrder[]; page: object };
    expect(page).toEqual({ total: count, limit: 3, offset: 0 });
    expect(orders).toEqual(all.filter(({ container }) => container.id === division).slice(0, 3));

    const other = all.find(({ container }) => container.id !== division)!;
    expect(await askSide(side, { path: `/order/certificate/${other.id}` })).toMatchObject({ status: 404, by: 'graph' });
    expect(
      await askSide(side, { path: '/order/certificate?filters[container_id]=' + other.container.id }),
    ).toMatchObject({
      body: expect.stringContaining('"orders":[],"page":{"total":0'),
    });
    const report = await askSide(side, { path: '/report/order' });
    expect(report.body.match(/^"7\d{5}"/gm)).toHaveLength(count);
  });

  it('is refused what cannot be held to its divisions, and what the graph cannot tell exactly', async () => {
    const side = await sideFor({ name: 'division-too', containers: [all[0]!.container.id] });
    for (const path of [
      '/organization',
      '/user',
      '/order/certificate/status-changes?minutes=5',
      '/order/certificate?filters[email]=a@acme.test',
    ])
      expect([path, await askSide(side, { path })]).toMatchObject([
        path,
        { status: 403, body: expect.stringContaining('missing_permission') },
      ]);
  });
});

it('a key without the right to a sensitive field is refused by name', async () => {
  const side = await sideFor({ name: 'no-costs', fields: ['csr', 'email', 'customFields'] });
  expect(await askSide(side, { path: '/order/certificate?limit=1' })).toMatchObject({
    status: 403,
    body: expect.stringContaining('Order.restListItem'),
  });
});

it('stands in the usage of templates under the built-in template, which is in no list of reports', async () => {
  await askSide(served.sides.ours, { path: '/order/certificate?limit=1' });
  const { template, templates } = dataOf<{
    template: { name: string; version: number } | null;
    templates: readonly { name: string }[];
  }>(await served.product.admin.graphql('{ template(ref: "rest-orders") { name version } templates { name } }'));
  expect(template).toEqual({ name: 'rest-orders', version: 1 });
  expect(templates.filter(({ name }) => name.startsWith('rest-'))).toEqual([]);
});

describe('with CertCentral down', () => {
  beforeAll(() => served.emulator.stop());

  it('the mirror answers, with the age of its data', async () => {
    const known = all.find(({ certificate }) => certificate.serial_number !== undefined)!;
    for (const path of [
      '/order/certificate?limit=5',
      `/order/certificate/${known.id}`,
      `/order/certificate/${known.certificate.serial_number}`,
      `/order/certificate/${known.id}/duplicate`,
      '/report/order?limit=5',
      '/report/order/expiring',
    ]) {
      const { status, by, asOf } = await askSide(served.sides.ours, { path });
      expect([path, status, by]).toEqual([path, 200, 'graph']);
      expect(Date.parse(asOf ?? '')).toBeLessThanOrEqual(Date.now());
    }
  }, 60_000);

  it('what only CertCentral knows fails as CertCentral would', async () => {
    const { status, body } = await askSide(served.sides.ours, { path: '/order/certificate/status-changes?minutes=5' });
    expect(status).toBeGreaterThanOrEqual(502);
    expect(JSON.parse(body)).toEqual({ errors: [{ code: expect.any(String), message: expect.any(String) }] });
  }, 60_000);
});
