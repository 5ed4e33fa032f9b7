import { buildSubgraphSchema } from '@apollo/subgraph';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { graphql, type GraphQLSchema } from 'graphql';
import type { Key, KeyPolicy } from '@certfolio/access';
import {
  containerId,
  everything,
  mayRunTemplate,
  ReadLedger,
  type ContainerId,
  type Principal,
  type RequestContext,
} from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { appErrorOf } from '@certfolio/graph-kit';
import type { Template } from '@certfolio/templates';
import { createControlSubgraph } from './create-control-subgraph.ts';
import type { ControlPorts } from './ports.ts';

const clock = new FakeClock('2026-11-23T12:00:00Z');
const limits = { requestsPerMinute: 60, burst: 60, rows: 10_000, concurrent: 4, mode: 'enforce' } as const;

function principal(overrides: Partial<Principal> = {}): Principal {
  return {
    keyId: 'caller0001',
    keyName: 'the caller',
    owner: 'pki-team',
    level: 'listed',
    templates: 'all',
    scopes: new Set(['templates:run'] as const),
    scope: everything,
    fields: 'all',
    limits,
    account: 'default',
    lane: 'interactive',
    ...overrides,
  };
}
const admin = principal({ level: 'open', scopes: new Set(['admin'] as const) });
const keyMaker = principal({ scopes: new Set(['templates:run', 'keys:write'] as const) });

function template(name: string, overrides: Partial<Template> = {}): Template {
  return {
    name,
    version: 1,
    state: 'approved',
    title: `Title of ${name}`,
    question: 'What expires?',
    description: null,
    owner: 'pki-team',
    tags: [],
    id: 'a'.repeat(64),
    text: '{ __typename }',
    operationName: null,
    ids: [{ kind: 'raw', id: `${name}-id`, text: '{ __typename }' }],
    oneOf: [],
    variables: [
      {
        name: 'days',
        type: 'Int!',
        description: null,
        isRequired: false,
        default: 30,
        min: 1,
        max: null,
        values: [30, 60],
        isDateExpression: false,
      },
      {
        name: 'zones',
        type: '[String!]',
        description: 'Zones',
        isRequired: false,
        default: undefined,
        min: null,
        max: null,
        values: null,
        isDateExpression: false,
      },
    ],
    rows: ['orders', 'nodes'],
    paging: null,
    columns: [{ title: 'Name', path: ['certificate', 'commonName'], type: 'text' }],
    sensitive: [],
    maxAgeSeconds: null,
    schedule: null,
    picture: null,
    retiredAt: null,
    ...overrides,
  };
}

const inventoryText = 'query Q($days: Int! = 7, $zones: [String!] = ["UTC"]) { __typename }';

