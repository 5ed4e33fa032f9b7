import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, beforeEach, expect, it } from '@jest/globals';
import { createTestDatabase } from '@certfolio/database/testing';
import type { EmulatorProcess } from '@certfolio/testing';
import { createStage, runCommand, statsOf, type CreatedCaller, type ProductProcess } from '../harness/index.ts';
import { untilMirror } from '../mirror/mirrored.ts';
import { startHook, type Hook } from '../schedules/receivers.ts';

const stage = createStage();
const list = '/services/v2/order/certificate?limit=40';
let emulator: EmulatorProcess;
let products: readonly [ProductProcess, ProductProcess];
let start: () => Promise<ProductProcess>;
let hook: Hook;
let nagios: CreatedCaller;

beforeAll(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'certfolio-migration-'));
  stage.defer(() => rm(dir, { recursive: true, force: true }));
  const database = await createTestDatabase();
  stage.defer(() => database.drop());
  hook = await startHook();
  stage.defer(() => hook.stop());
  const now = new Date();
  const weekday = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'][now.getUTCDay()];
  await writeFile(join(dir, 'secret'), 'a-secret-that-both-sides-know-0123456789');
  // The backfill would take the calls that comparisons may only have when they are spare.
  await writeFile(
    join(dir, 'certfolio.yaml'),
    `destinations:
  owners: { kind: webhook, url: '${hook.url}', secretFile: secret }
egress: { allow: [127.0.0.1] }
mirror: { backfill: false }
migration:
  messages: { destination: owners, weekday: ${weekday}, at: '${now.toISOString().slice(11, 16)}', zone: UTC }
  comparisonsPerMinute: 600
`,
  );
  emulator = await stage.emulator({ orders: 120, limits: 'off' });
  const env = {
    CERTFOLIO_CONFIG: join(dir, 'certfolio.yaml'),
    CERTFOLIO_DATABASE_URL: database.url,
    CERTFOLIO_MIRROR: 'on',
  };
  start = () => stage.productOn(emulator, { env });
  products = await Promise.all([start(), start()]);
  await untilMirror(products[0], ({ isFilled }) => isFilled, 120_000);
  nagios = await products[0].createKey({ name: 'nagios', owner: 'web-team', level: 'OPEN', rest: 'WRITE' });
}, 300_000);

beforeEach(() => emulator.control('faults', { method: 'DELETE' }));

const call = (
  { key }: Pick<CreatedCaller, 'key'>,
  {
    path = list,
    on = 0,
    method = 'GET',
    headers = {},
  }: { path?: string; on?: 0 | 1; method?: string; headers?: object } = {},
) =>
  fetch(`${products[on].url}${path}`, {
    method,
    headers: { 'X-DC-DEVKEY': key, 'Content-Type': 'application/json', ...headers },
    ...(method === 'GET' ? {} : { body: '{"note":{"message":"hello"}}' }),
  });
const by = async (caller: Pick<CreatedCaller, 'key'>, options?: Parameters<typeof call>[1]) => {
  const response = await call(caller, options);
  await response.arrayBuffer();
  return response.headers.get('certfolio-answered-by');
};

async function certfolio(...args: readonly string[]) {
  const { code, stdout, stderr } = await runCommand({ url: products[0].url, key: products[0].adminKey }, [
    'migrate',
    ...args,
    '--json',
  ]);
  if (code !== 0) throw new Error(`certfolio migrate ${args.join(' ')}: ${stdout}${stderr}`);
  return JSON.parse(stdout);
}
const listOrders = async (...more: readonly string[]) =>
  (await certfolio('status', '--route', 'list-orders', ...more)).routes[0];

/** Asks until it holds, and no longer than a minute. */
async function within<T>(ask: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const untilMs = Date.now() + 45_000;
  for (;;) {
    const value = await ask();
    if (holds(value)) return value;
    if (Date.now() > untilMs) throw new Error(`It did not come to hold: ${JSON.stringify(value).slice(0, 3_000)}`);
    await sleep(500);
  }
}

/** Everything that was to be compared is compared, and counted. */
async function settled(): Promise<void> {
  for (const { url } of products)
    await within(
      async () => (await fetch(`${url}/metrics`)).text(),
      (text) => /^certfolio_migration_comparisons_waiting 0$/m.test(text),
    );
  // Counts are written every two seconds.
  await sleep(3_000);
}

/** In what a page of 40 tells; the graph reads other pages, or its mirror. */
const plant = () =>
  emulator.control('faults', {
    method: 'POST',
    body: {
      kind: 'wrong-field',
      route: 'GET /order/certificate',
      query: 'limit=40',
      field: 'status',
      value: 'planted',
    },
  });

it('finds no difference where there is none', async () => {
  await certfolio('route', 'list-orders', 'shadowed', '--reason', 'first look');
  for (let count = 0; count < 5; count += 1) expect(await by(nagios)).toBe('certcentral');
  const { parity, state } = await within(listOrders, (route) => route.parity.compared >= 5);
  expect([state, parity.different]).toEqual(['SHADOWED', 0]);
});

it('shows one planted wrong field with an example pair and its owner within a minute', async () => {
  await plant();
  expect(await (await call(nagios)).text()).toContain('"planted"');
  const { samples, fields, keys } = await within(
    () => listOrders('--samples'),
    // Counts and examples are read one after the other, and a write of both may come between.
    ({ samples: found, parity }) => found.length > 0 && parity.different > 0,
  );
  expect(samples[0]).toMatchObject({
    owner: 'web-team',
    keyId: nagios.id,
    field: 'orders[*].status',
    place: 'orders[0].status',
    legacy: '"planted"',
    call: 'GET /order/certificate?limit=40',
  });
  expect(samples[0].graph).not.toBe('"planted"');
  expect(fields[0]).toMatchObject({ field: 'orders[*].status', parity: { different: 1 } });
  expect(keys[0]).toMatchObject({ keyName: 'nagios', owner: 'web-team', parity: { different: 1 } });
});

