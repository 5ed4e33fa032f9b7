import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger, everything, type Logger, type Principal, type RequestRecord } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { createUsageStore } from './template-usage.postgres.ts';
import type { UsageStore } from './template-usage.ts';
import { createUsageRecorder, keptDays } from './usage-recorder.ts';

let database: TestDatabase;
let store: UsageStore;
beforeAll(async () => {
  database = await createTestDatabase();
  store = createUsageStore(database.pool);
});
afterAll(() => database.drop());
beforeEach(() => database.pool.query('truncate template_uses, field_uses'));

const noon = Date.parse('2026-11-23T12:00:00Z');
const dayMs = 86_400_000;

function principal(keyId: string, level: Principal['level'] = 'listed'): Principal {
  const limits = { requestsPerMinute: 1, burst: 1, costPerMinute: 1, rows: 1, concurrent: 1, mode: 'enforce' } as const;
  return {
    keyId,
    keyName: keyId,
    owner: 'o',
    level,
    templates: 'all',
    scopes: new Set(),
    scope: everything,
    fields: 'all',
    limits,
    account: 'default',
    lane: 'interactive',
  };
}

function request(keyId: string, ran: string | readonly string[], more: Partial<RequestRecord> = {}): RequestRecord {
  const template =
    typeof ran === 'string' ? { name: ran.split('@')[0]!, version: Number(ran.split('@')[1]), id: 'x' } : null;
  const selected = new Set(typeof ran === 'string' ? ['Query.orders'] : ran);
  return {
    requestId: 'r',
    atMs: noon,
    durationMs: 1,
    door: 'graphql',
    principal: principal(keyId, 'open'),
    from: '::1',
    userAgent: null,
    clientName: null,
    wouldLimit: [],
    operation: {
      template,
      hash: [...selected].join(),
      text: '',
      name: null,
      selected,
      variables: {},
      isMutation: false,
    },
    decision: 'ok',
    status: 200,
    rows: null,
    truncated: false,
    upstreamCalls: 0,
    cost: { estimated: 1, actual: 1 },
    ...more,
  };
}

const recorder = (
  options: { clock?: FakeClock; logger?: Logger; maxPending?: number; store?: Pick<UsageStore, 'add' | 'forget'> } = {},
) => createUsageRecorder({ store, clock: new FakeClock(noon), logger: silentLogger, ...options });

describe('uses of templates', () => {
  it('are added up by key and version, over writings, days and processes', async () => {
    const [one, other] = [recorder(), recorder()];
    one.record(request('a', 't@1'));
    one.record(request('a', 't@1', { atMs: noon + 1_000 }));
    one.record(request('a', 't@2'));
    one.record(request('b', 't@1'));
    other.record(request('a', 't@1', { atMs: noon + dayMs }));
    await Promise.all([one.flush(), other.flush()]);
    one.record(request('a', 't@1', { atMs: noon - 5_000 }));
    await one.flush();
    const uses = await store.templateUses('everyone');
    expect(uses).toHaveLength(3);
    expect(uses.find(({ keyId, version }) => keyId === 'a' && version === 1)).toEqual({
      keyId: 'a',
      name: 't',
      version: 1,
      runs: 4,
      firstUsedAt: new Date(noon - 5_000),
      lastUsedAt: new Date(noon + dayMs),
    });
    expect(await store.templateUses({ keyId: 'b' })).toMatchObject([{ keyId: 'b', runs: 1 }]);
    expect(await store.templateDays([{ name: 't', version: 1 }], 'everyone', new Date(noon))).toEqual([
      { day: '2026-11-24', runs: 1 },
      { day: '2026-11-23', runs: 4 },
    ]);
    expect(await store.templateDays([], 'everyone', new Date(noon))).toEqual([]);
  });

  it('are not counted for what was refused or did not run', async () => {
    const uses = recorder();
    uses.record(request('a', 't@1', { operation: null, cost: null, decision: 'PERSISTED_QUERY_NOT_IN_LIST' }));
    uses.record(request('a', 't@1', { cost: null, decision: 'UPSTREAM_UNAVAILABLE' }));
    await uses.flush();
    expect(await store.templateUses('everyone')).toEqual([]);
  });
});

