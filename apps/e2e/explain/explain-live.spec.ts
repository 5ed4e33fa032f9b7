import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EmulatorProcess } from '@certfolio/testing';
import { callsOf, createFreshProducts, createStage, type ProductProcess } from '../harness/index.ts';

const stage = createStage();
const freshProductOn = createFreshProducts(stage);

interface Explained {
  readonly template: { readonly name: string };
  readonly cost: { readonly estimated: number; readonly isGuess: boolean };
  readonly upstreamCalls: number;
  readonly source: string;
  readonly plans: readonly string[];
  readonly budget: readonly { readonly calls: number; readonly windowMs: number; readonly free: number }[];
}

describe('what explain says of a live run', () => {
  let emulator: EmulatorProcess;
  let product: ProductProcess;

  beforeAll(async () => {
    emulator = await stage.emulator({ orders: 1_500 });
    product = await freshProductOn(emulator);
  });

  it.each([
    'expiring-soon?days=30',
    'inventory-full',
    'revoked',
    'stuck-orders',
    'wildcards',
    'orders-by-organization',
    'inventory-full?first=5',
  ])('%s takes the calls that were foretold, give or take one, and foretelling takes none', async (path) => {
    const [name, search = ''] = path.split('?');
    const { result: explained, stats: spent } = await callsOf(emulator, () =>
      product.admin.report(`${name}/explain?${search}`),
    );
    expect([explained.status, spent.total]).toEqual([200, 0]);
    const plan = explained.json as unknown as Explained; // no GraphQL body, which the caller's type takes it for
    expect(plan).toMatchObject({ template: { name }, source: 'live', cost: { estimated: expect.any(Number) } });
    expect(plan.plans.length).toBeGreaterThan(0);
    expect(plan.budget.map(({ calls }) => calls)).toEqual([95, 980]);

    const { result, stats } = await callsOf(emulator, () => product.admin.report(`${name}.json?${search}`));
    expect(result.status).toBe(200);
    const isClose = Math.abs(stats.total - plan.upstreamCalls) <= 1;
    expect({ isClose, plan, stats }).toEqual({ isClose: true, plan, stats });
  });

  it('is a guess without a mirror, until a run has told', async () => {
    const costOf = async () =>
      ((await product.admin.report('pqc-readiness/explain')).json as unknown as Explained).cost; // as above
    expect(await costOf()).toMatchObject({ isGuess: true });
    expect((await product.admin.report('pqc-readiness.json')).status).toBe(200);
    expect(await costOf()).toMatchObject({ isGuess: false });
  });

  it('is refused as the run would be', async () => {
    const refused = async (path: string) => {
      const { status, json } = await product.admin.report(path);
      return [status, json.errors?.[0]?.extensions?.['code']];
    };
    expect(await refused('nothing/explain')).toEqual([404, 'PERSISTED_QUERY_NOT_IN_LIST']);
    expect(await refused('expiring-soon/explain?days=soon')).toEqual([400, 'BAD_USER_INPUT']);
    const limited = await product.createKey({ name: 'revoked-only', templates: { names: ['revoked'] } });
    expect((await limited.report('expiring-soon/explain')).status).toBe(404);
    expect((await limited.report('revoked/explain')).status).toBe(200);
  });

  it('refuses an age that is none, at every door', async () => {
    const headers = { 'Certfolio-Fresh': 'yesterday' };
    for (const path of ['/r/revoked.json', '/r/revoked/explain', '/graphql/revoked']) {
      const { status, json } = await product.admin.fetch(path, { headers });
      expect([path, status, json.errors?.[0]?.extensions?.['code']]).toEqual([path, 400, 'BAD_REQUEST']);
    }
    for (const fresh of ['live', 'mirror', '0', '3600']) {
      const { status } = await product.admin.fetch('/r/revoked/explain', { headers: { 'Certfolio-Fresh': fresh } });
      expect([fresh, status]).toEqual([fresh, 200]);
    }
  });
});
