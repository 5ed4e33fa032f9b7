import { expect, it } from '@jest/globals';
import { shownKeys, stateOf } from './key-state.ts';

const at = (text: string) => Date.parse(text);
const endless = { expiresAt: null, revokedAt: null };

it('is expired from the instant on at which it ends', () => {
  const key = { ...endless, expiresAt: '2027-01-31T00:00:00Z' };
  expect(stateOf(key, at('2027-01-30T23:59:59Z'))).toBe('ACTIVE');
  expect(stateOf(key, at('2027-01-31T00:00:00Z'))).toBe('EXPIRED');
});

it('is revoked also when its time is over', () => {
  const key = { expiresAt: '2027-01-01T00:00:00Z', revokedAt: '2026-12-01T00:00:00Z' };
  expect(stateOf(key, at('2027-02-01T00:00:00Z'))).toBe('REVOKED');
});

const keys = [
  { name: 'sheet', owner: 'Finance', ...endless },
  { name: 'grafana', owner: 'SRE', ...endless },
  { name: 'old', owner: 'Finance', expiresAt: null, revokedAt: '2026-01-01T00:00:00Z' },
];
const namesOf = (text: string, withEnded: boolean) =>
  shownKeys(keys, { text, withEnded }, at('2026-11-28T00:00:00Z')).map(({ name }) => name);

it('shows active keys by name, the others when they are asked for', () => {
  expect(namesOf('', false)).toEqual(['grafana', 'sheet']);
  expect(namesOf('', true)).toEqual(['grafana', 'old', 'sheet']);
});

it('finds part of a name or an owner in any case', () => {
  expect(namesOf(' FIN ', true)).toEqual(['old', 'sheet']);
  expect(namesOf('Graf', false)).toEqual(['grafana']);
  expect(namesOf('nobody', true)).toEqual([]);
});
