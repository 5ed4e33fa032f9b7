import { createHmac, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import {
  spawnCertfolio,
  startCertfolio,
  startEmulator,
  type CertfolioProcess,
  type EmulatorProcess,
} from '@certfolio/testing';
import { createCaller, dataOf, type Caller, type HttpAnswer } from '../harness/index.ts';

const secret = randomBytes(32).toString('hex');
const adminKey = randomBytes(24).toString('hex');
const orders = 400;

let database: TestDatabase;
let folder: string;
let emulator: EmulatorProcess;
let ordersHost: CertfolioProcess;
/** Serves `account` too. */
let organizationsHost: CertfolioProcess;
/** Asks the two hosts. */
let gateway: CertfolioProcess;
/** Does all by itself, on the same upstream and with the same keys. */
let whole: CertfolioProcess;

beforeAll(async () => {
  [database, folder, emulator] = await Promise.all([
    createTestDatabase(),
    mkdtemp(join(tmpdir(), 'certfolio-hosts-')),
    startEmulator({ orders, limits: 'off' }),
  ]);
  const upstream = { CERTCENTRAL_API_KEY: 'upstream-key', CERTCENTRAL_BASE_URL: emulator.baseUrl };
  const host = (names: string, port = '0') =>
    startCertfolio({
      app: 'subgraphs',
      env: {
        ...upstream,
        PORT: port,
        CERTFOLIO_INTERNAL_SECRET: secret,
        CERTFOLIO_SUBGRAPHS: names,
        CERTFOLIO_DATA_DIR: join(folder, names),
      },
    });
  startOrganizations = (port) => host('organizations,account', port);
  [ordersHost, organizationsHost] = await Promise.all([host('orders'), startOrganizations('0')]);
  const keys = { CERTFOLIO_DATABASE_URL: database.url, CERTFOLIO_ADMIN_KEY: adminKey };
  gateway = await startCertfolio({ app: 'gateway', env: gatewayEnv() });
  whole = await startCertfolio({ env: { ...upstream, ...keys, CERTFOLIO_DATA_DIR: join(folder, 'whole') } });
});
let startOrganizations: (port: string) => Promise<CertfolioProcess>;

const gatewayEnv = () => ({
  CERTFOLIO_DATABASE_URL: database.url,
  CERTFOLIO_ADMIN_KEY: adminKey,
  CERTFOLIO_INTERNAL_SECRET: secret,
  CERTFOLIO_DATA_DIR: join(folder, 'gateway'),
  CERTFOLIO_SUBGRAPH_URLS: `orders=${ordersHost.url}/orders,organizations=${organizationsHost.url}/organizations,account=${organizationsHost.url}/account`,
});

afterAll(async () => {
  const processes = [gateway, whole, ordersHost, organizationsHost].filter((each) => each !== undefined);
  const ends = await Promise.all(processes.map((each) => each.stop()));
  await emulator?.stop();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
  expect(ends.map(({ code }) => code)).toEqual(ends.map(() => 0));
});

const admin = (process: CertfolioProcess) => createCaller(process.url, adminKey);

async function makeKey(input: object): Promise<(process: CertfolioProcess) => Caller> {
  const made = await admin(gateway).graphql(
    'mutation ($input: CreateKeyInput!) { createKey(input: $input) { secret } }',
    {
      input: { name: `key-${randomBytes(4).toString('hex')}`, ...input },
    },
  );
  const { createKey } = dataOf<{ createKey: { secret: string } }>(made);
  return ({ url }) => createCaller(url, createKey.secret);
}

describe('a subgraph that is called directly', () => {
  const ask = (headers: Record<string, string>, path = '/orders', query = '{ orders(first: 1) { totalCount } }') =>
    fetch(`${ordersHost.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    });
  const identity = (changes: object = {}, principal: object = {}) => ({
    requestId: 'direct',
    expiresAtMs: Date.now() + 30_000,
    deadlineMs: Date.now() + 30_000,
    maxAgeMs: 0,
    planOnly: false,
    run: null,
    principal: {
      ...{
        keyId: 'k',
        keyName: 'k',
        owner: 'o',
        level: 'open',
        templates: 'all',
        scopes: [],
        containers: 'all',
        fields: 'all',
      },
      limits: { requestsPerMinute: 1, burst: 1, costPerMinute: 5_000_000, rows: 1_000, concurrent: 1, mode: 'enforce' },
      ...{ account: 'default', lane: 'interactive' },
      ...principal,
    },
    ...changes,
  });
  const sign = (value: object, by = secret) => {
    const payload = Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${payload}.${createHmac('sha256', by).update(payload).digest('base64url')}`;
  };

  it('answers a caller whose identity is signed', async () => {
    const response = await ask({ 'certfolio-identity': sign(identity()) });
    expect([response.status, ((await response.json()) as { data: object }).data]).toEqual([
      200,
      { orders: { totalCount: orders } },
    ]);
  });

  it('answers 401 without an identity, with a tampered, an expired, a foreign or a nonsensical one', async () => {
    const [payload, signature] = sign(identity({}, { containers: [] })).split('.') as [string, string];
    const [wider] = sign(identity()).split('.') as [string, string];
    const headers: Record<string, string>[] = [
      {},
      { authorization: `Bearer ${adminKey}` },
      { 'certfolio-identity': '' },
      { 'certfolio-identity': 'a.b' },
      { 'certfolio-identity': payload },
      { 'certfolio-identity': `${payload}.` },
      { 'certfolio-identity': `${wider}.${signature}` },
      { 'certfolio-identity': `${payload}.${signature.slice(0, -1)}${signature.endsWith('A') ? 'B' : 'A'}` },
      { 'certfolio-identity': `${payload}.${signature}.${signature}` },
      { 'certfolio-identity': sign(identity({ expiresAtMs: Date.now() - 1 })) },
      { 'certfolio-identity': sign(identity(), 'x'.repeat(64)) },
      { 'certfolio-identity': sign(identity(), '') },
      { 'certfolio-identity': sign({}) },
      { 'certfolio-identity': sign(identity({}, { level: 'root' })) },
    ];
    for (const [index, each] of headers.entries()) {
      for (const query of [
        '{ orders(first: 1) { totalCount } }',
        '{ _service { sdl } }',
        '{ __schema { queryType { name } } }',
      ]) {
        const response = await ask(each, '/orders', query);
        const body = (await response.json()) as { errors: { extensions: object }[]; data?: unknown };
        expect([index, response.status, body.errors[0]!.extensions, body.data]).toEqual([
          index,
          401,
          { code: 'UNAUTHENTICATED' },
          undefined,
        ]);
      }
    }
  });

  it('serves what it was told to serve and nothing else', async () => {
    const headers = { 'certfolio-identity': sign(identity()) };
    expect((await ask(headers, '/organizations')).status).toBe(404);
    expect((await ask(headers, '/__proto__')).status).toBe(404);
    expect((await fetch(`${ordersHost.url}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${ordersHost.url}/readyz`)).json()).toEqual({
      status: 'ready',
      parts: { orders: 'ok' },
    });
  });

  it('tells the state of the upstream account to administrators only', async () => {
    const status = (headers: Record<string, string>, body: object = { account: 'default' }) =>
      fetch(`${ordersHost.url}/upstream/status`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
    const admins = { 'certfolio-identity': sign(identity({}, { scopes: ['admin'] })) };
    expect(await (await status(admins)).json()).toMatchObject({ account: 'default', reachable: true });
    expect((await status({})).status).toBe(401);
    expect((await status({ 'certfolio-identity': sign(identity()) })).status).toBe(403);
    expect((await status(admins, {})).status).toBe(400);
    const unknown = await status(admins, { account: '__proto__' });
    expect([unknown.status, await unknown.json()]).toMatchObject([
      400,
      { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
    ]);
  });

  it('sees only the divisions of the signed scope', async () => {
    const response = await ask({ 'certfolio-identity': sign(identity({}, { containers: [] })) });
    expect(((await response.json()) as { data: object }).data).toEqual({ orders: { totalCount: 0 } });
  });
});

describe('the gateway with its subgraphs over HTTP', () => {
  const query = `{
    orders(first: 300, filter: { status: { in: [issued, pending, revoked] } }) {
      totalCount
      nodes { id status certificate { commonName dnsNames validTill } container { name } product { name } organization { id name city domains { name isActive } } }
    }
    order_details(limit: 20) { id common_name organization_name }
    organizations { id name }
    me { level }
  }`;

  it('gives what one process gives', async () => {
    const [apart, together] = await Promise.all([admin(gateway).graphql(query), admin(whole).graphql(query)]);
    const data = dataOf<{ orders: { nodes: { organization: { name: string } | null }[] } }>(apart);
    expect(data.orders.nodes.length).toBeGreaterThan(100);
    expect(data.orders.nodes.some(({ organization }) => organization?.name !== undefined)).toBe(true);
    expect(data).toEqual(dataOf(together));
  });

  it('tells what the subgraphs spent, too', async () => {
    const facts = (await admin(gateway).graphql('{ orders(first: 5) { nodes { id certificate { commonName } } } }'))
      .json.extensions!['certfolio'];
    expect(facts).toMatchObject({ source: 'live', dataAsOf: expect.any(String), upstreamCalls: expect.any(Number) });
    expect((facts as { upstreamCalls: number }).upstreamCalls).toBeGreaterThan(0);
  });

  it('runs templates, report addresses and Custom Reports alike', async () => {
    const both = async (ask: (caller: Caller) => Promise<HttpAnswer>) =>
      [await ask(admin(gateway)), await ask(admin(whole))] as const;
    for (const path of ['expiring-soon.csv?days=200', 'orders-by-organization.ndjson', 'inventory-full.csv']) {
      const [apart, together] = await both((caller) => caller.report(path));
      expect([path, apart.status]).toEqual([path, 200]);
      expect(apart.text.split('\n').length).toBeGreaterThan(3);
      expect(apart.text).toBe(together.text);
    }
    const [apart, together] = await both((caller) =>
      caller.customReports('{order_details(limit:50){id status common_name}}'),
    );
    expect([apart.status, apart.text]).toEqual([200, together.text]);
  });

  it("holds a key's divisions over HTTP", async () => {
    const { json } = await admin(whole).graphql('{ orders(first: 1000) { nodes { container { id } } } }');
    const containers = (json.data!['orders'] as { nodes: { container: { id: string } }[] }).nodes.map(({ container }) =>
      Number(container.id),
    );
    const one = containers[0]!;
    const limited = await makeKey({ level: 'OPEN', containers: [one] });
    const scoped =
      '{ orders(first: 1000) { totalCount nodes { id container { id } } } order_details { id container_id } }';
    const [apart, together] = await Promise.all([limited(gateway).graphql(scoped), limited(whole).graphql(scoped)]);
    const data = dataOf<{ orders: { totalCount: number; nodes: { container: { id: string } }[] } }>(apart);
    expect(data.orders.totalCount).toBe(containers.filter((id) => id === one).length);
    expect(new Set(data.orders.nodes.map(({ container }) => Number(container.id)))).toEqual(new Set([one]));
    expect(data).toEqual(dataOf(together));
    const none = await makeKey({ level: 'OPEN', containers: [] });
    expect(dataOf(await none(gateway).graphql('{ orders(first: 10) { totalCount nodes { id } } }'))).toEqual({
      orders: { totalCount: 0, nodes: [] },
    });
  });

  it('tells the state of the account, which the host of the orders reads', async () => {
    const query = '{ upstream { account host reachable error keyKind budget { windows { calls } } } }';
    const [apart, together] = await Promise.all([admin(gateway).graphql(query), admin(whole).graphql(query)]);
    const { upstream } = dataOf<{ upstream: object }>(apart);
    expect(upstream).toMatchObject({ reachable: true, error: null, host: new URL(emulator.baseUrl).host });
    expect(upstream).toEqual(dataOf<{ upstream: object }>(together).upstream);
    const limited = await makeKey({ level: 'OPEN' });
    expect((await limited(gateway).graphql(query)).json.errors![0]).toMatchObject({
      extensions: { code: 'FORBIDDEN' },
    });
  });
});

describe('while the organizations host is down', () => {
  it('the rest of an answer comes and names the subgraph; back again, it is whole again', async () => {
    const query = '{ orders(first: 50, filter: {status: {in: [issued]}}) { nodes { id organization { id city } } } }';
    const whole = dataOf<{ orders: { nodes: { id: string }[] } }>(await admin(gateway).graphql(query));
    const { port } = new URL(organizationsHost.url);
    expect((await organizationsHost.stop()).code).toBe(0);

    const partial = await admin(gateway).graphql(query);
    expect(partial.status).toBe(200);
    const { orders: found } = partial.json.data as { orders: { nodes: { id: string }[] } };
    expect(found.nodes.map(({ id }) => id)).toEqual(whole.orders.nodes.map(({ id }) => id));
    expect(partial.json.errors![0]).toMatchObject({
      extensions: { code: 'SUBGRAPH_UNAVAILABLE', subgraph: 'organizations' },
    });
    expect(partial.json.errors![0]!.message).toContain('organizations');

    const nothing = await admin(gateway).graphql('{ organizations { id } }');
    expect([nothing.status, nothing.json.errors![0]!.extensions!['code']]).toEqual([502, 'SUBGRAPH_UNAVAILABLE']);
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);

    organizationsHost = await startOrganizations(port);
    expect(dataOf(await admin(gateway).graphql(query))).toEqual(whole);
  });

  it('a gateway starts all the same', async () => {
    const { port } = new URL(organizationsHost.url);
    await organizationsHost.stop();
    const second = await startCertfolio({
      app: 'gateway',
      env: { ...gatewayEnv(), CERTFOLIO_DATA_DIR: join(folder, 'second') },
    });
    try {
      expect(dataOf(await admin(second).graphql('{ orders(first: 1) { totalCount } }'))).toEqual({
        orders: { totalCount: orders },
      });
    } finally {
      expect((await second.stop()).code).toBe(0);
      organizationsHost = await startOrganizations(port);
    }
  });

  it('a gateway with another secret is told that its signature is not accepted', async () => {
    const second = await startCertfolio({
      app: 'gateway',
      env: {
        ...gatewayEnv(),
        CERTFOLIO_INTERNAL_SECRET: 'another-secret-of-32-characters-or-more',
        CERTFOLIO_DATA_DIR: join(folder, 'third'),
      },
    });
    try {
      const answer = await admin(second).graphql('{ orders(first: 1) { totalCount } }');
      expect([answer.status, answer.json.errors![0]!.extensions!['code']]).toEqual([502, 'SUBGRAPH_UNAVAILABLE']);
      expect(answer.json.errors![0]!.message).toContain('signature');
      const { upstream } = dataOf<{ upstream: object }>(
        await admin(second).graphql('{ upstream { reachable error host } }'),
      );
      expect(upstream).toMatchObject({
        reachable: false,
        error: expect.stringContaining('signature'),
        host: new URL(ordersHost.url).host,
      });
      const probe = await admin(second).graphql('mutation { probeUpstream { calls } }');
      expect(probe.json.errors![0]).toMatchObject({ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } });
    } finally {
      await second.stop();
    }
  });
});

describe('wrong settings of one app', () => {
  it.each([
    [
      'gateway',
      {},
      [
        'CERTFOLIO_DATABASE_URL: is needed',
        'CERTFOLIO_SUBGRAPH_URLS: needs an address of "orders"',
        'needs an address of "organizations"',
        'needs an address of "account"',
      ],
    ],
    [
      'gateway',
      { CERTFOLIO_DATABASE_URL: 'mysql://x', CERTFOLIO_SUBGRAPH_URLS: 'orders=http://a/orders', PORT: 'x' },
      [
        'CERTFOLIO_DATABASE_URL: must begin with postgres://',
        'needs an address of "organizations"',
        'needs an address of "account"',
        'CERTFOLIO_INTERNAL_SECRET: is needed',
        'PORT: must be a port',
      ],
    ],
    [
      'subgraphs',
      { CERTFOLIO_SUBGRAPHS: 'orders,nothing' },
      ['CERTFOLIO_INTERNAL_SECRET: is needed', 'CERTCENTRAL_API_KEY: is needed', '"nothing" is no subgraph'],
    ],
  ] as const)('%s lists them all', async (app, env, problems) => {
    const { code, stderr, stdout } = await spawnCertfolio({ app, env }).ended;
    expect([code, stdout]).toEqual([1, '']);
    for (const problem of problems) expect(stderr).toContain(problem);
    expect(stderr.trim().split('\n')).toHaveLength(problems.length + 1);
  });
});
