import { expect, it } from '@jest/globals';
import { decisionOf, rowsInWords, timeInWords, whoOf } from './audit-words.ts';

it('tells the time to the second', () => {
  expect(timeInWords('2026-11-28T09:32:54.643Z')).toBe('2026-11-28 09:32:54');
});

it('names the key, else the address', () => {
  const nobody = { keyName: null, owner: null, from: null, kind: 'REQUEST' };
  expect(whoOf({ ...nobody, keyName: 'grafana', owner: 'SRE', from: '10.0.0.1' })).toBe('grafana (SRE)');
  expect(whoOf({ ...nobody, from: '10.0.0.1', kind: 'UNKNOWN_KEYS' })).toBe('10.0.0.1');
  expect(whoOf({ ...nobody, kind: 'UNKNOWN_KEYS' })).toBe('other addresses');
  expect(whoOf({ ...nobody, kind: 'RETENTION' })).toBeNull();
});

it('says of an act without an outcome that it begins', () => {
  expect(decisionOf({ kind: 'ACT', decision: null, status: null })).toBe('begins');
  expect(decisionOf({ kind: 'REQUEST', decision: 'ok', status: 200 })).toBe('ok 200');
  expect(decisionOf({ kind: 'RETENTION', decision: null, status: null })).toBeNull();
});

it('tells when rows were cut', () => {
  expect(rowsInWords({ rows: 1_000, truncated: true })).toBe('1,000, cut');
  expect(rowsInWords({ rows: null, truncated: null })).toBeNull();
});
