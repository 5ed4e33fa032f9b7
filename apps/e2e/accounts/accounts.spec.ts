import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '@certfolio/database/testing';
import { spawnCertfolio, startCertfolio, type CertfolioProcess, type EmulatorProcess } from '@certfolio/testing';
import { askUpstream, createCaller, createStage, dataOf, runCommand, statsOf, type Caller } from '../harness/index.ts';

const stage = createStage();
const adminKey = 'end-to-end-admin-key-0123456789abcdef';
const secret = randomBytes(32).toString('hex');

let folder: string;
let databaseUrl: string;
/** Two accounts, which differ in seed and size. */
let america: EmulatorProcess;
let europe: EmulatorProcess;

beforeAll(async () => {
  const [database, made, ...emulators] = await Promise.all([
    createTestDatabase(),
    mkdtemp(join(tmpdir(), 'certfolio-accounts-')),
    stage.emulator({ orders: 60, seed: 1, keys: 'key-of-america' }),
    stage.emulator({ orders: 40, seed: 2, keys: 'key-of-europe:view-only' }),
  ]);
  stage.defer(() => database.drop());
  stage.defer(() => rm(made, { recursive: true, force: true, maxRetries: 3 }));
  folder = made;
  databaseUrl = database.url;
  [america, europe] = emulators as [EmulatorProcess, EmulatorProcess];
  await writeFile(join(folder, 'europe.key'), 'key-of-europe\n');
  await writeFile(
    join(folder, 'certfolio.yaml'),
    [
      'accounts:',
      '  europe:',
      `    baseUrl: ${europe.baseUrl}`,
      '    apiKeyFile: europe.key',
      '    budget: [{ calls: 40, windowMs: 5200 }, { calls: 400, windowMs: 181000 }]',
      '',
    ].join('\n'),
  );
});

/** The environment gives `default`, the file `europe`. */
const settings = (name: string) => ({
  CERTFOLIO_CONFIG: join(folder, 'certfolio.yaml'),
  CERTCENTRAL_API_KEY: 'key-of-america',
  CERTCENTRAL_BASE_URL: america.baseUrl,
  CERTFOLIO_DATABASE_URL: databaseUrl,
  CERTFOLIO_ADMIN_KEY: adminKey,
  CERTFOLIO_INTERNAL_SECRET: secret,
  CERTFOLIO_DATA_DIR: join(folder, name),
  // Calls are counted here.
  CERTFOLIO_MIRROR: 'off',
});

const query = '{ orders(first: 1000) { totalCount nodes { id dateCreated } } organizations { id name } }';
const rowsOf = async (caller: Caller) => {
  const { orders, organizations } = dataOf<{
    orders: { nodes: { id: string; dateCreated: string }[] };
    organizations: { id: string; name: string }[];
  }>(await caller.graphql(query));
  return {
    orders: orders.nodes.map(({ id, dateCreated }) => `${id} ${new Date(dateCreated).toISOString()}`).sort(),
    organizations: organizations.map(({ id, name }) => `${id} ${name}`).sort(),
  };
};

async function rowsAt(emulator: EmulatorProcess, key: string) {
  const { orders } = (await askUpstream(emulator, '/order/certificate', key)) as {
    orders: { id: number; date_created: string }[];
  };
  const { organizations } = (await askUpstream(emulator, '/organization', key)) as {
    organizations: { id: number; name: string }[];
  };
  return {
    orders: orders.map(({ id, date_created }) => `${id} ${new Date(date_created).toISOString()}`).sort(),
    organizations: organizations.map(({ id, name }) => `${id} ${name}`).sort(),
  };
}

async function callerOf(product: { readonly url: string }, account: string): Promise<Caller> {
  const made = await createCaller(product.url, adminKey).graphql(
    'mutation ($input: CreateKeyInput!) { createKey(input: $input) { secret key { account } } }',
    { input: { name: `${account}-${randomBytes(3).toString('hex')}`, level: 'OPEN', account } },
  );
  const { createKey } = dataOf<{ createKey: { secret: string; key: { account: string } } }>(made);
  expect(createKey.key.account).toBe(account);
  return createCaller(product.url, createKey.secret);
}

const budgetOf = async (product: { readonly url: string }, account: string) =>
  dataOf<{ upstream: { budget: { windows: { calls: number; free: number }[] } } }>(
    await createCaller(product.url, adminKey).graphql(
      'query ($account: String) { upstream(account: $account) { budget { windows { calls free } } } }',
      { account },
    ),
  ).upstream.budget.windows;

