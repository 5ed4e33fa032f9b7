import { describe, expect, it } from '@jest/globals';
import { isSensitiveName, masked, maskValues, maxItems } from './mask.ts';

describe('a name', () => {
  it.each([
    'secret',
    'clientSecret',
    'PASSWORD',
    'accessToken',
    'apiKey',
    'CERTCENTRAL_API_KEY',
    'adoptedSha256',
    'adopt',
    'csr',
    'userEmail',
    'e-mail',
    'additional_emails',
    'authorization',
    'keys',
  ])('%s is of something that is not written down', (name) => expect(isSensitiveName(name)).toBe(true));

  it.each([
    'keyId',
    'keySize',
    'keyName',
    'keyAlgorithm',
    'name',
    'hash',
    'serialNumber',
    'author',
    'monkeys',
    'first',
  ])('%s is of something that is', (name) => expect(isSensitiveName(name)).toBe(false));
});

describe('values', () => {
  it('are masked wherever a name on their way is sensitive', () => {
    const values = {
      input: { name: 'robot', adoptedKeySha256: 'ab12', nested: [{ email: { eq: 'a@b.test' }, days: 3 }] },
      password: ['x', 'y'],
      first: 10,
    };
    expect(maskValues(values)).toEqual({
      input: { name: 'robot', adoptedKeySha256: masked, nested: [{ email: masked, days: 3 }] },
      password: masked,
      first: 10,
    });
  });

  it('that look like a key are masked under any name', () => {
    expect(maskValues({ note: 'use cfk_0123456789_secret', list: ['cfk_x'] })).toEqual({
      note: masked,
      list: [masked],
    });
  });

  it('of variables that are told to be sensitive are masked, null stays null', () => {
    expect(maskValues({ x: 'a@b.test', y: 'b', z: null }, new Set(['x', 'z']))).toEqual({ x: masked, y: 'b', z: null });
  });

  it('are cut when they are long, many or deep, and say so', () => {
    const deep = Array.from({ length: 20 }).reduce<unknown>((inner) => ({ inner }), 'end');
    const result = maskValues({
      text: 'x'.repeat(300),
      list: Array.from({ length: 60 }, (_, index) => index),
      deep,
    }) as {
      text: string;
      list: unknown[];
    };
    expect(result.text).toBe(`${'x'.repeat(200)}… (300 characters)`);
    expect(result.list).toHaveLength(maxItems + 1);
    expect(result.list.at(-1)).toBe('… 10 more');
    expect(JSON.stringify(result)).toContain('[nested deeper]');
  });

  it('that are too much together are only counted', () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`v${index}`, 'x'.repeat(199)]));
    expect(maskValues(many)).toMatch(/^\[\d+ characters, left out\]$/);
  });

  it('keep a member named __proto__ a member, and lose what PostgreSQL cannot keep', () => {
    const hostile = JSON.parse('{"__proto__": {"x": 1}, "text": "a\\u0000b\\ud800"}') as Record<string, unknown>;
    expect(JSON.stringify(maskValues(hostile))).toBe('{"__proto__":{"x":1},"text":"a\ufffdb\ufffd"}');
  });
});
