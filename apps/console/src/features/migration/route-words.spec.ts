import { expect, it } from '@jest/globals';
import { chosenStates, isAhead, nextStepOf, noticedOf, parityText } from './route-words.ts';

it('never rounds a parity up', () => {
  const parity = { compared: 1_200, different: 1, passed: 0, equalRate: 0.9996, atLeast: 0.9942 };
  expect(parityText(parity)).toBe('99.9 % of 1,200, at least 99.4 %');
  expect(parityText({ ...parity, compared: 0, equalRate: null })).toBe('not compared');
});

it('finds the step of the plan after the percentage in force', () => {
  const ramp = { auto: false, waitingFor: [], steps: [{ percent: 5 }, { percent: 50 }] };
  expect(nextStepOf({ state: 'RAMPING', percent: 5, ramp })).toBe(50);
  expect(nextStepOf({ state: 'RAMPING', percent: 50, ramp })).toBeNull();
  expect(nextStepOf({ state: 'SHADOWED', percent: 0, ramp })).toBe(5);
  expect(nextStepOf({ state: 'PROXIED', percent: 0, ramp: null })).toBeNull();
});

it('says of every state that can be chosen what callers notice', () => {
  expect(chosenStates.filter((state) => noticedOf(state) === '')).toEqual([]);
});

it('takes back what the graph answers, or nobody', () => {
  expect(['PROXIED', 'SHADOWED', 'RAMPING', 'GONE'].filter((state) => isAhead({ state }))).toEqual(['RAMPING', 'GONE']);
});
