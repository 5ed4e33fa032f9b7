import { buildSubgraphSchema } from '@apollo/subgraph';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  buildSchema,
  getNamedType,
  graphql,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
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
import type { Act } from '@certfolio/audit';
import type { Template, TemplateAct, TemplatePublisher, TemplateUse } from '@certfolio/templates';
import { createControlSubgraph } from './create-control-subgraph.ts';
import type { ControlPorts } from './ports.ts';
import type { MigrationPorts } from './migration-ports.ts';
import type { SchedulePorts } from './schedule-ports.ts';

const clock = new FakeClock('2026-11-23T12:00:00Z');
const limits = {
  requestsPerMinute: 60,
  burst: 60,
  costPerMinute: 5_000_000,
  rows: 10_000,
  concurrent: 4,
  mode: 'enforce',
} as const;

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
    chart: null,
    calendar: null,
    retiredAt: null,
    ...overrides,
  };
}

const approval: TemplateAct = {
  state: 'approved',
  at: new Date('2026-11-20T08:00:00Z'),
  by: { keyId: 'reviewer01', keyName: 'reviewer', owner: 'audit' },
  note: 'fine',
  sunset: null,
  reviewed: ['email'],
};
const inventoryText = 'query Q($days: Int! = 7, $zones: [String!] = ["UTC"]) { __typename }';

const noSchedules = {
  schedules: { find: async () => null, list: async () => [] },
  destinations: new Map(),
} as unknown as SchedulePorts;

const noMigration = { isServed: () => false } as unknown as MigrationPorts; // has a spec of its own

