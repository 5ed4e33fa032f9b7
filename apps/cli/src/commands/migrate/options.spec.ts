import { expect, it } from '@jest/globals';
import { UsageError } from '../../cli-error.ts';
import { rampVariables } from './ramp-options.ts';
import { setRouteVariables } from './route-options.ts';

const nowMs = Date.parse('2026-11-23T12:00:00Z');

it('says of a route what was typed, and nothing else', () => {
  expect(setRouteVariables('list-orders', 'shadowed', {}, nowMs)).toEqual({ route: 'list-orders', state: 'SHADOWED' });
  expect(
    setRouteVariables(
      'list-orders',
      'sunset',
      {
        ...{ key: 'nagios', deadline: '90d', sample: '5%', reason: 'moved' },
        brownout: ['2027-01-01T09:00:00Z/2027-01-01T11:00:00+01:00'],
      },
      nowMs,
    ),
  ).toEqual({
    ...{
      route: 'list-orders',
      state: 'SUNSET',
      keyId: 'nagios',
      deadline: '2027-02-21T12:00:00.000Z',
      sampleRate: 0.05,
    },
    ...{ brownouts: [{ from: '2027-01-01T09:00:00.000Z', to: '2027-01-01T10:00:00.000Z' }], reason: 'moved' },
  });
});

it.each([
  ['ramping', {}, 'migrate ramp'],
  ['on', {}, 'no state'],
  ['served', { sample: '2' }, '--sample'],
  ['sunset', { deadline: 'soon' }, '--deadline'],
  ['sunset', { brownout: ['2027-01-01/2027-01-02'] }, '--brownout'],
])('refuses %s %j', (state, flags, message) => {
  expect(() => setRouteVariables('list-orders', state, flags, nowMs)).toThrow(UsageError);
  expect(() => setRouteVariables('list-orders', state, flags, nowMs)).toThrow(message);
});

it('says of a ramp what was typed; gates are of every step', () => {
  expect(rampVariables('list-orders', undefined, {})).toEqual({ route: 'list-orders' });
  expect(rampVariables('list-orders', '5', {})).toEqual({ route: 'list-orders', percent: 5 });
  expect(
    rampVariables('list-orders', undefined, {
      plan: '1, 50,100',
      auto: true,
      maxMismatch: '0.1%',
      maxLatency: 'off',
      minMinutes: '0',
    }),
  ).toEqual({
    route: 'list-orders',
    plan: {
      auto: true,
      steps: [1, 50, 100].map((percent) => ({ percent, maxMismatchRate: 0.001, maxLatencyRatio: null, minMinutes: 0 })),
    },
  });
  expect(rampVariables('list-orders', '50%', { minSamples: '10' })).toMatchObject({
    percent: 50,
    plan: { steps: [{ percent: 50, minSamples: 10 }], auto: false },
  });
});

it.each([
  ['0', {}, 'rollback'],
  ['101', {}, 'at most 100'],
  [undefined, { plan: '1,x' }, '--plan'],
  ['5', { auto: true as const }, '--plan'],
  [undefined, { minSamples: '10' }, 'percentage'],
  ['5', { maxErrors: '-1' }, '--max-errors'],
  ['5', { maxLatency: '0' }, '--max-latency'],
  ['5', { minSamples: 'many' }, '--min-samples'],
])('refuses %s %j', (percent, flags, message) => {
  expect(() => rampVariables('list-orders', percent, flags)).toThrow(message);
});
