import { describe, expect, it } from '@jest/globals';
import { UsageError } from '../../cli-error.ts';
import { createKeyInput, readExpiry } from './create-options.ts';

const nowMs = Date.parse('2026-11-23T12:00:00Z');

it('leaves out what was not said, so that the gateway decides', () => {
  expect(createKeyInput({ name: 'ci' }, nowMs)).toEqual({ name: 'ci' });
  expect(createKeyInput({ name: 'ci', templates: 'all', containers: 'all' }, nowMs)).toEqual({ name: 'ci' });
});

it('keeps "none" apart from "all"', () => {
  const none = { name: 'ci', templates: 'none', containers: 'none', fields: 'none', scopes: 'none' };
  expect(createKeyInput(none, nowMs)).toEqual({
    name: 'ci',
    templates: { names: [], tags: [] },
    containers: [],
    fields: [],
    scopes: [],
  });
});

it('reads lists, tags and numbers', () => {
  const flags = { name: 'ci', templates: 'a, b,tag:x', containers: '1,2', rate: '10', burst: '3', cost: '900' };
  expect(createKeyInput(flags, nowMs)).toEqual({
    name: 'ci',
    templates: { names: ['a', 'b'], tags: ['x'] },
    containers: [1, 2],
    limits: { requestsPerMinute: 10, burst: 3, costPerMinute: 900 },
  });
});

it.each([
  { templates: 'a,,b' },
  { templates: 'all,a' },
  { containers: '1,x' },
  { containers: '-1' },
  { rate: '0' },
  { burst: '1.5' },
  { cost: '1k' },
])('refuses %j', (flags) => {
  expect(() => createKeyInput({ name: 'ci', ...flags }, nowMs)).toThrow(UsageError);
});

describe('--expires', () => {
  it.each([
    ['90d', '2027-02-21T12:00:00.000Z'],
    ['12h', '2026-11-24T00:00:00.000Z'],
    ['2w', '2026-12-07T12:00:00.000Z'],
    ['2027-01-31', '2027-01-31T00:00:00.000Z'],
    ['2027-01-31T10:00:00+02:00', '2027-01-31T08:00:00.000Z'],
  ])('%s', (text, instant) => {
    expect(readExpiry(text, nowMs).toISOString()).toBe(instant);
  });

  it.each(['', '90', 'soon', '2027-02-30', '2027-1-1', '31.01.2027'])('refuses %j', (text) => {
    expect(() => readExpiry(text, nowMs)).toThrow(UsageError);
  });
});
