import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabaseGate, createTestDatabase } from '@certfolio/database/testing';
import { createStage, dataOf, toldFacts } from '../harness/index.ts';
import { askFresh, mirroredProduct, untilMirror, type Mirrored } from './mirrored.ts';

const stage = createStage();
let mirrored: Mirrored;
const query = '{ orders(first: 5) { totalCount nodes { id status container { name } } } organizations { id } }';

beforeAll(async () => {
  mirrored = await mirroredProduct(stage, { orders: 300 }, { env: { CERTFOLIO_REQUEST_TIMEOUT_MS: '5000' } });
  await untilMirror(mirrored.product, ({ isFilled }) => isFilled);
}, 120_000);

describe('with CertCentral down', () => {
  it('the mirror answers, young enough or marked as old; live says so; nothing has to be started again', async () => {
    const { emulator, product } = mirrored;
    const before = dataOf(await askFresh(product, '3600', query));
    await emulator.control('faults', { method: 'POST', body: { route: '*', kind: 'reset-before' } });

    const young = await askFresh(product, '3600', query);
    expect(dataOf(young)).toEqual(before);
    expect(toldFacts(young)).toMatchObject({ source: 'mirror', stale: false });

    // Nothing is as young as that by now, and nothing can be read.
    await sleep(1_100);
    const old = await askFresh(product, '1', query);
    expect(dataOf(old)).toEqual(before);
    expect(toldFacts(old)).toMatchObject({ source: 'mirror', stale: true });
    expect(toldFacts(old).dataAsOf).toMatch(/^20/);
    const file = await product.admin.fetch('/r/inventory-full.csv', { headers: { 'Certfolio-Fresh': '1' } });
    expect([file.status, file.headers.get('certfolio-stale')]).toEqual([200, 'true']);

    const live = await askFresh(product, 'live', '{ orders(first: 1) { nodes { id } } }');
    expect([live.status, live.json.errors?.[0]?.extensions?.['code']]).toEqual([502, 'UPSTREAM_UNAVAILABLE']);

    await emulator.control('faults', { method: 'DELETE' });
    let again = await askFresh(product, 'live', '{ orders(first: 1) { nodes { id } } }');
    for (let look = 0; look < 50 && again.status !== 200; look += 1) {
      await sleep(200);
      again = await askFresh(product, 'live', '{ orders(first: 1) { nodes { id } } }');
    }
    expect(toldFacts(again).source).toBe('live');
    const fresh = await askFresh(product, '1', query);
    expect(toldFacts(fresh)).toMatchObject({ stale: false });
  }, 60_000);
});

describe('with the database gone while a request is answered', () => {
  it('what the mirror was to answer is read live, and said to be', async () => {
    const database = await createTestDatabase();
    stage.defer(() => database.drop());
    const gate = await createDatabaseGate(database.url);
    stage.defer(() => gate.close());
    const { product } = await mirroredProduct(
      stage,
      { orders: 50, limits: 'off' },
      { env: { CERTFOLIO_DATABASE_URL: gate.url } },
    );
    await untilMirror(product, ({ isFilled }) => isFilled);
    // How the mirror stands is known for a second; what is asked within it meets a database that is no longer there.
    const before = await askFresh(product, '3600', query);
    expect(toldFacts(before).source).toBe('mirror');
    await gate.close();
    const during = await askFresh(product, '3600', query);
    expect(dataOf(during)).toEqual(dataOf(before));
    expect(toldFacts(during)).toMatchObject({ source: 'live', stale: false });
    await gate.open();
  }, 60_000);
});