/** The ports as a few lines of state; a key's record carries a hash to see that it stays inside. */
function handMadePorts() {
  const records = new Map<string, Key & { sha256: string }>();
  const add = (id: string, policy: KeyPolicy): Key => {
    const times = { createdAt: new Date(clock.nowMs()), revokedAt: null, lastUsedAt: null };
    records.set(id, { ...policy, ...times, id, origin: 'created', createdBy: 'test', sha256: 'hash-of-the-secret' });
    return records.get(id)!;
  };
  const templates = [
    template('expiring-soon', { tags: ['daily'] }),
    template('expiring-soon', { version: 2, state: 'draft', tags: ['daily'] }),
    template('inventory', {
      tags: ['audit'],
      text: inventoryText,
      description: 'All of them.',
      schedule: 'Monthly',
      oneOf: ['days', 'zones'],
    }),
    template('old-one', { state: 'retired', tags: ['daily'] }),
  ];
  const runnable = (caller: Pick<Principal, 'templates'>) =>
    templates.filter((each) => each.state === 'approved' && mayRunTemplate(caller.templates, each));
  const created: KeyPolicy[] = [];
  const ports: ControlPorts = {
    keys: {
      list: async () => [...records.values()],
      show: async (id) => records.get(id) ?? [...records.values()].find(({ name }) => name === id) ?? null,
      create: async (policy, createdBy) => {
        created.push(policy);
        return { key: add(`made-by-${createdBy}`, policy), text: 'cfk_whole_key' };
      },
      revoke: async (id) => {
        records.set(id, { ...records.get(id)!, revokedAt: new Date(clock.nowMs()) });
        return true;
      },
    },
    templates: {
      registry: () => ({
        all: () => templates,
        list: runnable,
        find: (ref, caller) => {
          const found = runnable(caller).find(({ name, version, ids }) =>
            [name, `${name}@${version}`, ids[0]?.id].includes(ref),
          );
          return found
            ? { kind: 'found', template: found, text: found.text, variant: 'name' }
            : { kind: 'not-in-list' };
        },
      }),
      costOf: ({ name }) => (name === 'inventory' ? 12 : null),
    },
    upstream: {
      callWindows: async () => null,
      refreshMirror: async () => null,
      accounts: () => ['default', 'second'],
      compare: async (account) => ({
        host: `${account}.test`,
        calls: 10,
        findings: [
          { read: 'GET /account', state: 'ok', found: 'as assumed' },
          { read: 'GET /report/order', state: 'broken', found: 'lacks the columns order_id' },
        ],
        reads: [{ read: 'GET /account', status: 200 }],
      }),
      status: async (account) => ({
        account,
        host: 'certcentral.test',
        accountId: 4_711,
        accountName: 'Example',
        keyKind: 'view-only',
        reachable: true,
        error: null,
        budget: {
          freeNow: 97,
          windows: [{ calls: 100, windowMs: 5_000, free: 97 }],
          inFlight: 1,
          queued: { interactive: 2, scheduled: 0, shadow: 0, backfill: 3 },
          pausedMs: 0,
          sharing: 'shared',
          processes: 2,
        },
        proxy: 'http://proxy.test:3128',
        privateCa: false,
        clockAheadMs: -40,
        mirror:
          account === 'second'
            ? {
                dataAsOf: new Date('2026-11-23T11:59:00Z'),
                orders: 5,
                upstreamTotal: 7,
                complete: false,
                ordersLeft: 7,
              }
            : null,
      }),
    },
  };
  return { ports, created, add };
}

let schema: GraphQLSchema;
let made: ReturnType<typeof handMadePorts>;

beforeEach(() => {
  made = handMadePorts();
  const { typeDefs, resolvers } = createControlSubgraph({ ...made.ports, clock });
  schema = buildSubgraphSchema([{ typeDefs, resolvers: resolvers as never }]);
});

async function ask(caller: Principal, source: string, variableValues: Record<string, unknown> = {}) {
  const contextValue: RequestContext = {
    requestId: 'r1',
    principal: caller,
    deadline: new Date(clock.nowMs() + 1_000),
    signal: new AbortController().signal,
    maxAgeMs: 0,
    planOnly: false,
    run: null,
    ledger: new ReadLedger(),
  };
  const { data, errors } = await graphql({ schema, source, variableValues, contextValue });
  return {
    data: JSON.parse(JSON.stringify(data ?? null)),
    codes: errors?.map((error) => appErrorOf(error)?.code ?? error.message),
    errors,
  };
}

describe('me', () => {
  it('tells any key what it is and may do', async () => {
    const caller = principal({
      level: 'id-only',
      scope: { containers: new Set<ContainerId>([containerId(2), containerId(1)]) },
      fields: new Set(['cost'] as const),
    });
    const { data } = await ask(
      caller,
      '{ me { keyId name owner level scopes containers fields account templates { all } limits { requestsPerMinute mode } } }',
    );
    expect(data.me).toEqual({
      keyId: 'caller0001',
      name: 'the caller',
      owner: 'pki-team',
      level: 'ID_ONLY',
      scopes: ['templates:run'],
      containers: [1, 2],
      fields: ['cost'],
      account: 'default',
      templates: { all: true },
      limits: { requestsPerMinute: 60, mode: 'ENFORCE' },
    });
  });
});