describe('one process with two accounts', () => {
  let product: CertfolioProcess;
  let american: Caller;
  let european: Caller;
  beforeAll(async () => {
    product = await startCertfolio({ env: settings('whole') });
    stage.defer(() => product.stop());
    [american, european] = [await callerOf(product, 'default'), await callerOf(product, 'europe')];
  });

  it('shows each key the rows of its own account, cached or not', async () => {
    const [first, second] = [await rowsAt(america, 'key-of-america'), await rowsAt(europe, 'key-of-europe')];
    expect(first.orders).toHaveLength(60);
    expect(second.orders).toHaveLength(40);
    expect(first.orders.filter((row) => second.orders.includes(row))).toEqual([]);
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await rowsOf(american)).toEqual(first);
      expect(await rowsOf(european)).toEqual(second);
    }
    // At the same moment, where runs in flight are shared.
    const together = await Promise.all([american, european, american, european].map(rowsOf));
    expect(together).toEqual([first, second, first, second]);
  });

  it('keeps answers of a template that may be old apart', async () => {
    const documents = await Promise.all(
      [american, european, american, european].map((caller) => caller.report('inventory-full.json')),
    );
    const ids = documents.map(({ json }) => json.rows!.map((row) => String(row['order_id'])).sort());
    expect(ids[0]).toEqual(ids[2]);
    expect(ids[1]).toEqual(ids[3]);
    const known = (await rowsAt(europe, 'key-of-europe')).orders.map((row) => row.split(' ', 1)[0]!);
    expect(ids[1]!.every((id) => known.includes(id))).toBe(true);
    expect(ids[0]).not.toEqual(ids[1]);
  });

  it('never sends a call of one account to the other, nor counts it there', async () => {
    await Promise.all([america, europe].map((emulator) => emulator.control('stats', { method: 'DELETE' })));
    const before = await budgetOf(product, 'default');
    const calls = (await statsOf(america)).total;
    await Promise.all(Array.from({ length: 15 }, (_, at) => european.graphql(`{ order(id: ${at + 1}) { id } }`)));
    expect((await statsOf(america)).total).toBe(calls);
    expect((await statsOf(europe)).total).toBeGreaterThanOrEqual(15);
    const [american, europeanLeft] = [await budgetOf(product, 'default'), await budgetOf(product, 'europe')];
    // The window of three minutes forgets nothing in this test; asking for the budget itself spends two calls.
    expect(american.map(({ calls: most }) => most)).toEqual([95, 980]);
    expect(before[1]!.free - american[1]!.free).toBe(2);
    expect(europeanLeft.map(({ calls: most }) => most)).toEqual([40, 400]);
    expect(europeanLeft[1]!.free).toBeLessThanOrEqual(400 - 15);
  });

  it('makes keys on the command line, for accounts there are', async () => {
    const admin = { url: product.url, key: adminKey };
    const made = await runCommand(admin, ['keys', 'create', '--name', 'by-hand', '--account', 'europe', '--json']);
    expect(JSON.parse(made.stdout)).toMatchObject({ name: 'by-hand', account: 'europe' });
    expect((await runCommand(admin, ['keys', 'show', 'by-hand'])).stdout).toMatch(/^account +europe$/m);
    expect((await runCommand(admin, ['keys', 'list'])).stdout).toMatch(/by-hand .*europe/);
    const wrong = await runCommand(admin, ['keys', 'create', '--name', 'other', '--account', 'euroe']);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('No upstream account of the name "euroe" is configured; the nearest is "europe".');
  });
});

describe('a gateway and hosts with two accounts', () => {
  let gateway: CertfolioProcess;
  beforeAll(async () => {
    const { CERTFOLIO_DATABASE_URL: database, CERTFOLIO_ADMIN_KEY: admin, ...host } = settings('host');
    const subgraphs = await startCertfolio({ app: 'subgraphs', env: host });
    stage.defer(() => subgraphs.stop());
    // Of the accounts it needs the names; their keys are not on its machine.
    const file = join(folder, 'gateway.yaml');
    await writeFile(
      file,
      [
        'accounts:',
        '  - { name: default, apiKeyFile: /nowhere/key }',
        '  - { name: europe, apiKeyEnv: NOT_HERE }',
        'subgraphs:',
        `  orders: ${subgraphs.url}/orders`,
        `  organizations: [${subgraphs.url}/organizations]`,
        `  account: ${subgraphs.url}/account`,
        '',
      ].join('\n'),
    );
    gateway = await startCertfolio({
      app: 'gateway',
      env: {
        CERTFOLIO_CONFIG: file,
        CERTFOLIO_DATABASE_URL: database,
        CERTFOLIO_ADMIN_KEY: admin,
        CERTFOLIO_INTERNAL_SECRET: secret,
        CERTFOLIO_DATA_DIR: join(folder, 'gateway'),
      },
    });
    stage.defer(() => gateway.stop());
  });

  it('shows each key the rows of its own account', async () => {
    expect(await rowsOf(await callerOf(gateway, 'default'))).toEqual(await rowsAt(america, 'key-of-america'));
    expect(await rowsOf(await callerOf(gateway, 'europe'))).toEqual(await rowsAt(europe, 'key-of-europe'));
  });

  it('tells the state of each account, and probes it, through the host that reads it', async () => {
    const admin = { url: gateway.url, key: adminKey };
    const state = JSON.parse((await runCommand(admin, ['doctor', '--account', 'europe', '--json'])).stdout);
    expect(state.upstream).toMatchObject({
      account: 'europe',
      host: new URL(europe.baseUrl).host,
      reachable: true,
      keyKind: 'view-only',
    });
    const probed = JSON.parse((await runCommand(admin, ['doctor', '--probe', '--json'], folder)).stdout);
    expect(probed.probe).toMatchObject({ account: 'default', host: new URL(america.baseUrl).host, calls: 10 });
    const wrong = await runCommand(admin, ['keys', 'create', '--name', 'other', '--account', 'asia']);
    expect(wrong.stderr).toContain('there are default, europe');
  });
});

it('a mistake in the file stops the start with its line, beside those of the environment', async () => {
  const file = join(folder, 'wrong.yaml');
  await writeFile(
    file,
    'accounts:\n  europe:\n    baseUrl: http://certcentral.digicert.eu/services/v2\n    apiKeyFile: europe.key\nmirorr: {}\n',
  );
  const { ended } = spawnCertfolio({ env: { ...settings('wrong'), CERTFOLIO_CONFIG: file, LOG_LEVEL: 'loud' } });
  const { code, stderr } = await ended;
  expect(code).toBe(1);
  expect(stderr).toContain(`${file}:5 mirorr: is not known; the nearest is "mirror"`);
  expect(stderr).toContain(`${file}:2 accounts.europe: "http://certcentral.digicert.eu" is not https`);
  expect(stderr).toContain('LOG_LEVEL: must be one of');
});