describe('uses of fields', () => {
  it('are counted for operations without a template of keys that may send any, and for no others', async () => {
    const uses = recorder();
    uses.record(request('a', ['Query.orders', 'Order.id']));
    uses.record(request('a', ['Query.orders', 'Order.id']));
    uses.record(request('a', ['Query.order', 'Order.id']));
    uses.record(request('b', ['Order.id'], { principal: principal('b', 'audit') }));
    uses.record(request('c', ['Order.id'], { principal: principal('c', 'listed') }));
    uses.record(request('d', 't@1'));
    await uses.flush();
    const found = await store.fieldUses(['Order.id', 'Query.orders'], 'everyone');
    expect(found.map(({ keyId, coordinate, runs }) => `${keyId} ${coordinate} ${runs}`).sort()).toEqual([
      'a Order.id 3',
      'a Query.orders 2',
      'b Order.id 1',
    ]);
    expect(await store.fieldUses(['Order.id'], { keyId: 'b' })).toHaveLength(1);
    expect(await store.fieldDays('Order.id', 'everyone', new Date(noon))).toEqual([{ day: '2026-11-23', runs: 4 }]);
  });
});

describe('writing', () => {
  it('happens every five seconds, and once more at the end', async () => {
    const clock = new FakeClock(noon);
    const uses = recorder({ clock });
    const stop = new AbortController();
    const adds: number[] = [];
    const counting = recorder({
      clock,
      store: { add: async (templates) => void adds.push(templates.length), forget: async () => 0 },
    });
    const running = counting.run(stop.signal);
    counting.record(request('a', 't@1'));
    await clock.advance(4_999);
    expect(adds).toEqual([]);
    await clock.advance(1);
    expect(adds).toEqual([1]);
    counting.record(request('a', 't@1'));
    stop.abort();
    await running;
    expect(adds).toEqual([1, 1]);
    await uses.flush();
  });

  it('keeps what could not be written and adds to it, up to a bound that is told', async () => {
    const told: object[] = [];
    const logger: Logger = { ...silentLogger, warn: (facts) => void told.push(facts) };
    let isDown = true;
    const flaky = {
      ...store,
      add: (...args: Parameters<UsageStore['add']>) =>
        isDown ? Promise.reject(new Error('down')) : store.add(...args),
    };
    const uses = recorder({ store: flaky, logger, maxPending: 3 });
    uses.record(request('a', 't@1'));
    await uses.flush();
    uses.record(request('a', 't@1'));
    for (const name of ['u@1', 'v@1', 'w@1', 'x@1']) uses.record(request('a', name));
    await uses.flush();
    expect(told).toMatchObject([
      { waiting: 1, lost: 0 },
      { dropped: 2, maxPending: 3 },
      { waiting: 3, lost: 0 },
    ]);
    isDown = false;
    await uses.flush();
    expect((await store.templateUses('everyone')).map(({ name, runs }) => `${name} ${runs}`).sort()).toEqual([
      't 2',
      'u 1',
      'v 1',
    ]);
    await uses.flush();
    expect((await store.templateUses('everyone')).find(({ name }) => name === 't')!.runs).toBe(2);
  });

  it('forgets what is older than is kept, once a day', async () => {
    const clock = new FakeClock(noon);
    const uses = recorder({ clock });
    uses.record(request('a', 'old@1', { atMs: noon - (keptDays.templates + 1) * dayMs }));
    uses.record(request('a', 'kept@1', { atMs: noon - (keptDays.templates - 1) * dayMs }));
    uses.record(request('a', ['Order.old'], { atMs: noon - (keptDays.fields + 1) * dayMs }));
    uses.record(request('a', ['Order.kept'], { atMs: noon - (keptDays.fields - 1) * dayMs }));
    await uses.flush();
    expect((await store.templateUses('everyone')).map(({ name }) => name)).toEqual(['kept']);
    expect(
      (await store.fieldUses(['Order.old', 'Order.kept'], 'everyone')).map(({ coordinate }) => coordinate),
    ).toEqual(['Order.kept']);
  });
});