/** The ports as a few lines of state; a key's record carries a hash to see that it stays inside. */
function handMadePorts() {
  const records = new Map<string, Key & { sha256: string }>();
  const add = (id: string, policy: KeyPolicy): Key => {
    const times = { createdAt: new Date(clock.nowMs()), revokedAt: null, lastUsedAt: null, isAdopted: false };
    records.set(id, { ...policy, ...times, id, origin: 'created', createdBy: 'test', sha256: 'hash-of-the-secret' });
    return records.get(id)!;
  };
  const templates = [
    template('expiring-soon', { tags: ['daily'] }),
    template('expiring-soon', { version: 2, state: 'draft', tags: ['daily'] }),
    template('inventory', {
      tags: ['audit'],
      text: inventoryText,
      lifecycle: {
        source: 'api',
        created: null,
        written: null,
        approved: approval,
        deprecated: null,
        retired: null,
        successor: null,
        problem: null,
      },
      description: 'All of them.',
      schedule: 'Monthly',
      oneOf: ['days', 'zones'],
    }),
    template('old-one', { state: 'retired', tags: ['daily'] }),
  ];
  const runnable = (caller: Pick<Principal, 'templates'>) =>
    templates.filter((each) => each.state === 'approved' && mayRunTemplate(caller.templates, each));
  const created: KeyPolicy[] = [];
  const asked: unknown[] = [];
  const answering =
    (verb: string) =>
    async (...given: readonly unknown[]) => {
      asked.push([verb, ...given.slice(0, -1)]);
      return templates[0]!;
    };
  const publisher: TemplatePublisher = {
    publish: async (files, isDryRun) => {
      asked.push(['publish', files, isDryRun]);
      return [{ template: templates[1]!, change: 'new', cost: 1, upstreamCalls: null, unknownCalls: 'Not planned.' }];
    },
    approve: answering('approve'),
    deprecate: answering('deprecate'),
    retire: answering('retire'),
  };
  const rotations: object[] = [];
  const adopted: (readonly [string, string])[] = [];
  const acts: Act[] = [];
  const uses: TemplateUse[] = [];
  const ports: ControlPorts = {
    // They have a spec of their own.
    schedules: noSchedules,
    migration: noMigration,
    audit: {
      trail: {
        async act(act, work) {
          acts.push(act);
          return work();
        },
      },
      store: { find: async () => [], after: async () => [], checkpoint: async () => null },
    },
    seen: {
      store: {
        list: async () => ({ operations: [], next: null }),
        find: async (hash) =>
          hash === 'known'
            ? {
                keyId: 'caller0001',
                hash,
                operationName: 'Seen',
                text: '{ __typename }',
                clientName: null,
                runs: 3,
                firstSeenAt: new Date(clock.nowMs()),
                lastSeenAt: new Date(clock.nowMs()),
              }
            : null,
        dropped: async () => new Map([['caller0001', 2]]),
      },
      filesOf: (text, { name, title, owner }) => [
        { name: `${name}.graphql`, content: text },
        { name: `${name}.yaml`, content: `${title} of ${owner}` },
      ],
    },
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
      update: async (id, change) => {
        records.set(id, { ...records.get(id)!, ...change(records.get(id)!) });
        return records.get(id)!;
      },
      rotate: async (id, rotation, check) => {
        check(records.get(id)!);
        rotations.push(rotation);
        return { key: records.get(id)!, text: 'cfk_next_key' };
      },
      adopt: async (id, sha256, check) => {
        check(records.get(id)!);
        adopted.push([id, Buffer.from(sha256).toString('hex')]);
        return records.get(id)!;
      },
      secrets: async () => [
        { kind: 'native', createdAt: new Date(clock.nowMs()), expiresAt: null, lastUsedAt: null, sha256: 'x' } as never,
      ],
    },
    publicUrl: () => 'https://certfolio.test',
    templates: {
      registry: () => ({
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
      all: () => templates,
      publisher: () => publisher,
      fixedProblems: (_template, fixed) => (fixed.has('days') ? [] : ['there is no such variable']),
      costOf: ({ name }) => (name === 'inventory' ? 12 : null),
      changes: {
        schema: () => buildSchema('type Query { orders: Int }'),
        sensitiveFields: { groupOf: () => null },
        callsOf: async () => null,
      },
    },
    schema: {
      check: async () => ({ compositionErrors: [], broken: [], changes: [] }),
      sdl: () => 'type Query { a: Int }',
      supergraphSdl: () => 'supergraph',
    },
    imports: { addIds: async () => undefined, addDrafts: async () => undefined },
    usage: {
      templateUses: async (of) => uses.filter(({ keyId }) => of === 'everyone' || of.keyId === keyId),
      fieldUses: async () => [],
      templateDays: async () => [],
      fieldDays: async () => [],
    },
    limits: {
      inFlight: () => 3,
      levels: async (_keyId, { requestsPerMinute, burst, costPerMinute }) => [
        { policy: 'requests', perMinute: requestsPerMinute, burst, remaining: burst - 1, fullMs: 1_000 },
        { policy: 'cost', perMinute: costPerMinute, burst: costPerMinute, remaining: 0, fullMs: 600_000 },
      ],
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
  return { ports, created, asked, add, rotations, adopted, acts, uses };
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

describe('publishing', () => {
  const publisher = principal({ scopes: new Set(['templates:run', 'templates:publish'] as const) });

  it.each([
    ['publishTemplates', 'mutation { publishTemplates(files: []) { change } }'],
    ['approveTemplate', 'mutation { approveTemplate(ref: "inventory") { ref } }'],
    ['deprecateTemplate', 'mutation { deprecateTemplate(ref: "inventory") { ref } }'],
    ['retireTemplate', 'mutation { retireTemplate(ref: "inventory") { ref } }'],
  ])('refuses %s without its scope', async (_field, source) => {
    expect((await ask(principal(), source)).codes).toEqual(['FORBIDDEN']);
    expect(made.asked).toEqual([]);
  });

  it('hands everything on, and tells what became of each version', async () => {
    const { data } = await ask(
      publisher,
      `mutation { publishTemplates(files: [{ name: "a.graphql", content: "{a}" }], dryRun: true) { change upstreamCalls unknownCalls template { ref state } }
        approveTemplate(ref: "a@1", note: "fine", reviewedSensitive: ["email"]) { ref }
        deprecateTemplate(ref: "a", sunset: "2027-01-01") { ref }
        retireTemplate(ref: "a@1", note: "gone") { ref } }`,
    );
    expect(data.publishTemplates).toEqual([
      {
        change: 'NEW',
        upstreamCalls: null,
        unknownCalls: 'Not planned.',
        template: { ref: 'expiring-soon@2', state: 'DRAFT' },
      },
    ]);
    expect(made.asked).toEqual([
      ['publish', [{ name: 'a.graphql', content: '{a}' }], true],
      ['approve', { ref: 'a@1', note: 'fine', reviewedSensitive: ['email'] }],
      ['deprecate', { ref: 'a', note: null, sunset: '2027-01-01' }],
      ['retire', { ref: 'a@1', note: 'gone' }],
    ]);
  });

  it('tells who approved to those who publish, and to no one else', async () => {
    const fields = '{ template(ref: "inventory") { source problem approved { at by keyId owner note reviewed } } }';
    const told = { source: 'API', problem: null };
    expect((await ask(principal(), fields)).data.template).toEqual({ ...told, approved: null });
    expect((await ask(publisher, fields)).data.template).toEqual({
      ...told,
      approved: {
        at: '2026-11-20T08:00:00.000Z',
        by: 'reviewer',
        keyId: 'reviewer01',
        owner: 'audit',
        note: 'fine',
        reviewed: ['email'],
      },
    });
  });
});

describe('the use of templates', () => {
  const used = '{ template(ref: "inventory") { lastUsedAt usedBy { keyId keyName keyOwner runs } } }';
  const use = (keyId: string, at: string): TemplateUse => ({
    keyId,
    name: 'inventory',
    version: 1,
    runs: 3_000_000_000,
    firstUsedAt: new Date(at),
    lastUsedAt: new Date(at),
  });
  beforeEach(() => {
    made.uses.push(use('caller0001', '2026-11-01T00:00:00Z'), use('other00001', '2026-11-20T00:00:00Z'));
  });

  it('is shown whole to those who publish, the latest first, also of keys that are not known any more', async () => {
    expect((await ask(admin, used)).data.template).toEqual({
      lastUsedAt: '2026-11-20T00:00:00.000Z',
      usedBy: [
        { keyId: 'other00001', keyName: null, keyOwner: null, runs: 2_147_483_647 },
        { keyId: 'caller0001', keyName: null, keyOwner: null, runs: 2_147_483_647 },
      ],
    });
  });

  it('is shown to any other key as far as it is its own', async () => {
    expect((await ask(principal(), used)).data.template).toEqual({
      lastUsedAt: '2026-11-01T00:00:00.000Z',
      usedBy: [{ keyId: 'caller0001', keyName: 'the caller', keyOwner: 'pki-team', runs: 2_147_483_647 }],
    });
    const { data } = await ask(
      principal(),
      '{ fieldUsage(coordinate: "Query.orders") { exists templates { ref usedBy { keyId } } unlisted { keyId } byDay { day } } }',
    );
    expect(data.fieldUsage).toEqual({ exists: true, templates: [], unlisted: [], byDay: [] });
  });

  it.each(['orders', 'Query.orders(first:)', '__proto__', 'Query.', ''])(
    'is not asked for by the coordinate %j',
    async (coordinate) => {
      const query = 'query ($c: String!) { fieldUsage(coordinate: $c) { exists } }';
      expect((await ask(admin, query, { c: coordinate })).codes).toEqual(['BAD_USER_INPUT']);
    },
  );

  it('of a field that objects have by themselves is that of a field that there is not', async () => {
    const { data } = await ask(admin, '{ fieldUsage(coordinate: "Query.constructor") { exists deprecationReason } }');
    expect(data.fieldUsage).toEqual({ exists: false, deprecationReason: null });
  });
});

describe('what only those who publish may ask', () => {
  it.each([
    ['checkSchema', '{ checkSchema(subgraph: "a", sdl: "type Query { a: Int }") { ok } }'],
    ['diffTemplates', '{ diffTemplates(files: []) { to } }'],
    ['importTemplateIds', 'mutation { importTemplateIds(manifest: "{}", dryRun: true) { format } }'],
    ['the supergraph', '{ schemaSdl(supergraph: true) }'],
  ])('%s is refused to other keys', async (_what, query) => {
    expect((await ask(keyMaker, query)).codes).toEqual(['FORBIDDEN']);
    expect((await ask(principal({ scopes: new Set(['templates:publish'] as const) }), query)).codes).toBeUndefined();
  });

  it('the schema is for keys that may introspect, too', async () => {
    expect((await ask(principal({ level: 'audit', scopes: new Set() }), '{ schemaSdl }')).data.schemaSdl).toMatch(
      'type Query',
    );
    expect((await ask(principal(), '{ schemaSdl }')).codes).toEqual(['FORBIDDEN']);
  });

  it('a template of another key cannot be held against one of its own', async () => {
    const daily = principal({ templates: { names: new Set(), tags: new Set(['daily']) } });
    const diff = (from: string, to: string) =>
      ask(daily, `{ templateDiff(from: "${from}", to: "${to}") { breaking } }`);
    expect((await diff('expiring-soon', 'inventory')).codes).toEqual(['BAD_USER_INPUT']);
    expect((await diff('inventory', 'expiring-soon')).codes).toEqual(['BAD_USER_INPUT']);
    expect((await diff('expiring-soon', 'expiring-soon@1')).data.templateDiff).toEqual({ breaking: false });
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
    tier: null,
    managedBy: null,
    variables: new Map(),
    inUrl: false,
    rest: null,
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
    expect(fields.filter((name) => /secret|sha|hash|token/i.test(name))).toEqual(['secrets']);
    const secret = schema.getType('KeySecret') as GraphQLObjectType;
    expect(Object.keys(secret.getFields())).toEqual(['kind', 'createdAt', 'expiresAt', 'lastUsedAt']);
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
      rest: 'READ',
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
        limits: {
          requestsPerMinute: 10,
          burst: 2,
          costPerMinute: 5_000_000,
          rows: 100_000,
          concurrent: 20,
          mode: 'shadow',
        },
        expiresAt: new Date('2027-01-01T00:00:00Z'),
        account: 'second',
        tier: null,
        managedBy: null,
        variables: new Map(),
        inUrl: false,
        rest: 'read',
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

  describe('that exist', () => {
    const plain: KeyPolicy = { ...policy, name: 'plain', level: 'listed', scopes: ['templates:run'] };
    const update =
      'mutation ($id: ID!, $input: UpdateKeyInput!) { updateKey(id: $id, input: $input) { name expiresAt tier containers templates { all names } limits { requestsPerMinute burst rows mode } } }';
    const rotate =
      'mutation ($id: ID!, $overlap: Int!) { rotateKey(id: $id, overlapSeconds: $overlap) { secret url key { id } } }';
    const adopt = 'mutation ($id: ID!, $sha256: String!) { adoptKey(id: $id, sha256: $sha256) { id } }';
    const sha256 = 'ab'.repeat(32);

    it('change where something is said; a null is "all" or "never"', async () => {
      made.add('plainkey01', {
        ...plain,
        containers: [7],
        templates: { names: ['inventory'], tags: [] },
        expiresAt: new Date('2026-11-01T00:00:00Z'),
      });
      const change = async (input: object) => (await ask(admin, update, { id: 'plainkey01', input })).data?.updateKey;
      const before = {
        name: 'plain',
        expiresAt: '2026-11-01T00:00:00.000Z',
        tier: null,
        containers: [7],
        templates: { all: false, names: ['inventory'] },
        limits: { requestsPerMinute: 60, burst: 60, rows: 10_000, mode: 'ENFORCE' },
      };
      expect(await change({})).toEqual(before);
      const faster = { ...before.limits, requestsPerMinute: 90, burst: 90 };
      expect(await change({ limits: { requestsPerMinute: 90 } })).toEqual({ ...before, limits: faster });
      const wide = { containers: null, templates: null, expiresAt: null };
      expect(await change(wide)).toMatchObject({ containers: null, expiresAt: null, templates: { all: true } });
      expect(await change({ tier: 'bronze' })).toMatchObject({ tier: 'bronze', limits: faster });
      expect(await change({ limits: { burst: 3, mode: 'SHADOW' } })).toMatchObject({
        tier: null,
        limits: { requestsPerMinute: 90, burst: 3, mode: 'SHADOW' },
      });
    });

    it.each([
      [update, { input: { owner: 'me' } }],
      [rotate, { overlap: 0 }],
      [adopt, { sha256 }],
    ])('are out of reach for a key that may do less: %s', async (mutation, more) => {
      made.add('adminkey01', policy);
      const { codes, errors } = await ask(keyMaker, mutation, { id: 'adminkey01', ...more });
      expect(codes).toEqual(['FORBIDDEN']);
      expect(errors?.[0]?.message).toContain('cannot change a key that may do more than itself');
      expect([made.rotations, made.adopted]).toEqual([[], []]);
    });

    it('are given nothing by a change that the caller has not', async () => {
      made.add('plainkey01', plain);
      const { errors } = await ask(keyMaker, update, { id: 'plain', input: { scopes: ['admin'] } });
      expect(errors?.[0]?.message).toMatch(/cannot give what it has not: it has the scopes/);
      expect((await ask(keyMaker, update, { id: 'plain', input: { account: 'third' } })).codes).toEqual(['FORBIDDEN']);
      expect((await ask(admin, update, { id: 'plain', input: { account: 'third' } })).codes).toEqual([
        'BAD_USER_INPUT',
      ]);
    });

    it('rotate with an overlap of a week unless told', async () => {
      made.add('plainkey01', plain);
      const { data } = await ask(keyMaker, 'mutation { rotateKey(id: "plain") { secret url key { id } } }');
      expect(data.rotateKey).toEqual({ secret: 'cfk_next_key', url: null, key: { id: 'plainkey01' } });
      expect(made.rotations).toEqual([{ overlapMs: 604_800_000, endsAdopted: false }]);
      for (const overlap of [-1, 31_622_401])
        expect((await ask(keyMaker, rotate, { id: 'plain', overlap })).codes).toEqual(['BAD_USER_INPUT']);
    });

    it('adopt a CertCentral key by its SHA-256 and never by its text', async () => {
      made.add('plainkey01', plain);
      const mayWrite = { ...keyMaker, rest: 'write' } as const;
      expect((await ask(mayWrite, adopt, { id: 'plain', sha256: sha256.toUpperCase() })).codes).toBeUndefined();
      expect(made.adopted).toEqual([['plainkey01', sha256]]);
      const { errors } = await ask(keyMaker, adopt, { id: 'plain', sha256: 'the-key-itself' });
      expect(errors?.[0]?.message).toContain('never send the key itself');
      expect(errors?.[0]?.message).not.toContain('the-key-itself');
    });

    it('get no right at the REST façade that the caller has not, by no way', async () => {
      made.add('plainkey01', plain);
      const reader = { ...keyMaker, rest: 'read' } as const;
      const codesOf = async (mutation: string, variables: Record<string, unknown>) =>
        (await ask(reader, mutation, variables)).codes;
      expect(await codesOf(adopt, { id: 'plain', sha256 })).toEqual(['FORBIDDEN']);
      expect(await codesOf(update, { id: 'plain', input: { rest: 'WRITE' } })).toEqual(['FORBIDDEN']);
      expect(await codesOf(create, { input: { name: 'new', adoptSha256: sha256 } })).toEqual(['FORBIDDEN']);
      expect(await codesOf(create, { input: { name: 'new', adoptSha256: sha256, rest: 'READ' } })).toBeUndefined();
      expect(await codesOf(update, { id: 'plain', input: { rest: 'READ' } })).toBeUndefined();
    });

    it('need their scope for each of these', async () => {
      made.add('plainkey01', plain);
      const asked = [
        [update, { input: {} }],
        [rotate, { overlap: 0 }],
        [adopt, { sha256 }],
      ] as const;
      for (const [mutation, more] of asked)
        expect((await ask(principal(), mutation, { id: 'plain', ...more })).codes).toEqual(['FORBIDDEN']);
    });

    it('tell of their secrets when those were made, end and were used', async () => {
      made.add('plainkey01', plain);
      const { data } = await ask(admin, '{ key(id: "plain") { secrets { kind createdAt expiresAt lastUsedAt } } }');
      expect(data.key.secrets).toEqual([
        { kind: 'NATIVE', createdAt: '2026-11-23T12:00:00.000Z', expiresAt: null, lastUsedAt: null },
      ]);
    });
  });

  describe('for URLs', () => {
    const create =
      'mutation ($input: CreateKeyInput!) { createKey(input: $input) { url key { inUrl variables { name values } } } }';
    const input = {
      name: 'sheet',
      level: 'ID_ONLY',
      templates: { names: ['inventory'] },
      inUrl: true,
      variables: [{ name: 'days', values: ['30'] }],
    };

    it('come with the address that opens their report', async () => {
      const { data } = await ask(keyMaker, create, { input });
      expect(data.createKey).toEqual({
        url: 'https://certfolio.test/r/inventory.csv?key=cfk_whole_key',
        key: { inUrl: true, variables: [{ name: 'days', values: ['30'] }] },
      });
    });

    it.each([
      [{ templates: { names: ['nothing'] } }, /no template "nothing" that this key may run/],
      [{ variables: [{ name: 'weeks', values: ['1'] }] }, /cannot be fixed: there is no such variable/],
      [{ level: 'LISTED' }, /level "id-only"/],
    ])('are refused with %j', async (other, message) => {
      const { codes, errors } = await ask(admin, create, { input: { ...input, ...other } });
      expect(codes).toEqual(['BAD_USER_INPUT']);
      expect(errors?.[0]?.message).toMatch(message);
    });
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

describe('limits', () => {
  const query = `query ($key: ID) {
    limits(key: $key) { keyId name mode rows concurrent running buckets { policy perMinute burst remaining fullInMs } }
  }`;

  it('of the calling key are told to every key', async () => {
    const { data } = await ask(principal(), query);
    expect(data.limits).toEqual({
      keyId: 'caller0001',
      name: 'the caller',
      mode: 'ENFORCE',
      rows: 10_000,
      concurrent: 4,
      running: 3,
      buckets: [
        { policy: 'requests', perMinute: 60, burst: 60, remaining: 59, fullInMs: 1_000 },
        { policy: 'cost', perMinute: 5_000_000, burst: 5_000_000, remaining: 0, fullInMs: 600_000 },
      ],
    });
  });

  it('of another key need the scope, and are null where there is none', async () => {
    const { data: created } = await ask(
      admin,
      'mutation { createKey(input: { name: "k", limits: { costPerMinute: 7 } }) { key { id } } }',
    );
    const { id } = created.createKey.key;
    const { data } = await ask(keyMaker, query.replace('$key: ID', '$key: ID = "k"'));
    expect(data.limits).toMatchObject({ keyId: id, name: 'k', buckets: [{}, { policy: 'cost', perMinute: 7 }] });
    expect((await ask(principal(), query.replace('$key: ID', '$key: ID = "k"'))).codes).toEqual(['FORBIDDEN']);
    expect((await ask(keyMaker, query.replace('$key: ID', '$key: ID = "none"'))).data.limits).toBeNull();
  });
});

/** Something that passes as a value of the type. */
function valueOf(type: GraphQLInputType): string {
  if (isNonNullType(type)) return valueOf(type.ofType);
  if (isListType(type)) return `[${valueOf(type.ofType)}]`;
  if (isEnumType(type)) return type.getValues()[0]!.name;
  if (isInputObjectType(type)) {
    const needed = Object.values(type.getFields()).filter(isRequiredInputField);
    return `{ ${needed.map((field) => `${field.name}: ${valueOf(field.type)}`).join(', ')} }`;
  }
  if (type.name === 'DateTime') return '"2026-11-23T08:15:00Z"';
  return type.name === 'Boolean' ? 'true' : type.name === 'Int' ? '1' : '"x"';
}

describe('the audit log', () => {
  it('is told of every mutation there is, before its own checks', async () => {
    const fields = Object.values(schema.getMutationType()!.getFields());
    for (const { name, args, type } of fields) {
      const given = args.filter((arg) => isRequiredArgument(arg)).map((arg) => `${arg.name}: ${valueOf(arg.type)}`);
      const call = given.length === 0 ? name : `${name}(${given.join(', ')})`;
      const { codes } = await ask(
        principal(),
        `mutation { ${call} ${isLeafType(getNamedType(type)) ? '' : '{ __typename }'} }`,
      );
      expect([name, codes]).toEqual([name, ['FORBIDDEN']]);
    }
    expect(made.acts.map(({ act }) => act)).toEqual(fields.map(({ name }) => name));
    expect(made.acts[0]).toMatchObject({ requestId: 'r1', principal: { keyId: 'caller0001' } });
  });

  it.each([
    ['auditLog', '{ auditLog { next } }'],
    ['verifyAudit', '{ verifyAudit { ok } }'],
    ['seenOperations', '{ seenOperations { next } }'],
    ['seenOperation', '{ seenOperation(hash: "known") { hash } }'],
    ['seenTemplateFiles', '{ seenTemplateFiles(hash: "known", template: { name: "x" }) { name } }'],
  ])('%s needs its scope', async (_field, source) =>
    expect((await ask(principal(), source)).codes).toEqual(['FORBIDDEN']),
  );
});

describe('seen operations', () => {
  const publisher = principal({ scopes: new Set(['templates:publish'] as const) });
  const approve = (name: string, hash = 'known') =>
    ask(
      publisher,
      `mutation { approveSeen(hash: "${hash}", template: { name: "${name}" }) { template files { name content } } }`,
    );

  it('become files that are handed on for publishing, with what was not said filled in', async () => {
    expect((await approve('made')).data.approveSeen).toEqual({
      // The publisher of this spec answers its first template.
      template: 'expiring-soon@1',
      files: [
        { name: 'made.graphql', content: '{ __typename }' },
        { name: 'made.yaml', content: 'made of pki-team' },
      ],
    });
    expect(made.asked).toMatchObject([
      ['publish', [{ name: 'made.graphql' }, { name: 'made.yaml' }], false],
      ['approve', { ref: 'expiring-soon@2', reviewedSensitive: [] }],
    ]);
  });

  it('are refused under a name that is none, or a hash that was not seen; nothing is published', async () => {
    expect((await approve('Not A Name')).errors?.[0]?.message).toMatch(/a name is a lower-case letter/);
    expect((await approve('made', 'other')).codes).toEqual(['BAD_USER_INPUT']);
    expect(made.asked).toEqual([]);
  });

  it('tell what gave way', async () => {
    const { data } = await ask(publisher, '{ seenOperations { operations { hash } dropped { keyId operations } } }');
    expect(data.seenOperations).toEqual({ operations: [], dropped: [{ keyId: 'caller0001', operations: 2 }] });
  });
});
