import { expect, it } from '@jest/globals';
import { routeCatalog } from '../routes/route-catalog.ts';
import { defaultGates, rampPlan } from './plan.ts';
import { untouchedState, type RouteState } from './route-state.ts';
import { changeRamp, changeState, rollBack } from './state-changes.ts';

const nowMs = Date.parse('2026-11-23T12:00:00Z');
const day = (text: string) => new Date(`${text}T00:00:00Z`);
const route = routeCatalog[0]!;
const served = { route, isServed: true };
const write = { route: routeCatalog.find(({ key }) => key.startsWith('POST'))!, isServed: false };
const now = (more: Partial<RouteState> = {}): RouteState => ({ ...untouchedState(route.key), ...more });
const plan = rampPlan([1, 25, 100], defaultGates, true);

it('sets what was said and leaves the rest', () => {
  expect(changeState(served, now(), { state: 'shadowed', reason: 'look' }, nowMs)).toEqual({
    change: { state: 'shadowed', percent: 0, plan: null, reason: 'look' },
  });
  const wanted = { state: 'sunset' as const, deadline: day('2027-01-31'), sampleRate: 0.1, reason: '' };
  const brownouts = [{ from: day('2027-01-01'), to: day('2027-01-02') }];
  expect(changeState(served, now(), { ...wanted, brownouts }, nowMs)).toEqual({
    change: { ...wanted, brownouts, percent: 0, plan: null },
  });
});

it.each([
  [write, { state: 'served' as const, reason: '' }, /stays "proxied"/],
  [served, { state: 'ramping' as const, reason: '' }, /migrate ramp/],
  [served, { state: 'sunset' as const, reason: '' }, /needs a deadline/],
  [served, { state: 'sunset' as const, deadline: day('2026-11-01'), reason: '' }, /is over/],
  [served, { state: 'shadowed' as const, sampleRate: 1.5, reason: '' }, /sample rate/],
  [
    served,
    { state: 'served' as const, brownouts: [{ from: day('2027-01-01'), to: day('2027-01-02') }], reason: '' },
    /"sunset"/,
  ],
  [
    served,
    {
      state: 'sunset' as const,
      deadline: day('2027-02-01'),
      brownouts: [{ from: day('2027-01-02'), to: day('2027-01-02') }],
      reason: '',
    },
    /ends after/,
  ],
  [
    served,
    {
      state: 'sunset' as const,
      deadline: day('2027-02-01'),
      brownouts: [{ from: day('2026-01-02'), to: day('2026-01-03') }],
      reason: '',
    },
    /is over/,
  ],
  [served, { state: 'served' as const, reason: 'x'.repeat(501) }, /at most 500/],
])('refuses what cannot be: %#', (to, wanted, problem) =>
  expect(changeState(to, now(), wanted, nowMs)).toEqual({ problem: expect.stringMatching(problem) }),
);

it('begins a ramp at the first step, or at the percentage that is named', () => {
  expect(changeRamp(served, now(), { plan, reason: '' })).toMatchObject({
    change: { state: 'ramping', percent: 1, plan },
  });
  expect(changeRamp(served, now(), { plan, percent: 25, reason: '' })).toMatchObject({ change: { percent: 25, plan } });
  expect(changeRamp(served, now(), { percent: 10, reason: '' })).toMatchObject({
    change: { percent: 10, plan: rampPlan([10], defaultGates, false) },
  });
});

it('takes the next step of the plan in force, and takes a ramp up after it went back', () => {
  const at = (percent: number) => now({ state: 'ramping', percent, plan });
  expect(changeRamp(served, at(1), { reason: '' })).toMatchObject({ change: { percent: 25, plan } });
  expect(changeRamp(served, at(0), { reason: '' })).toMatchObject({ change: { percent: 1, plan } });
  expect(changeRamp(served, at(1), { percent: 50, reason: '' })).toMatchObject({ change: { percent: 50, plan } });
  expect(changeRamp(served, at(100), { reason: '' })).toEqual({ problem: expect.stringContaining('no plan') });
});

it.each([
  [write, { percent: 5, reason: '' }],
  [served, { percent: 0, reason: '' }],
  [served, { percent: 101, reason: '' }],
  [served, { percent: 50, plan: rampPlan([1, 25], defaultGates, true), reason: '' }],
  [served, { plan: rampPlan([25, 1], defaultGates, true), reason: '' }],
])('refuses a ramp that cannot be: %#', (to, wanted) =>
  expect(changeRamp(to, now(), wanted)).toEqual({ problem: expect.any(String) }),
);

it('goes back to comparing, and keeps the plan', () => {
  expect(rollBack(now({ state: 'served' }), '')).toEqual({
    change: { state: 'shadowed', percent: 0, reason: 'Rolled back from served.' },
  });
});
