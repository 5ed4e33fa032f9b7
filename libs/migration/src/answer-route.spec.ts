import { describe, expect, it } from '@jest/globals';
import {
  GatewayTimeout,
  ReadLedger,
  RateLimited,
  containerId,
  type ForwardedCall,
  type Principal,
  type RequestContext,
} from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { answerRoute, endRoute, type GraphOutcome, type RouteCall, type RoutePorts } from './answer-route.ts';
import type { AnsweredCall, RestAnswer } from './rest-exchange.ts';
import { untouchedState, type RouteState } from './rollout/route-state.ts';
import type { CountedRestCall } from './usage/rest-usage-recorder.ts';

const clock = new FakeClock();
const route = 'GET /order/certificate';
const principal: Principal = {
  ...{ keyId: 'k', keyName: 'script', owner: 'o', level: 'open', templates: 'all', scopes: new Set(), rest: 'write' },
  ...{ scope: { containers: 'all' }, fields: 'all', account: 'default', lane: 'interactive' },
  limits: { requestsPerMinute: 1, burst: 1, costPerMinute: 1, rows: 1, concurrent: 1, mode: 'enforce' },
};
const ofGraph: RestAnswer = { status: 200, headers: [], body: Buffer.from('graph') };
const answered = (more: Partial<GraphOutcome & { kind: 'answer' }> = {}): GraphOutcome => ({
  ...{ kind: 'answer', answer: ofGraph, source: 'mirror', upstreamCalls: 0 },
  dataAsOf: new Date(clock.nowMs() - 90_000),
  ...more,
});

interface Scene {
  readonly state?: RouteState['state'];
  readonly who?: Partial<Principal>;
  readonly method?: string;
  readonly path?: string;
  readonly graph?: () => Promise<GraphOutcome>;
}

/** One call through the flow, with what it left behind. */
async function play({ state = 'served', who = {}, method = 'GET', path = '/order/certificate', graph }: Scene) {
  const forwarded: (ForwardedCall & { deadline: Date })[] = [];
  const counted: CountedRestCall[] = [];
  const compared: AnsweredCall[] = [];
  const ports: RoutePorts = {
    match: (asked, at) =>
      at.startsWith('/order/certificate') ? { key: `${asked} /order/certificate`, params: new Map() } : null,
    states: {
      current: async () => ports.states.lastKnown(),
      lastKnown: () => ({
        stateOf: (of) => ({ ...untouchedState(of), state, percent: 100 }),
      }),
    },
    isServed: (of) => of === route,
    successorOf: () => 'https://here/r/inventory.csv',
    infoUrl: null,
    requestTimeoutMs: 30_000,
    forwarder: {
      async forward(_account, call, { ledger, deadline }) {
        forwarded.push({ ...call, deadline });
        ledger.called();
        return { status: 200, statusText: 'Fine', headers: [], body: Buffer.from('') as never };
      },
    },
    usage: { record: (call) => counted.push(call) },
    comparer: { began: () => () => undefined, wants: () => true, answered: (call) => compared.push(call) },
    clock,
  };
  const context: RequestContext = {
    ...{ requestId: 'r', principal: { ...principal, ...who }, maxAgeMs: 0, planOnly: false, run: null },
    ...{ deadline: new Date(clock.nowMs() + 1_000), signal: new AbortController().signal, ledger: new ReadLedger() },
  };
  const call: RouteCall = {
    request: { method, path, search: 'limit=1', headers: new Map(), body: null },
    forwarded: { method, target: `${path}?limit=1`, headers: [], body: null },
    ...{ context, userAgent: 'script/1', isTest: false, atMs: clock.nowMs() },
    graph: graph ?? (async () => answered()),
  };
  const outcome = await answerRoute(call, ports);
  const status = outcome.kind === 'answer' ? outcome.answer.status : outcome.error.entry.status;
  endRoute(call, outcome, { status, durationMs: 5, isWhole: true, isTooLong: false, body: Buffer.from('b') }, ports);
  return { outcome, forwarded, counted: counted[0]!, compared };
}
const by = ({ outcome }: Awaited<ReturnType<typeof play>>) =>
  outcome.kind === 'answer' ? outcome.by : outcome.error.code;

it('a route that is served is answered by the graph, which says how old its data is', async () => {
  const played = await play({});
  expect([by(played), played.forwarded.length]).toEqual(['graph', 0]);
  expect(played.outcome.headers).toEqual([
    ['Certfolio-Source', 'mirror'],
    ['Certfolio-Data-As-Of', new Date(clock.nowMs() - 90_000).toISOString()],
    ['Age', '90'],
  ]);
  expect(played.counted).toMatchObject({ route, isFromGraph: true, upstreamCalls: 0, fallback: null });
  expect(played.compared).toMatchObject([{ by: 'graph', route, status: 200 }]);
});

