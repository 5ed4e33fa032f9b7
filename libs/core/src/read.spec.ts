import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { containerId } from './ids.ts';
import { everything, mayRead, scopeKey, type ReadScope } from './read.ts';

const scopeOf = (...ids: number[]): ReadScope => ({ containers: new Set(ids.map(containerId)) });

it('gives one key to scopes that see the same divisions, in whatever order they are named', () => {
  expect(scopeKey(scopeOf(14, 9, 100))).toBe('9,14,100');
  expect(scopeKey(scopeOf(100, 14, 9))).toBe('9,14,100');
});

it('tells "all" from "none" and from every other scope', () => {
  expect(scopeKey(everything)).toBe('all');
  expect(scopeKey(scopeOf())).toBe('');
  const ids = fc.uniqueArray(fc.nat(200), { maxLength: 5 });
  fc.assert(
    fc.property(ids, ids, (a, b) => {
      const isSame = a.length === b.length && a.every((id) => b.includes(id));
      expect(scopeKey(scopeOf(...a)) === scopeKey(scopeOf(...b))).toBe(isSame);
    }),
  );
});

it('shows a division only to a scope that has it; a row without one only to a scope of all', () => {
  expect(mayRead(scopeOf(14), containerId(14))).toBe(true);
  expect(mayRead(scopeOf(14), containerId(15))).toBe(false);
  expect(mayRead(scopeOf(14), null)).toBe(false);
  expect(mayRead(scopeOf(14), undefined)).toBe(false);
  expect(mayRead(scopeOf(), containerId(14))).toBe(false);
  expect(mayRead(everything, null)).toBe(true);
});
