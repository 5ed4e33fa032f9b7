import { describe, expect, it } from '@jest/globals';
import { editDistance, nearestOf } from './edit-distance.ts';

describe('editDistance', () => {
  it('counts letters added, dropped or replaced', () => {
    expect(editDistance('kitten', 'sitting', 5)).toBe(3);
    expect(editDistance('', 'abc', 5)).toBe(3);
    expect(editDistance('same', 'same', 0)).toBe(0);
  });

  it('stops at the limit', () => {
    expect(editDistance('kitten', 'sitting', 2)).toBe(3);
    expect(editDistance('a', 'abcdefgh', 2)).toBe(3);
  });
});

describe('nearestOf', () => {
  it('finds the likeliest, the first of equals, or none', () => {
    expect(nearestOf('wildcard', ['revoked', 'wildcards'])).toBe('wildcards');
    expect(nearestOf('abc', ['abd', 'abe'])).toBe('abd');
    expect(nearestOf('revoked', ['wildcards'])).toBeNull();
  });
});