describe('templates', () => {
  const list = '{ templates { ref state } }';

  it('shows a key only what it may run', async () => {
    const daily = principal({ templates: { names: new Set(), tags: new Set(['daily']) } });
    expect((await ask(daily, list)).data.templates).toEqual([{ ref: 'expiring-soon@1', state: 'APPROVED' }]);
    expect((await ask(principal(), list)).data.templates).toHaveLength(2);
    expect((await ask(principal({ scopes: new Set() }), list)).data.templates).toEqual([]);
  });

  it('shows those who publish everything, newest version first, and filters by state', async () => {
    const publisher = principal({ scopes: new Set(['templates:publish'] as const) });
    expect((await ask(publisher, list)).data.templates.map(({ ref }: { ref: string }) => ref)).toEqual([
      'expiring-soon@2',
      'expiring-soon@1',
      'inventory@1',
      'old-one@1',
    ]);
    expect((await ask(publisher, '{ templates(state: RETIRED) { name } }')).data.templates).toEqual([
      { name: 'old-one' },
    ]);
  });

  it('answers null alike for an unknown template and for one of another key', async () => {
    const daily = principal({ templates: { names: new Set(), tags: new Set(['daily']) } });
    for (const ref of ['inventory', 'no-such-one', 'expiring-soon@2', '__proto__']) {
      expect(await ask(daily, 'query ($ref: String!) { template(ref: $ref) { name } }', { ref })).toMatchObject({
        data: { template: null },
        codes: undefined,
      });
    }
  });

  it('shows a template whole', async () => {
    const { data } = await ask(
      principal(),
      '{ template(ref: "inventory") { title question description schedule picture oneOf owner tags ids { kind id } document cost rows { path } columns { title path type } variables { name type required default description values min max } } }',
    );
    expect(data.template).toMatchObject({
      document: inventoryText,
      description: 'All of them.',
      schedule: 'Monthly',
      picture: null,
      oneOf: ['days', 'zones'],
      cost: 12,
      rows: { path: 'orders.nodes' },
      columns: [{ title: 'Name', path: 'certificate.commonName', type: 'text' }],
      ids: [{ kind: 'raw', id: 'inventory-id' }],
      variables: [
        {
          name: 'days',
          type: 'Int!',
          required: false,
          default: '30',
          description: null,
          values: ['30', '60'],
          min: '1',
          max: null,
        },
        {
          name: 'zones',
          type: '[String!]',
          required: false,
          default: '["UTC"]',
          description: 'Zones',
          values: null,
          min: null,
          max: null,
        },
      ],
    });
  });
});

