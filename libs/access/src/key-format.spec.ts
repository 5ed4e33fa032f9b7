import { createHash, randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { generateKey, hashKey, parseKey } from './key-format.ts';

it('makes keys of the documented shape, which it reads back', () => {
  const { id, text } = generateKey(randomBytes);
  expect(text).toMatch(/^cfk_[0-9A-Za-z]{10}_[0-9A-Za-z]{38}$/);
  expect(text.slice(4, 14)).toBe(id);
  expect(parseKey(text)).toEqual({ kind: 'native', id });
});

it('makes the same key of the same bytes, with a checksum that zlib in any language gives', () => {
  expect(generateKey((count) => new Uint8Array(count).fill(1)).text).toBe(
    `cfk_${'1'.repeat(10)}_${'1'.repeat(32)}0GhDav`,
  );
});

it('throws away the bytes that would make some digits likelier', () => {
  let next = 247;
  const { text } = generateKey((count) => Uint8Array.from({ length: count }, () => (next = (next + 1) % 256)));
  expect(text.startsWith('cfk_0123456789_ABCDEFGHIJ')).toBe(true);
});

it('tells every change of one character and every truncation from a key', () => {
  const { text } = generateKey(randomBytes);
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.constantFrom(...'0aZ_-'), (at, other) => {
      fc.pre(text[at] !== other);
      expect(parseKey(text.slice(0, at) + other + text.slice(at + 1)).kind).not.toBe('native');
    }),
  );
  for (let length = 4; length < text.length; length += 1)
    expect(parseKey(text.slice(0, length))).toEqual({ kind: 'mistyped' });
  expect(parseKey(`${text}A`)).toEqual({ kind: 'mistyped' });
});

it('takes any other text for a foreign key', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!text.startsWith('cfk_'));
      expect(parseKey(text)).toEqual({ kind: 'foreign' });
    }),
  );
});

it('hashes the text as it is sent', () => {
  expect(hashKey('abc')).toEqual(createHash('sha256').update('abc').digest());
});
