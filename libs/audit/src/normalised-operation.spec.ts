import { expect, it } from '@jest/globals';
import { normalisedOperation } from './normalised-operation.ts';

it('is the same for spellings of one operation, and keeps literals', () => {
  const a = normalisedOperation(
    'query A { orders(first: 2) { ...F } } fragment F on O { id } query B { me { name } }',
    'A',
  );
  const b = normalisedOperation('# a comment\nfragment F on O { id }\nquery A {\n orders(first: 2,) { ...F } }', null);
  expect(a.operationName).toBe('A');
  expect(a.text).toContain('first: 2');
  expect(a.text).not.toContain('query B');
  expect(normalisedOperation('query A { orders(first: 3) { id } }', null).hash).not.toBe(a.hash);
  expect(new Set(a.text.split('\n'))).toEqual(new Set(b.text.split('\n')));
  expect(normalisedOperation('{ me { name } }', null)).toMatchObject({
    operationName: null,
    text: '{\n  me {\n    name\n  }\n}\n',
  });
});