describe('keys', () => {
  const policy: KeyPolicy = {
    name: 'robot',
    owner: 'ops',
    level: 'open',
    templates: 'all',
    scopes: ['admin'],
    containers: null,
    fields: null,
    limits,
    expiresAt: null,
    account: 'default',
  };
  const create =
    'mutation ($input: CreateKeyInput!) { createKey(input: $input) { secret key { id name owner level scopes containers fields expiresAt templates { all names tags } limits { requestsPerMinute burst } } } }';

  it.each([
    ['keys', '{ keys { id } }'],
    ['key', '{ key(id: "x") { id } }'],
    ['upstream', '{ upstream { host } }'],
    ['createKey', 'mutation { createKey(input: { name: "x" }) { secret } }'],
    ['revokeKey', 'mutation { revokeKey(id: "x") { id } }'],
  ])('refuses %s without its scope', async (_field, source) => {
    expect((await ask(principal(), source)).codes).toEqual(['FORBIDDEN']);
    expect(made.created).toEqual([]);
  });

  it('lets neither secrets nor their hashes be selected', () => {
    const fields = ['ApiKey', 'Caller', 'UpstreamStatus'].flatMap((name) =>
      Object.keys(
        (
          schema.getType(name) as { getFields(): object } & object as { getFields(): Record<string, unknown> }
        ).getFields(),
      ),
    );
    expect(fields.filter((name) => /secret|sha|hash|token/i.test(name))).toEqual([]);
  });

  it('makes a key with the least rights and the owner of the caller when nothing else is said', async () => {
    const { data, codes } = await ask(keyMaker, create, { input: { name: ' robot ' } });
    expect(codes).toBeUndefined();
    expect(data.createKey).toEqual({
      secret: 'cfk_whole_key',
      key: {
        id: 'made-by-caller0001',
        name: 'robot',
        owner: 'pki-team',
        level: 'LISTED',
        scopes: ['templates:run'],
        containers: null,
        fields: null,
        expiresAt: null,
        templates: { all: true, names: [], tags: [] },
        limits: { requestsPerMinute: 600, burst: 600 },
      },
    });
  });

  it('hands every part of the policy on', async () => {
    const input = {
      name: 'robot',
      owner: 'ops',
      level: 'ID_ONLY',
      templates: { names: ['inventory'], tags: ['daily'] },
      scopes: ['templates:run', 'schedules:write'],
      containers: [],
      fields: ['cost'],
      limits: { requestsPerMinute: 10, burst: 2, mode: 'SHADOW' },
      expiresAt: '2027-01-01T00:00:00Z',
      account: 'second',
    };
    expect((await ask(admin, create, { input })).codes).toBeUndefined();
    expect(made.created).toEqual([
      {
        name: 'robot',
        owner: 'ops',
        level: 'id-only',
        templates: { names: ['inventory'], tags: ['daily'] },
        scopes: ['templates:run', 'schedules:write'],
        containers: [],
        fields: ['cost'],
        limits: { requestsPerMinute: 10, burst: 2, rows: 100_000, concurrent: 20, mode: 'shadow' },
        expiresAt: new Date('2027-01-01T00:00:00Z'),
        account: 'second',
      },
    ]);
  });

  it.each([
    [{ name: ' ' }, /name: /],
    [{ name: 'x', scopes: ['root'] }, /scopes.0: .*templates:run/],
    [{ name: 'x', fields: ['colour'] }, /fields.0: .*csr/],
    [{ name: 'x', expiresAt: '2026-11-23T11:59:59Z' }, /expires: is in the past/],
    [{ name: 'x', limits: { burst: 0 } }, /limits.burst: /],
  ])('names what is wrong with %j', async (input, message) => {
    const { codes, errors } = await ask(admin, create, { input });
    expect(codes).toEqual(['BAD_USER_INPUT']);
    expect(errors?.[0]?.message).toMatch(message);
  });

  it.each([
    ['a scope', keyMaker, { scopes: ['admin'] }, /scopes keys:write, templates:run only/],
    ['a level', keyMaker, { level: 'OPEN' }, /its level is "listed"/],
    ['an account', keyMaker, { account: 'second' }, /account "default"/],
    [
      'all templates',
      { ...keyMaker, templates: { names: new Set(['inventory']), tags: new Set<string>() } },
      {},
      /may not run all/,
    ],
    [
      'all divisions, also for an admin,',
      { ...admin, scope: { containers: new Set([containerId(7)]) } },
      {},
      /divisions 7 only/,
    ],
    [
      'all sensitive fields, also for an admin,',
      { ...admin, fields: new Set<never>() },
      {},
      /sensitive fields \(none\) only/,
    ],
  ])('does not give %s that the caller has not', async (_what, caller, extra, message) => {
    const { codes, errors } = await ask(caller, create, { input: { name: 'x', ...extra } });
    expect(codes).toEqual(['FORBIDDEN']);
    expect(errors?.[0]?.message).toMatch(message);
    expect(made.created).toEqual([]);
  });

  it('gives a template by name to a key whose caller may run it by its tag', async () => {
    const caller = { ...keyMaker, templates: { names: new Set<string>(), tags: new Set(['daily']) } };
    expect(
      (await ask(caller, create, { input: { name: 'x', templates: { names: ['expiring-soon'] } } })).codes,
    ).toBeUndefined();
    expect((await ask(caller, create, { input: { name: 'y', templates: { names: ['inventory'] } } })).codes).toEqual([
      'FORBIDDEN',
    ]);
  });

  it('shows and revokes keys, an admin key by an admin only', async () => {
    made.add('adminkey01', policy);
    made.add('plainkey01', { ...policy, name: 'plain', scopes: [] });
    expect((await ask(keyMaker, '{ keys { id createdAt revokedAt } key(id: "nope") { id } }')).data).toEqual({
      keys: [
        { id: 'adminkey01', createdAt: '2026-11-23T12:00:00.000Z', revokedAt: null },
        { id: 'plainkey01', createdAt: '2026-11-23T12:00:00.000Z', revokedAt: null },
      ],
      key: null,
    });
    const revoke = 'mutation ($id: ID!) { revokeKey(id: $id) { revokedAt } }';
    expect((await ask(keyMaker, revoke, { id: 'plain' })).data.revokeKey).toEqual({
      revokedAt: '2026-11-23T12:00:00.000Z',
    });
    expect((await ask(keyMaker, revoke, { id: 'adminkey01' })).codes).toEqual(['FORBIDDEN']);
    expect((await ask(admin, revoke, { id: 'adminkey01' })).codes).toBeUndefined();
    expect((await ask(admin, revoke, { id: 'nope' })).codes).toEqual(['BAD_USER_INPUT']);
  });
});

