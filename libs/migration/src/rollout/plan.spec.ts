import { expect, it } from '@jest/globals';
import { defaultGates, parseRampPlan, rampPlan } from './plan.ts';

it('takes a plan as it is stored', () => {
  const plan = rampPlan([1, 50, 100], defaultGates, true);
  expect(parseRampPlan(JSON.parse(JSON.stringify(plan)))).toEqual({ plan });
});

it.each([
  [rampPlan([50, 25], defaultGates, true), /rise/],
  [rampPlan([], defaultGates, true), /steps/],
  [rampPlan([0], defaultGates, true), /percent/],
  [rampPlan([101], defaultGates, true), /percent/],
  [rampPlan([5], { ...defaultGates, maxErrorRate: 2 }, true), /maxErrorRate/],
  [null, /plan/],
])('names what is wrong: %#', (plan, problem) =>
  expect(parseRampPlan(plan)).toEqual({ problem: expect.stringMatching(problem) }),
);
