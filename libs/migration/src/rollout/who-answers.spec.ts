import { describe, expect, it } from '@jest/globals';
import { untouchedState, type RouteState } from './route-state.ts';
import { isInRamp, whoAnswers, type CallFacts } from './who-answers.ts';

const route = 'GET /order/certificate';
const nowMs = Date.parse('2026-11-23T12:00:00Z');
const minutes = (n: number) => new Date(nowMs + n * 60_000);
const inState = (state: RouteState['state'], more: Partial<RouteState> = {}): RouteState => ({
  ...untouchedState(route),
  state,
  ...more,
});
const asked = (more: Partial<CallFacts> = {}): CallFacts => ({
  isRead: true,
  isServed: true,
  state: inState('served'),
  keyId: 'k',
  seesEverything: true,
  isPassedThrough: false,
  nowMs,
  ...more,
});

it.each([
  ['proxied', { kind: 'proxied', why: 'state' }],
  ['shadowed', { kind: 'proxied', why: 'state' }],
  ['served', { kind: 'graph', onFailure: 'error', otherwise: 'proxied' }],
  ['sunset', { kind: 'graph', onFailure: 'error', otherwise: 'proxied' }],
  ['gone', { kind: 'gone', brownout: null }],
] as const)('a route that is %s', (state, decision) => {
  expect(whoAnswers(asked({ state: inState(state) }))).toEqual(decision);
});

describe('whatever the state', () => {
  const states = ['proxied', 'shadowed', 'served', 'sunset'] as const;

  it('a write is CertCentral’s, and what no mapper knows, and a caller with an upstream key of its own', () => {
    for (const state of states.map((name) => inState(name))) {
      expect(whoAnswers(asked({ state, isRead: false }))).toEqual({ kind: 'proxied', why: 'write' });
      expect(whoAnswers(asked({ state, isServed: false }))).toEqual({ kind: 'proxied', why: 'unserved' });
      expect(whoAnswers(asked({ state, isPassedThrough: true }))).toEqual({ kind: 'proxied', why: 'pass-through' });
    }
  });

  it('a key that may not see all is never given an answer that nobody can cut', () => {
    for (const state of states.map((name) => inState(name))) {
      const limited = asked({ state, seesEverything: false });
      expect(whoAnswers(limited)).toEqual({ kind: 'graph', onFailure: 'error', otherwise: 'refused' });
      expect(whoAnswers({ ...limited, isPassedThrough: true })).toMatchObject({ otherwise: 'refused' });
      expect(whoAnswers({ ...limited, isServed: false })).toEqual({ kind: 'refused', why: 'unserved' });
      expect(whoAnswers({ ...limited, isRead: false })).toEqual({ kind: 'refused', why: 'write' });
    }
  });
});

it('a brown-out is open from its beginning on, and over at its end', () => {
  const during = (from: number, to: number, state: RouteState['state'] = 'sunset') =>
    whoAnswers(asked({ state: inState(state, { brownouts: [{ from: minutes(from), to: minutes(to) }] }) })).kind;
  expect([during(0, 1), during(-1, 0), during(1, 2), during(0, 1, 'served')]).toEqual([
    'gone',
    'graph',
    'graph',
    'graph',
  ]);
});

describe('a ramp', () => {
  const keys = Array.from({ length: 10_000 }, (_each, nth) => `key-${nth}`);
  const inside = (percent: number, of = route) => keys.filter((key) => isInRamp(key, of, percent));

  it('reaches about as many keys as it says', () => {
    for (const percent of [1, 5, 25, 50]) {
      const share = inside(percent).length / 100;
      // Three standard deviations of 10,000 draws are at most 1.5 percent.
      expect(Math.abs(share - percent)).toBeLessThan(1.5);
    }
    expect([inside(0).length, inside(100).length]).toEqual([0, 10_000]);
  });

  it('keeps whoever is in as it grows, and begins elsewhere on another route', () => {
    const few = inside(5);
    const many = new Set(inside(25));
    expect(few.every((key) => many.has(key))).toBe(true);
    expect(inside(5, 'GET /domain')).not.toEqual(few);
  });

  it('gives its keys to the graph, with CertCentral behind it, and the others to CertCentral', () => {
    const [first] = inside(50);
    const outside = keys.find((key) => !isInRamp(key, route, 50))!;
    const state = inState('ramping', { percent: 50 });
    expect(whoAnswers(asked({ state, keyId: first! }))).toEqual({
      kind: 'graph',
      onFailure: 'proxied',
      otherwise: 'proxied',
    });
    expect(whoAnswers(asked({ state, keyId: outside }))).toEqual({ kind: 'proxied', why: 'state' });
  });
});
