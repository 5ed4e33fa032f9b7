import { expect, it } from '@jest/globals';
import type { OfferedVariable } from '@certfolio/client';
import { problemsOf, sentValues, valuesOfSearch } from './variable-values.ts';

const variable = (name: string, more: Partial<OfferedVariable> = {}): OfferedVariable => ({
  ...{ name, type: 'string', isList: false, isRequired: false, description: '' },
  ...{ default: undefined, values: null, min: null, max: null },
  ...more,
});

it('takes texts, numbers, flags and lists of an address, and nothing else', () => {
  expect(
    valuesOfSearch({ days: 30, name: 'x', only: true, ids: ['1', 2, {}], odd: {}, none: null, empty: [] }),
  ).toEqual({
    days: '30',
    name: 'x',
    only: 'true',
    ids: ['1', '2'],
  });
});

it('sends what the report has a variable for and what says something', () => {
  const values = { days: '30', other: 'x', name: '', ids: [] };
  const sent = sentValues([variable('days'), variable('name'), variable('ids'), variable('constructor')], values);
  expect([...sent]).toEqual([['days', '30']]);
});

it('names what is missing, no number, or out of its bounds', () => {
  const days = variable('days', { type: 'integer', min: 0, max: 10 });
  const problem = (text: string) => problemsOf([days], [], { days: text }).get('days');
  expect(problem('5')).toBeUndefined();
  expect(problem('-1')).toBe('At least 0.');
  expect(problem('11')).toBe('At most 10.');
  expect(problem('1.5')).toBe('A whole number.');
  expect(problemsOf([variable('cost', { type: 'number' })], [], { cost: '1.5' }).size).toBe(0);
  expect(problemsOf([variable('id', { isRequired: true })], [], {}).get('id')).toBe('This report needs a value here.');
});

it('wants exactly one of those of which one must be given', () => {
  const variables = [variable('id'), variable('serial')];
  const problems = (values: Record<string, string>) => [...problemsOf(variables, ['id', 'serial'], values).keys()];
  expect(problems({})).toEqual(['id', 'serial']);
  expect(problems({ id: '1' })).toEqual([]);
  expect(problems({ id: '1', serial: '2' })).toEqual(['id', 'serial']);
});
