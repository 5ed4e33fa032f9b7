import { expect, it } from '@jest/globals';
import { levelInWords, limitInWords, listInWords, templatesInCell, templatesInWords } from './key-words.ts';

it('tells all, none and the chosen apart', () => {
  expect(listInWords(null)).toBe('All');
  expect(listInWords([])).toBe('None');
  expect(listInWords([3, 14])).toBe('3, 14');
});

it('names templates and tags, in a cell no more than three', () => {
  expect(templatesInWords({ all: true, names: [], tags: [] })).toBe('All');
  expect(templatesInWords({ all: false, names: [], tags: [] })).toBe('None');
  const grant = { all: false, names: ['a', 'b', 'c'], tags: ['cost', 'ca'] };
  expect(templatesInWords(grant)).toBe('a, b, c, tag "cost", tag "ca"');
  expect(templatesInCell(grant)).toBe('a, b, c and 2 more');
});

it('names a burst that is another number than the rate, and limits that are only counted', () => {
  const limits = { requestsPerMinute: 6_000, burst: 6_000, costPerMinute: 1, rows: 1, concurrent: 1, mode: 'ENFORCE' };
  expect(limitInWords({ limits })).toBe('6,000');
  expect(limitInWords({ limits: { ...limits, burst: 10, mode: 'SHADOW' } })).toBe('6,000, burst 10, only counted');
});

it('writes a value of an enum as words', () => {
  expect(levelInWords('ID_ONLY')).toBe('ID only');
  expect(levelInWords('LISTED')).toBe('Listed');
});
