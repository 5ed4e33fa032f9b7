import { expect, it } from '@jest/globals';
import { bytesText, differenceText, durationText, rowsText, shortFileName } from './run-words.ts';

it('says how many rows there are beyond those that were taken', () => {
  expect(rowsText({ rows: null, totalRows: null, truncated: null })).toBe('–');
  expect(rowsText({ rows: 1_200, totalRows: 1_200, truncated: false })).toBe('1,200');
  expect(rowsText({ rows: 1_000, totalRows: 25_000, truncated: true })).toBe('1,000 of 25,000, truncated');
  expect(rowsText({ rows: 1_000, totalRows: null, truncated: true })).toBe('1,000 of more, truncated');
});

it('tells of a difference what is not zero', () => {
  expect(differenceText(null)).toBe('–');
  expect(differenceText({ added: 3, removed: 1, changed: 0, comparedWith: 'run_1' })).toBe('3 added, 1 removed');
  expect(differenceText({ added: 0, removed: 0, changed: 0, comparedWith: 'run_1' })).toBe('none');
});

it('gives times and sizes in the unit that reads best', () => {
  expect([302, 12_345, 185_000, 59_999].map(durationText)).toEqual(['302 ms', '12.3 s', '3 min 5 s', '60 s']);
  expect([0, 999, 1_000, 36_200, 2_000_000, 5e12].map(bytesText)).toEqual([
    '0 B',
    '999 B',
    '1 kB',
    '36.2 kB',
    '2 MB',
    '5,000 GB',
  ]);
});

it('shortens the name of a file to what differs from the others of its run', () => {
  expect(shortFileName('expiring-soon-2026-11-28T0932Z.csv')).toBe('csv');
  expect(shortFileName('rows.ndjson.gz')).toBe('rows.ndjson.gz');
  expect(shortFileName('difference.csv')).toBe('difference.csv');
});
