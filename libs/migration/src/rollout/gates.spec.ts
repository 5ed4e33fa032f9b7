import { expect, it } from '@jest/globals';
import type { RolloutWindow } from '../comparison/comparison-store.ts';
import { latencyClass, latencyClasses } from '../comparison/latency.ts';
import { decideRamp } from './gates.ts';
import { defaultGates, rampPlan, type RampGates } from './plan.ts';

const began = Date.parse('2026-11-23T10:00:00Z');
const nowMs = Date.parse('2026-11-23T12:00:00Z');
const minute = (at: string) => new Date(`2026-11-23T${at}:00Z`);

function window(counts: Partial<RolloutWindow>): RolloutWindow {
  const empty = { compared: 0, different: 0, graphCalls: 0, graphErrors: 0, legacyCalls: 0 };
  const latency = { graphLatency: [], legacyLatency: [] };
  return { route: 'GET /x', version: 1, minute: minute('10:30'), ...empty, ...latency, ...counts };
}
const times = (ms: number, calls: number) =>
  Array.from({ length: latencyClasses }, (_, at) => (at === latencyClass(ms) ? calls : 0));
const decide = (
  windows: readonly RolloutWindow[],
  { gates = {}, auto = true, percent = 5 }: { gates?: Partial<RampGates>; auto?: boolean; percent?: number } = {},
) =>
  decideRamp(
    { percent, since: new Date(began), plan: rampPlan([1, 5, 25, 50, 100], { ...defaultGates, ...gates }, auto) },
    windows,
    nowMs,
  );

it('goes on when enough was compared for long enough', () => {
  expect(decide([window({ compared: 200 })])).toEqual({
    kind: 'advance',
    percent: 25,
    reason: 'Step of 5 % passed: 200 compared, 0 different.',
  });
});

it('goes on only where the plan says so, and stays at the last step', () => {
  expect(decide([window({ compared: 200 })], { auto: false })).toEqual({
    kind: 'stay',
    waitingFor: ['the next step, 25 %, which is taken by hand'],
  });
  expect(decide([window({ compared: 200 })], { percent: 100 })).toEqual({ kind: 'stay', waitingFor: [] });
});

it('says what a step still needs', () => {
  expect(decide([window({ compared: 150 })], { gates: { minMinutes: 180 } })).toEqual({
    kind: 'stay',
    waitingFor: ['50 more samples', '60 more minutes'],
  });
});

it('goes back on one difference that was seen twice where the gate is strict and samples are few', () => {
  expect(decide([window({ compared: 20, different: 1 })])).toEqual({
    kind: 'rollback',
    reason: '1 of 20 compared answers differed; the gate allows 0.1 %.',
  });
});

it('neither goes back nor on while a rate may be chance', () => {
  // 1 of 900: the lower bound is 0.02 %, the rate itself 0.111 %.
  expect(decide([window({ compared: 900, different: 1 })])).toEqual({
    kind: 'stay',
    waitingFor: ['a mismatch rate of at most 0.1 %; it is 0.111 %'],
  });
});

it('goes back on errors of the graph', () => {
  expect(decide([window({ compared: 500, graphCalls: 100, graphErrors: 10 })])).toEqual({
    kind: 'rollback',
    reason: '10 of 100 calls failed in the graph; the gate allows 1 %.',
  });
});

it('goes back when the graph is slower than the gate allows, once both sides have calls enough', () => {
  const slow = (calls: number) => [
    window({ compared: 500, graphLatency: times(500, calls), legacyLatency: times(100, calls) }),
  ];
  expect(decide(slow(49)).kind).toBe('advance');
  expect(decide(slow(50))).toMatchObject({
    kind: 'rollback',
    reason: expect.stringContaining('95th percentile is 53'),
  });
  expect(decide(slow(50), { gates: { maxLatencyRatio: null } }).kind).toBe('advance');
});

it('sees trouble of the last minutes that all of the step would hide', () => {
  const good = window({ compared: 100_000, different: 0 });
  const bad = window({ compared: 30, different: 20, minute: minute('11:58') });
  expect(decide([good, { ...bad, minute: minute('10:31') }]).kind).toBe('advance');
  expect(decide([good, bad])).toMatchObject({ kind: 'rollback', reason: expect.stringContaining('20 of 30') });
});
