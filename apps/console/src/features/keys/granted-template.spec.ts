import { expect, it } from '@jest/globals';
import { curlCommand, neededVariables, onlyTemplate, templateOptions } from './granted-template.ts';

const template = { name: 'where-is-name', title: 'Find a name', variables: [], oneOf: ['name', 'serial'] };
const needy = [
  { name: 'days', required: true, default: null },
  { name: 'first', required: false, default: '100' },
];

it('knows the one template of a key', () => {
  expect(onlyTemplate({ all: false, names: ['a'], tags: [] })).toBe('a');
  expect(onlyTemplate({ all: false, names: ['a'], tags: ['cost'] })).toBeNull();
  expect(onlyTemplate({ all: true, names: [], tags: [] })).toBeNull();
});

it('offers a template once, whatever versions there are', () => {
  const options = templateOptions([
    template,
    { ...template, title: 'Of before' },
    { ...template, name: 'b', title: 'B' },
  ]);
  expect(options).toEqual([
    { value: 'b', label: 'B (b)' },
    { value: 'where-is-name', label: 'Find a name (where-is-name)' },
  ]);
});

it('asks for what has no default, and for one of the alternatives', () => {
  expect(neededVariables({ ...template, variables: needy })).toEqual(['days', 'name']);
  expect(neededVariables(undefined)).toEqual([]);
});

it('writes a command without the secret', () => {
  expect(curlCommand('https://c.example/x', 'expiring-soon', [])).toBe(
    `curl -sS -H "Authorization: Bearer $CERTFOLIO_KEY" 'https://c.example/x/r/expiring-soon.csv'`,
  );
  expect(curlCommand('https://c.example/', 'a', ['days', 'name'])).toContain(
    `'https://c.example/r/a.csv?days=VALUE&name=VALUE'`,
  );
});
