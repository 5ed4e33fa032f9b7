import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { containerId, everything, silentLogger, type Principal } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import type { AnsweredCall } from '../rest-exchange.ts';
import { untouchedState, type RouteState } from '../rollout/route-state.ts';
import type { Asked } from './compare-call.ts';
import { createComparer, type ComparerLimits } from './comparer.ts';
import { createComparisonStore } from './comparison-store.postgres.ts';
import type { ComparisonStore } from './comparison-store.ts';
import { createCountRecorder } from './count-recorder.ts';
import { createRedaction } from './redact.ts';

const route = 'GET /order/certificate';
const today = new Date('2026-11-23T00:00:00Z');
let database: TestDatabase;
let store: ComparisonStore;

beforeAll(async () => {
  database = await createTestDatabase();
  store = createComparisonStore(database.pool);
});
beforeEach(() => database.pool.query('truncate migration_parity, migration_windows, migration_samples'));
afterAll(() => database.drop());

const limits = { requestsPerMinute: 1, burst: 1, costPerMinute: 1, rows: 1, concurrent: 1, mode: 'enforce' } as const;
const principal = (more: Partial<Principal> = {}): Principal => ({
  ...{ keyId: 'key1', keyName: 'nagios', owner: 'web-team', level: 'open', templates: 'all', scopes: new Set() },
  ...{ scope: everything, fields: 'all', limits, account: 'default', lane: 'interactive' },
  ...more,
});
const call = (value: unknown, more: Partial<AnsweredCall> = {}): AnsweredCall => ({
  ...{ route, params: new Map(), principal: principal(), by: 'certcentral', status: 200, durationMs: 12 },
  request: { method: 'GET', path: '/order/certificate', search: 'limit=40', headers: new Map(), body: null },
  headers: [['content-type', 'application/json']],
  body: Buffer.from(JSON.stringify(value)),
  ...{ requestId: 'r1', isTest: false, isTooLong: false },
  ...more,
});

interface Stand {
  readonly state?: Partial<RouteState>;
  readonly legacy?: unknown;
  readonly graph?: unknown;
  readonly spare?: () => boolean;
  readonly random?: number;
  readonly limits?: Partial<ComparerLimits>;
}

function stand({ state = {}, legacy, graph, spare = () => true, random = 0, limits: bounds = {} }: Stand = {}) {
  const clock = new FakeClock('2026-11-23T12:00:00Z');
  const outcomes: string[] = [];
  const asks: string[] = [];
  const counts = createCountRecorder({ store, clock, logger: silentLogger });
  const ask = async (side: string, value: unknown): Promise<Asked> => {
    asks.push(side);
    const answer = call(value);
    return { kind: 'answer', answer: { ...answer, body: answer.body!, atMs: clock.nowMs() }, durationMs: 1 };
  };
  let id = 0;
  const comparer = createComparer({
    stateOf: () => ({ ...untouchedState(route), state: 'shadowed', version: 7, ...state }),
    isServed: (each) => each === route,
    sidesOf: () => ({ legacy: () => ask('legacy', legacy), graph: () => ask('graph', graph) }),
    hasSpareQuota: async () => spare(),
    ...{ store, counts, clock, redaction: createRedaction(Buffer.from('x')), logger: silentLogger },
    onOutcome: (_route, outcome) => outcomes.push(outcome),
    newId: () => `s${++id}`,
    random: () => random,
    limits: bounds,
  });
  return { comparer, outcomes, asks, counts, clock };
}
const facts = { route, principal: principal(), isTest: false };

it('keeps counts and an example pair with its owner of one wrong field', async () => {
  const { comparer, counts, outcomes } = stand({
    legacy: { id: 1, status: 'issued' },
    graph: { id: 1, status: 'revoked' },
  });
  comparer.answered(call({ id: 1, status: 'issued' }));
  await comparer.idle();
  await counts.flush();
  expect(outcomes).toEqual(['different']);
  expect(await store.samples({ limit: 9 })).toMatchObject([
    { keyId: 'key1', owner: 'web-team', field: 'status', legacy: '"issued"', graph: '"revoked"' },
  ]);
  expect(await store.parity({ since: today })).toMatchObject([
    { field: '', compared: 1, different: 1 },
    { field: 'header:content-type', compared: 1, different: 0 },
    { field: 'id', compared: 1, different: 0 },
    { field: 'status', compared: 1, different: 1 },
  ]);
  expect(await store.windows(route, 7, today)).toMatchObject([{ compared: 1, different: 1, legacyCalls: 1 }]);
});

it('never repeats a write, nor what has a body', async () => {
  const { comparer, asks } = stand();
  const write = call({ id: 1 });
  for (const request of [
    { ...write.request, method: 'POST' },
    { ...write.request, method: 'PUT' },
    { ...write.request, method: 'DELETE' },
    { ...write.request, body: Buffer.from('{}') },
  ])
    comparer.answered({ ...write, request });
  await comparer.idle();
  expect(asks).toEqual([]);
});

