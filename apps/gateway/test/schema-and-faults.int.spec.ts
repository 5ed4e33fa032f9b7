import { createServer, type Server } from 'node:http';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createKeyStore } from '@certfolio/access/postgres';
import type { AccountReader, Logger, OrderPartReader, OrderReader } from '@certfolio/core';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { parseConfiguration, systemClock } from '@certfolio/runtime';
import { createOrdersSubgraph } from '@certfolio/subgraph-orders';
import { Metrics, gatewaySettings, startGateway, type StartedGateway } from '../src/index.ts';

const adminKey = randomBytes(24).toString('hex');
const secretInCause = 'a-secret-of-the-database-driver';
const internalSecret = 'an-internal-secret-of-this-test-0123456789';

/** A team's subgraph that can be broken, changed and taken away. */
interface TeamSubgraph {
  sdl: string;
  readonly url: string;
  stop(): Promise<void>;
  start(): Promise<void>;
}

let database: TestDatabase;
let dataDir: string;
let team: TeamSubgraph;
let gateway: StartedGateway | null = null;
const logged: string[] = [];
const log = (facts: object, sentence: string) => void logged.push(`${sentence} ${JSON.stringify(facts, errorAsText)}`);
const logger: Logger = { debug: () => undefined, info: log, warn: log, error: log };

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'certfolio-schema-test-'));
  await createKeyStore(database.pool, { clock: systemClock, randomBytes }).ensureAdminKey(adminKey);
  team = await startTeamSubgraph();
});
afterEach(async () => {
  await gateway?.stop();
  gateway = null;
});
afterAll(async () => {
  await team.stop();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

const greetingSdl = (fields: string) =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9")\ntype Query { ${fields} }`;

/** A reader that fails as a bug would. */
const crashing = new Proxy({} as OrderReader & OrderPartReader & Pick<AccountReader, 'users'>, {
  get: () => () => {
    throw new TypeError(`Cannot read ${secretInCause} of undefined`);
  },
});

async function start(): Promise<StartedGateway> {
  const environment = parseConfiguration({
    PORT: '0',
    CERTFOLIO_DATA_DIR: dataDir,
    CERTFOLIO_TEMPLATES_DIR: join(dataDir, 'templates'),
    CERTFOLIO_SUBGRAPH_URLS: `team=${team.url}`,
    CERTFOLIO_INTERNAL_SECRET: internalSecret,
  });
  gateway = await startGateway({
    settings: gatewaySettings(environment),
    pool: database.pool,
    keys: createKeyStore(database.pool, { clock: systemClock, randomBytes }),
    maintenance: { pool: database.pool, ensureAdminKey: async () => undefined },
    version: '0.0.0',
    local: [
      createOrdersSubgraph({
        ordersOf: () => crashing,
        partsOf: () => crashing,
        historyOf: () => null,
        usersOf: () => crashing,
        clock: systemClock,
      }),
    ],
    upstream: {
      callWindows: async () => null,
      refreshMirror: async () => null,
      accounts: () => null,
      status: () => Promise.reject(new Error('not asked')),
      compare: () => Promise.reject(new Error('not asked')),
    },
    forwarder: { forward: () => Promise.reject(new Error('not asked')) },
    metrics: new Metrics(),
    clock: systemClock,
    logger,
  });
  return gateway;
}

async function ask({ address }: StartedGateway, query: string) {
  const response = await fetch(`${address}/graphql`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${adminKey}`,
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
    },
    body: JSON.stringify({ query }),
  });
  const text = await response.text();
  return { status: response.status, text, json: JSON.parse(text), requestId: response.headers.get('x-request-id') };
}

describe('a resolver that crashes', () => {
  it('is masked for the caller, and its cause is logged with the request id', async () => {
    const answer = await ask(await start(), '{ orders(first: 1) { totalCount } }');
    expect([answer.status, answer.json.errors[0].extensions]).toEqual([500, { code: 'INTERNAL_SERVER_ERROR' }]);
    expect(answer.text).not.toContain(secretInCause);
    expect(answer.text).not.toMatch(/\.ts:\d+|TypeError|stack/);
    const line = logged.find((each) => each.includes(secretInCause) && each.includes(answer.requestId!));
    expect(line).toBeDefined();
  });

  it('leaves the rest of the answer as it is', async () => {
    const answer = await ask(await start(), '{ hello order(id: "1") { id } }');
    expect([answer.status, answer.json.data]).toEqual([200, { hello: 'from the team', order: null }]);
    expect(answer.json.errors).toMatchObject([{ path: ['order'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
    expect(answer.text).not.toContain(secretInCause);
  });
});

describe('the schema of a subgraph elsewhere', () => {
  it('is composed at the start and again at a reload', async () => {
    team.sdl = greetingSdl('hello: String');
    const started = await start();
    expect((await ask(started, '{ hello }')).json.data).toEqual({ hello: 'from the team' });
    expect((await ask(started, '{ bye }')).status).toBe(400);
    team.sdl = greetingSdl('hello: String bye: String');
    await started.reloadSchema();
    expect((await ask(started, '{ bye }')).json.data).toEqual({ bye: 'from the team' });
  });

  it.each([
    ['does not parse', 'type Query {'],
    ['does not compose', greetingSdl('hello: Missing')],
    ['contradicts another', greetingSdl('hello: String order(id: Int!): Int')],
  ])('when it %s, the last good one stays', async (_what, sdl) => {
    team.sdl = greetingSdl('hello: String');
    const started = await start();
    team.sdl = sdl;
    await expect(started.reloadSchema()).rejects.toThrow();
    expect((await ask(started, '{ hello }')).json.data).toEqual({ hello: 'from the team' });
  });

  it('when it would break an approved template, the last good one stays and the template is named', async () => {
    await mkdir(join(dataDir, 'templates'), { recursive: true });
    await writeFile(join(dataDir, 'templates/greeting.graphql'), 'query Greeting {\n  greetings {\n    text\n  }\n}\n');
    await writeFile(
      join(dataDir, 'templates/greeting.yaml'),
      'name: greeting\nversion: 1\nstate: approved\ntitle: Greeting\nquestion: Who?\nowner: the-team\ntags: []\nrows: greetings\n',
    );
    const withText = (field: string) =>
      `${greetingSdl('hello: String greetings: [Greeting!]')} type Greeting { id: ID ${field}: String }`;
    team.sdl = withText('text');
    const started = await start();
    expect(
      started
        .templates()
        .all()
        .map(({ name }) => name),
    ).toEqual(['greeting']);
    team.sdl = withText('words');
    await expect(started.reloadSchema()).rejects.toThrow(
      /It would break greeting@1 \(approved, owner the-team\): Cannot query field "text" on type "Greeting"\..* No key ran it lately; 1 key may run it; schedules: none\./,
    );
    expect((await ask(started, '{ __type(name: "Greeting") { fields { name } } }')).text).toContain('"text"');
    await rm(join(dataDir, 'templates'), { recursive: true });
  });

  it('marks fields as deprecated, and callers that select them are told', async () => {
    team.sdl = greetingSdl('hello: String bye: String @deprecated(reason: "Say hello.")');
    const started = await start();
    const toldOf = async (query: string) => {
      const response = await fetch(`${started.address}/graphql?query=${encodeURIComponent(query)}`, {
        headers: { authorization: `Bearer ${adminKey}`, 'certfolio-extensions': '1', 'apollo-require-preflight': '1' },
      });
      return ((await response.json()) as { extensions: { certfolio: object } }).extensions.certfolio;
    };
    expect(await toldOf('{ a: bye b: bye hello }')).toMatchObject({
      deprecated: [{ field: 'Query.bye', reason: 'Say hello.' }],
    });
    expect(await toldOf('{ hello }')).not.toHaveProperty('deprecated');
  });

  it('can be checked before it is put in place: what would break, what changes, who uses it', async () => {
    team.sdl = greetingSdl('hello: String bye: String');
    const started = await start();
    await ask(started, '{ bye }');
    const check = async (sdl: string, subgraph = 'team') => {
      const query = `{ checkSchema(subgraph: "${subgraph}", sdl: ${JSON.stringify(sdl)}) { ok compositionErrors brokenTemplates { ref } changes { coordinate kind breaking } } }`;
      return (await ask(started, query)).json.data.checkSchema;
    };
    expect(await check(greetingSdl('hello: String'))).toEqual({
      ok: true,
      compositionErrors: [],
      brokenTemplates: [],
      changes: [{ coordinate: 'Query.bye', kind: 'REMOVED', breaking: true }],
    });
    expect(await check('type Query { more: Int }', 'another')).toMatchObject({ ok: true, changes: [] });
    for (const [sdl, reason] of [
      ['type Query {', /Syntax Error/],
      [greetingSdl('hello: Missing'), /Missing/],
      [greetingSdl('order(id: Int!): Int'), /order/],
      [`type Query { ${'[ '.repeat(50)} }`, /Syntax Error/],
    ] as const) {
      const { ok, compositionErrors } = await check(sdl);
      expect([ok, compositionErrors.join(' ')]).toEqual([false, expect.stringMatching(reason)]);
    }
    expect((await ask(started, '{ bye }')).json.data).toEqual({ bye: 'from the team' });
  });

  it('while it is away, a start uses the last schema that composed; its fields fail by name, the others answer', async () => {
    team.sdl = greetingSdl('hello: String');
    await (await start()).stop();
    gateway = null;
    await team.stop();
    const started = await start();
    const answer = await ask(started, '{ hello me { name } }');
    expect([answer.status, answer.json.data.hello]).toEqual([200, null]);
    expect(answer.json.data.me).toMatchObject({ name: expect.any(String) });
    expect(answer.json.errors[0].extensions).toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE', subgraph: 'team' });
    await expect(started.reloadSchema()).rejects.toThrow(/team/);
    await team.start();
    expect((await ask(started, '{ hello }')).json.data).toEqual({ hello: 'from the team' });
  });
});

it('a subgraph elsewhere that was never reached holds back no start, and comes with the next schema', async () => {
  await rm(join(dataDir, 'supergraph.graphql'), { force: true });
  team.sdl = greetingSdl('hello: String');
  await team.stop();
  const started = await start();
  expect((await ask(started, '{ me { name } }')).status).toBe(200);
  expect((await ask(started, '{ hello }')).status).toBe(400);
  expect(logged.some((each) => each.includes('starting without them') && each.includes('"missing":["team"]'))).toBe(
    true,
  );
  await team.start();
  await started.reloadSchema();
  expect((await ask(started, '{ hello }')).json.data).toEqual({ hello: 'from the team' });
});

async function startTeamSubgraph(): Promise<TeamSubgraph> {
  let server: Server;
  let port = 0;
  const listen = async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        const { query } = JSON.parse(body) as { query: string };
        const names = [...query.matchAll(/\b(hello|bye)\b/g)].map(([, name]) => [name, 'from the team']);
        const data = query.includes('_service') ? { _service: { sdl: subgraph.sdl } } : Object.fromEntries(names);
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data }));
      });
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  };
  const subgraph: TeamSubgraph = {
    sdl: greetingSdl('hello: String'),
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    start: listen,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  await listen();
  return subgraph;
}

function errorAsText(_name: string, value: unknown): unknown {
  return value instanceof Error ? `${value.message} ${errorAsText('', value.cause)} ${value.stack}` : value;
}
