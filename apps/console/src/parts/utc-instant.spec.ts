import { expect, it } from '@jest/globals';
import { instantOfUtc } from './utc-instant.ts';

it('reads what was typed as UTC, with or without seconds', () => {
  expect(instantOfUtc('2027-01-01T07:30')).toBe('2027-01-01T07:30:00Z');
  expect(instantOfUtc('2027-01-01T07:30:15')).toBe('2027-01-01T07:30:00Z');
  expect(instantOfUtc('')).toBeNull();
});