it('data that is older than it should be says so', async () => {
  const { outcome } = await play({ graph: async () => answered({ stale: true }) });
  expect(outcome.headers).toContainEqual(['Certfolio-Stale', 'true']);
});

describe('CertCentral answers', () => {
  it('in every state before, and what the graph cannot answer exactly, counted with the reason', async () => {
    expect(by(await play({ state: 'shadowed' }))).toBe('certcentral');
    const played = await play({ graph: async () => ({ kind: 'cannot', reason: 'sort by price' }) });
    expect(by(played)).toBe('certcentral');
    expect(played.counted).toMatchObject({ isFromGraph: false, upstreamCalls: 1, fallback: 'sort by price' });
    expect(played.compared).toMatchObject([{ by: 'certcentral' }]);
    expect(played.compared[0]).not.toHaveProperty('graphFailure');
  });

  it('calls in another form than a mapper knows', async () => {
    expect(by(await play({ path: '/order/certificate/' }))).toBe('certcentral');
    expect(by(await play({ method: 'HEAD' }))).toBe('certcentral');
  });

  it('after a failure of ours while a route is ramping, with time of its own; a served route fails', async () => {
    const fails = async () => {
      throw new GatewayTimeout('orders', 1_000);
    };
    const ramping = await play({ state: 'ramping', graph: fails });
    expect(by(ramping)).toBe('certcentral');
    expect(ramping.counted.fallback).toBe('GATEWAY_TIMEOUT');
    expect(ramping.compared).toMatchObject([{ graphFailure: 'GATEWAY_TIMEOUT' }]);
    expect(ramping.forwarded[0]!.deadline.getTime() - clock.nowMs()).toBe(30_000);
    const served = await play({ graph: fails });
    expect([by(served), served.forwarded.length]).toEqual(['GATEWAY_TIMEOUT', 0]);
    expect(served.compared).toMatchObject([{ by: 'graph', graphFailure: 'GATEWAY_TIMEOUT' }]);
  });

  it('never for a key that is over its own limit', async () => {
    const limited = async () => {
      throw new RateLimited('cost', '1 point', 1_000);
    };
    const played = await play({ state: 'ramping', graph: limited });
    expect([by(played), played.forwarded.length, played.counted.isRefused]).toEqual(['RATE_LIMITED', 0, true]);
  });
});

it('writes go on in every state, are counted, and never compared', async () => {
  for (const state of ['proxied', 'shadowed', 'ramping', 'served', 'sunset'] as const) {
    const played = await play({ state, method: 'POST' });
    expect([by(played), played.forwarded.length, played.compared.length]).toEqual(['certcentral', 1, 0]);
    expect(played.forwarded[0]!.isRead).toBe(false);
  }
});

it('a limited key gets the graph in every state, or nothing', async () => {
  const who = { scope: { containers: new Set([containerId(7)]) } };
  for (const state of ['proxied', 'shadowed', 'served'] as const) {
    expect(by(await play({ state, who }))).toBe('graph');
    const cannot = await play({ state, who, graph: async () => ({ kind: 'cannot', reason: 'sort by price' }) });
    expect([by(cannot), cannot.forwarded.length]).toEqual(['FORBIDDEN', 0]);
  }
  for (const more of [{ method: 'POST' }, { path: '/nowhere' }, { method: 'HEAD' }])
    expect([by(await play({ who, ...more })), (await play({ who, ...more })).forwarded.length]).toEqual([
      'FORBIDDEN',
      0,
    ]);
});

it('a key without the right is refused before anybody is asked, and counted', async () => {
  for (const [rest, method, allowed] of [
    ['none', 'GET', false],
    ['read', 'GET', true],
    ['read', 'PUT', false],
    ['write', 'PUT', true],
  ] as const) {
    const played = await play({ who: { rest }, method, state: 'proxied' });
    expect([rest, method, by(played)]).toEqual([rest, method, allowed ? 'certcentral' : 'FORBIDDEN']);
    expect(played.counted.isRefused).toBe(!allowed);
  }
});

it('a route that is gone names what to call', async () => {
  const played = await play({ state: 'gone' });
  expect([by(played), played.forwarded.length]).toEqual(['GONE', 0]);
  expect(played.outcome.headers).toContainEqual(['Link', '<https://here/r/inventory.csv>; rel="successor-version"']);
});
