import { createServer, type AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { createTestDatabase } from '@certfolio/database/testing';
import { untilMirror } from '../mirror/mirrored.ts';
import { askUpstream, createStage, dataOf, type Caller, type ProductProcess } from '../harness/index.ts';

const stage = createStage();

/** A database to start on more than once; the embedded one has its turn where the mirror is off, and takes longer. */
async function keptDatabase(): Promise<Readonly<Record<string, string>>> {
  const database = await createTestDatabase();
  stage.defer(() => database.drop());
  return { CERTFOLIO_DATABASE_URL: database.url };
}

const namesOf = async (caller: Caller) => {
  const typed = dataOf<{ orders: { nodes: { id: string; certificate: { commonName: string } }[] } }>(
    await caller.graphql('{ orders(first: 1000) { nodes { id certificate { commonName } } } }'),
  ).orders.nodes.map(({ id, certificate }) => `${id} ${certificate.commonName}`);
  return typed.sort();
};
/** Orders of two seeds can have the same id and name by chance, but not the same second of creation too. */
const birthsOf = async (caller: Caller) =>
  dataOf<{ orders: { nodes: { id: string; dateCreated: string }[] } }>(
    await caller.graphql('{ orders(first: 1000) { nodes { id dateCreated } } }'),
  ).orders.nodes.map(({ id, dateCreated }) => `${id} ${dateCreated}`);
const reportOf = async (caller: Caller) =>
  (await caller.report('inventory-full.json')).json
    .rows!.map((row) => `${row['order_id']} ${row['common_name']}`)
    .sort();
const organizationsOf = async (caller: Caller) =>
  dataOf<{ organizations: { id: string; name: string }[] }>(await caller.graphql('{ organizations { id name } }'));

it.each(['off', 'on'])(
  'shows no row of the emulator once a key and an address of another upstream are set, and knows its keys again (mirror %s)',
  async (mode) => {
    const mirror = { CERTFOLIO_MIRROR: mode, ...(mode === 'on' ? await keptDatabase() : {}) };
    const settle = async (product: ProductProcess) => {
      if (mode === 'on') await untilMirror(product, ({ isFilled }) => isFilled);
    };
    const dataDir = await mkdtemp(join(tmpdir(), 'certfolio-e2e-'));
    stage.defer(() => rm(dataDir, { recursive: true, force: true, maxRetries: 3 }));

    const first = await stage.product({ dataDir, env: { ...mirror, EMULATOR_ORDERS: '120', EMULATOR_SEED: '1' } });
    await settle(first);
    const key = await first.createKey({ name: 'script', level: 'OPEN' });
    const before = {
      names: await namesOf(key),
      report: await reportOf(key),
      organizations: await organizationsOf(key),
    };
    expect(before.names).toHaveLength(120);
    expect(await first.stop()).toBe(0);

    const other = await stage.emulator({ orders: 80, seed: 7 });
    const second: ProductProcess = await stage.productOn(other, { dataDir, env: mirror });
    await settle(second);
    const again = second.as(key.key);
    const { orders } = (await askUpstream(other, '/order/certificate')) as {
      orders: { id: number; status: string; certificate: { common_name: string } }[];
    };
    const theirs = orders.map(({ id, certificate }) => `${id} ${certificate.common_name}`).sort();
    expect(await namesOf(again)).toEqual(theirs);
    expect((await reportOf(again)).length).toBeGreaterThan(0);
    expect((await reportOf(again)).filter((row) => !theirs.includes(row))).toEqual([]);
    // Rows of the first that the second has not, by id.
    const gone = before.names.filter((row) => !theirs.includes(row)).map((row) => row.split(' ', 1)[0]!);
    expect(gone.length).toBeGreaterThan(60);
    const unknown = gone.filter((id) => !orders.some((order) => String(order.id) === id)).slice(0, 20);
    const byId = dataOf(await again.graphql(`{ ${unknown.map((id) => `o${id}: order(id: ${id}) { id }`).join(' ')} }`));
    expect(unknown.length).toBeGreaterThan(0);
    expect(Object.values(byId).filter((order) => order !== null)).toEqual([]);
    const { upstream } = dataOf<{ upstream: { host: string; keyKind: string } }>(
      await second.admin.graphql('{ upstream { host keyKind } }'),
    );
    expect(upstream.host).toBe(new URL(other.baseUrl).host);
    expect(upstream.keyKind).not.toBe('emulator');
    expect(await second.stop()).toBe(0);
  },
);

it('comes back to the emulator’s rows without the key', async () => {
  const emulator = await stage.emulator({ orders: 40, seed: 3 });
  const dataDir = await mkdtemp(join(tmpdir(), 'certfolio-e2e-'));
  stage.defer(() => rm(dataDir, { recursive: true, force: true, maxRetries: 3 }));
  const kept = await keptDatabase();
  const first = await stage.productOn(emulator, { dataDir, env: kept });
  const fromFirst = await birthsOf(first.admin);
  expect(await first.stop()).toBe(0);
  const second = await stage.product({ dataDir, env: { ...kept, EMULATOR_ORDERS: '60', EMULATOR_SEED: '1' } });
  const fromSecond = await birthsOf(second.admin);
  expect(fromFirst).toHaveLength(40);
  expect(fromSecond).toHaveLength(60);
  expect(fromSecond.filter((row) => fromFirst.includes(row))).toEqual([]);
});

it('shows the bundled emulator as it is at this start, not what was mirrored of an earlier one at the same address', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'certfolio-e2e-'));
  stage.defer(() => rm(dataDir, { recursive: true, force: true, maxRetries: 3 }));
  const kept = await keptDatabase();
  const EMULATOR_PORT = String(await freePort());
  const start = (seed: string) =>
    stage.product({
      dataDir,
      env: { ...kept, CERTFOLIO_MIRROR: 'on', EMULATOR_PORT, EMULATOR_ORDERS: '90', EMULATOR_SEED: seed },
    });
  const first = await start('1');
  await untilMirror(first, ({ isFilled }) => isFilled);
  const fromFirst = await birthsOf(first.admin);
  expect(await first.stop()).toBe(0);
  const second = await start('8');
  // At once, and when its own mirror is there.
  for (const look of ['at once', 'filled']) {
    if (look === 'filled') await untilMirror(second, ({ isFilled }) => isFilled);
    const fromSecond = await birthsOf(second.admin);
    expect([look, fromSecond.length]).toEqual([look, 90]);
    expect(fromSecond.filter((row) => fromFirst.includes(row))).toEqual([]);
  }
}, 120_000);

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