it.each<[string, Stand, Partial<typeof facts>]>([
  ['test traffic', {}, { isTest: true }],
  ['a route without a mapper', {}, { route: 'GET /user/me' }],
  ['a key that is passed through', {}, { principal: principal({ upstreamKey: { id: 'x', text: () => 'x' } }) }],
  ['a key of one division', {}, { principal: principal({ scope: { containers: new Set([containerId(1)]) } }) }],
  ['a key without sensitive fields', {}, { principal: principal({ fields: new Set() }) }],
  ['a route that is proxied only', { state: { state: 'proxied' } }, {}],
  ['a route that is gone', { state: { state: 'gone' } }, {}],
  ['what the sample leaves out', { state: { sampleRate: 0.5 }, random: 0.5 }, {}],
])('does not want %s', (_what, options, more) => {
  expect(stand(options).comparer.wants({ ...facts, ...more })).toBe(false);
});

it('wants what is sampled, so many in a minute, evenly but for ten seconds at once', async () => {
  const { comparer, clock } = stand({ state: { sampleRate: 0.5 }, random: 0.49, limits: { perMinute: 30 } });
  const wanted = (calls: number) => Array.from({ length: calls }, () => comparer.wants(facts)).filter(Boolean).length;
  expect(wanted(20)).toBe(5);
  await clock.advance(2_000);
  expect(wanted(20)).toBe(1);
  await clock.advance(60_000);
  expect(wanted(20)).toBe(5);
});

it.each([
  [1, 1],
  [0, 0],
])('wants of %d in a minute the first %d', (perMinute, first) => {
  const { comparer } = stand({ limits: { perMinute } });
  expect([1, 2].filter(() => comparer.wants(facts))).toHaveLength(first);
});

it('asks nobody while a caller waits for an answer', async () => {
  const { comparer, clock, asks, outcomes } = stand({ graph: { a: 1 } });
  const ended = comparer.began();
  comparer.answered(call({ a: 1 }));
  for (let count = 0; count < 20; count += 1) await clock.advance(25);
  expect(asks).toEqual([]);
  ended();
  for (let count = 0; count < 20; count += 1) await clock.advance(25);
  await comparer.idle();
  expect([asks, outcomes]).toEqual([['graph'], ['equal']]);
});

it('drops what the queue has no place for, and counts it', async () => {
  const { comparer, outcomes } = stand({ graph: { a: 1 }, limits: { queue: { items: 1, bytes: 1_000, atOnce: 1 } } });
  comparer.answered(call({ a: 1 }));
  comparer.answered(call({ a: 1 }));
  expect(outcomes).toEqual(['dropped']);
  await comparer.idle();
  expect(outcomes).toEqual(['dropped', 'equal']);
});

it('counts what is too long to be compared', async () => {
  const { comparer, outcomes, asks } = stand({ graph: { a: 1 } });
  comparer.answered(call({ a: 1 }, { body: null, isTooLong: true }));
  await comparer.idle();
  expect([outcomes, asks]).toEqual([['too-long'], []]);
});

it('asks nobody without spare quota, and stops in the middle when others need it', async () => {
  const none = stand({ spare: () => false });
  none.comparer.answered(call({ a: 1 }));
  await none.comparer.idle();
  expect([none.outcomes, none.asks]).toEqual([['quota'], []]);

  let checks = 0;
  const some = stand({ graph: { a: 2 }, spare: () => (checks += 1) <= 2 });
  some.comparer.answered(call({ a: 1 }));
  await some.comparer.idle();
  await some.counts.flush();
  expect([some.outcomes, some.asks]).toEqual([['quota'], ['graph']]);
  expect(await store.parity({ since: today })).toEqual([]);
});

it('counts failures of the graph against it, those that CertCentral had to step in for included', async () => {
  const { comparer, counts } = stand();
  comparer.answered(call({}, { by: 'graph', status: 502 }));
  comparer.answered(call({}, { graphFailure: 'GATEWAY_TIMEOUT', status: 500, body: null }));
  comparer.answered(call({}, { by: 'graph', body: null }));
  comparer.answered(call({}, { by: 'graph', status: 502, isTest: true }));
  await comparer.idle();
  await counts.flush();
  expect(await store.windows(route, 7, today)).toMatchObject([
    { graphCalls: 3, graphErrors: 2, legacyCalls: 0, compared: 0 },
  ]);
});

it('survives a side that throws', async () => {
  const { comparer, outcomes } = stand({
    spare: () => {
      throw new Error('away');
    },
  });
  comparer.answered(call({ a: 1 }));
  await comparer.idle();
  expect(outcomes).toEqual(['failed']);
});
