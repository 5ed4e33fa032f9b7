import { expect, it } from '@jest/globals';
import { Counter, Histogram, Registry } from 'prom-client';
import { RequestCounter, RequestDurations } from './request-metrics.ts';

const bounds = [0.005, 0.1, 1];
const facts = { name: 'certfolio_x', help: 'X.' };

it('counts as prom-client does, in every reading', async () => {
  const [ours, theirs] = [new Registry(), new Registry()];
  const counter = new RequestCounter({ ...facts, labelNames: ['door', 'code'], registry: ours });
  const expected = new Counter({ ...facts, labelNames: ['door', 'code'], registers: [theirs] });
  for (const round of [1, 2]) {
    for (const [door, code, amount] of [
      ['graphql', 'ok', 1],
      ['graphql', 'FORBIDDEN', 2],
      ['report "x"\\', 'ok', round],
      ['graphql', 'ok', 0],
      ['__proto__', 'constructor', 1],
    ] as const) {
      counter.add(amount, door, code);
      expected.inc({ door, code }, amount);
    }
    expect(await ours.metrics()).toBe(await theirs.metrics());
  }
});

it('counts under one label', async () => {
  const [ours, theirs] = [new Registry(), new Registry()];
  const counter = new RequestCounter({ ...facts, labelNames: ['door'], registry: ours });
  const expected = new Counter({ ...facts, labelNames: ['door'], registers: [theirs] });
  counter.add(21, 'graphql');
  expected.inc({ door: 'graphql' }, 21);
  expect(await ours.metrics()).toBe(await theirs.metrics());
});

it('puts durations into the buckets into which prom-client puts them', async () => {
  const [ours, theirs] = [new Registry(), new Registry()];
  const durations = new RequestDurations({ ...facts, label: 'door', bounds, registry: ours });
  const expected = new Histogram({ ...facts, labelNames: ['door'], buckets: bounds, registers: [theirs] });
  for (const [door, seconds] of [
    ['graphql', 0],
    ['graphql', 0.005],
    ['graphql', 0.0051],
    ['rest', 1],
    ['rest', 1.5],
    ['graphql', 0.1],
  ] as const) {
    durations.observe(door, seconds);
    expected.observe({ door }, seconds);
  }
  expect(await ours.metrics()).toBe(await theirs.metrics());
});