it("shows an admin the state of the caller's upstream account, or of another", async () => {
  const fields = `account host accountId accountName keyKind proxy privateCa clockAheadMs reachable error
    budget { freeNow windows { calls windowMs free } inFlight queued { interactive backfill } pausedMs sharing processes } mirror { dataAsOf orders upstreamTotal complete }`;
  const { data } = await ask(admin, `{ upstream { ${fields} } other: upstream(account: "second") { ${fields} } }`);
  const told = {
    account: 'default',
    host: 'certcentral.test',
    accountId: '4711',
    accountName: 'Example',
    keyKind: 'view-only',
    proxy: 'http://proxy.test:3128',
    privateCa: false,
    clockAheadMs: -40,
    reachable: true,
    error: null,
    budget: {
      freeNow: 97,
      windows: [{ calls: 100, windowMs: 5_000, free: 97 }],
      inFlight: 1,
      queued: { interactive: 2, backfill: 3 },
      pausedMs: 0,
      sharing: 'shared',
      processes: 2,
    },
    mirror: null,
  };
  expect(data.upstream).toEqual(told);
  expect(data.other).toEqual({
    ...told,
    account: 'second',
    mirror: { dataAsOf: '2026-11-23T11:59:00.000Z', orders: 5, upstreamTotal: 7, complete: false },
  });
});

describe('an upstream account that is not configured', () => {
  it.each([
    ['{ upstream(account: "secon") { host } }', 'the nearest is "second"'],
    ['mutation { probeUpstream(account: "nothing") { calls } }', 'there are default, second'],
    ['mutation { createKey(input: { name: "k", account: "defualt" }) { secret } }', 'the nearest is "default"'],
  ])('%s names the nearest', async (source, advice) => {
    const { codes, errors } = await ask(admin, source);
    expect(codes).toEqual(['BAD_USER_INPUT']);
    expect(errors![0]!.message).toContain(advice);
    expect(made.created).toEqual([]);
  });

  it('is no matter where the names are not known', async () => {
    const { typeDefs, resolvers } = createControlSubgraph({
      ...made.ports,
      upstream: { ...made.ports.upstream, accounts: () => null },
      clock,
    });
    schema = buildSubgraphSchema([{ typeDefs, resolvers: resolvers as never }]);
    const { data } = await ask(
      admin,
      'mutation { createKey(input: { name: "k", account: "any" }) { key { account } } }',
    );
    expect(data.createKey.key.account).toBe('any');
  });
});

describe('a probe', () => {
  const mutation = 'mutation { probeUpstream { account host calls bundle findings { read state found } } }';

  it('tells what was found and gives a bundle to pass on', async () => {
    const { data } = await ask(admin, mutation);
    const { bundle, ...told } = data.probeUpstream;
    expect(told).toEqual({
      account: 'default',
      host: 'default.test',
      calls: 10,
      findings: [
        { read: 'GET /account', state: 'OK', found: 'as assumed' },
        { read: 'GET /report/order', state: 'BROKEN', found: 'lacks the columns order_id' },
      ],
    });
    expect(JSON.parse(bundle)).toMatchObject({
      kind: 'certfolio-probe',
      at: '2026-11-23T12:00:00.000Z',
      findings: [{ state: 'ok' }, { state: 'broken' }],
      reads: [{ read: 'GET /account', status: 200 }],
    });
  });

  it('is for administrators', async () => {
    expect((await ask(keyMaker, mutation)).codes).toEqual(['FORBIDDEN']);
  });
});