it('takes a ramp at 50 % back to 0 by itself, with the reason in the audit log', async () => {
  await certfolio('ramp', 'list-orders', '50', '--max-latency', 'off');
  await plant();
  for (let count = 0; count < 3; count += 1) await by(nagios, { on: 1 });
  const route = await within(listOrders, ({ percent }) => percent === 0);
  expect(route).toMatchObject({ state: 'RAMPING', changedBy: 'automatic' });
  expect(route.reason).toMatch(/^Rolled back from 50 %: \d+ of \d+ compared answers differed; the gate allows 0.1 %.$/);
  const audit = await runCommand({ url: products[0].url, key: products[0].adminKey }, ['audit', 'list', '--json']);
  expect(audit.stdout).toContain('rollBackRamp');
  expect(audit.stdout).toContain('compared answers differed');
});

it('ignores a field by a rule', async () => {
  await certfolio('route', 'list-orders', 'shadowed');
  await certfolio(
    'ignore',
    'add',
    'orders[*].status',
    '--route',
    'list-orders',
    '--reason',
    'planted',
    '--until',
    '1d',
  );
  await sleep(6_000); // rules hold in every process after five seconds
  await plant();
  const before = await listOrders();
  await by(nagios);
  const after = await within(listOrders, ({ parity }) => parity.compared > before.parity.compared);
  expect(after.parity.different).toBe(before.parity.different);
  const [{ id }] = await certfolio('ignore', 'list');
  expect(await certfolio('ignore', 'remove', id)).toEqual({ id, outcome: 'removed' });
});

it('shows three keys at three stages, and test traffic changes none of it', async () => {
  const served = await products[0].createKey({ name: 'served', owner: 'cmdb', level: 'OPEN', rest: 'READ' });
  const proxied = await products[0].createKey({ name: 'proxied', owner: 'iot', level: 'OPEN', rest: 'READ' });
  await certfolio('route', 'list-orders', 'served', '--key', 'served');
  await certfolio('route', 'list-orders', 'proxied', '--key', 'proxied');
  expect([await by(served), await by(proxied), await by(nagios)]).toEqual(['graph', 'certcentral', 'certcentral']);
  await settled();
  const seen = await within(
    listOrders,
    ({ keys }) => keys.filter((key: { calls: number }) => key.calls > 0).length === 3,
  );
  const stages = new Map(seen.keys.map(({ keyName, state }: { keyName: string; state: string }) => [keyName, state]));
  expect([stages.get('served'), stages.get('proxied'), stages.get('nagios')]).toEqual([
    'SERVED',
    'PROXIED',
    'SHADOWED',
  ]);

  for (const caller of [served, proxied, nagios])
    for (let count = 0; count < 4; count += 1) await by(caller, { headers: { 'Certfolio-Test': '1' } });
  const after = await within(listOrders, ({ testCalls }) => testCalls >= seen.testCalls + 12);
  const known = ({ calls, lastCallAt, state, parity }: typeof seen) => ({ calls, lastCallAt, state, parity });
  expect(known(after)).toEqual(known(seen));
});

it('goes back on the next call of both gateways', async () => {
  await certfolio('route', 'list-orders', 'served');
  expect([await by(nagios), await by(nagios, { on: 1 })]).toEqual(['graph', 'graph']);
  await certfolio('rollback', 'list-orders', '--reason', 'enough');
  expect([await by(nagios, { on: 1 }), await by(nagios)]).toEqual(['certcentral', 'certcentral']);
});

it('compares what the graph answered as well', async () => {
  await certfolio('route', 'list-orders', 'served');
  await settled();
  const before = await listOrders();
  expect(await by(nagios)).toBe('graph');
  const after = await within(listOrders, ({ parity }) => parity.compared > before.parity.compared);
  expect(after.parity.different).toBe(before.parity.different);
});

it('never repeats a write', async () => {
  await emulator.control('stats', { method: 'DELETE' });
  const order = '/services/v2/order/certificate/730000';
  for (let count = 0; count < 3; count += 1) await by(nagios, { method: 'POST', path: `${order}/note` });
  await by(nagios, { method: 'PUT', path: `${order}/revoke` });
  const before = await listOrders();
  await by(nagios);
  await within(listOrders, ({ parity }) => parity.compared > before.parity.compared);
  const { calls } = await statsOf(emulator);
  expect(Object.entries(calls).filter(([route]) => !route.startsWith('GET '))).toEqual([
    ['POST /order/certificate/{id}/note', 3],
    ['PUT /order/certificate/{id}/revoke', 1],
  ]);
});

it('tells an owner once a week what its keys still call, from one of its processes', async () => {
  const told = () =>
    hook.calls.map(({ body }) => JSON.parse(body.toString())).filter(({ owner }) => owner === 'web-team');
  await within(
    async () => told().length,
    (count) => count > 0,
  );
  // Two look every half minute, and one more looks when it starts.
  await start();
  await sleep(5_000);
  expect(told()).toMatchObject([
    {
      kind: 'notice',
      title: 'REST calls of web-team',
      excerpt: { rows: expect.arrayContaining([expect.arrayContaining(['nagios', 'list-orders'])]) },
    },
  ]);
}, 150_000);
