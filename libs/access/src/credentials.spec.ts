import { expect, it } from '@jest/globals';
import { BadRequest, Unauthenticated } from '@certfolio/core';
import { keyHeadersOf, readPresentedKey } from './credentials.ts';

it('reads the key from either header, whatever the case of the scheme', () => {
  expect(readPresentedKey({ authorization: 'Bearer k1' })).toBe('k1');
  expect(readPresentedKey({ authorization: 'bearer  k1 ' })).toBe('k1');
  expect(readPresentedKey({ 'x-dc-devkey': ' k1 ' })).toBe('k1');
  expect(readPresentedKey({ 'x-dc-devkey': ['k1'] })).toBe('k1');
  expect(readPresentedKey({ accept: '*/*' })).toBeNull();
});

it('accepts the same key twice and refuses two different ones', () => {
  expect(readPresentedKey({ authorization: 'Bearer k1', 'x-dc-devkey': ['k1', 'k1'] })).toBe('k1');
  expect(() => readPresentedKey({ authorization: 'Bearer k1', 'x-dc-devkey': 'k2' })).toThrow(BadRequest);
  expect(() => readPresentedKey({ 'x-dc-devkey': ['k1', 'k2'] })).toThrow(BadRequest);
  expect(() => readPresentedKey({ authorization: ['Bearer k1', 'Bearer k2'] })).toThrow(BadRequest);
});

it.each(['Basic dXNlcjpwdw==', 'k1', 'BearerX k1', ''])('refuses the Authorization header %j', (authorization) => {
  expect(() => readPresentedKey({ authorization })).toThrow(/another scheme than Bearer/);
});

it('refuses an empty key and one that is too long to be one', () => {
  expect(() => readPresentedKey({ authorization: 'Bearer' })).toThrow(Unauthenticated);
  expect(() => readPresentedKey({ 'x-dc-devkey': '' })).toThrow('The key that was sent is empty.');
  expect(() => readPresentedKey({ 'x-dc-devkey': 'k'.repeat(513) })).toThrow('more than 512 characters');
});

it('never repeats a key in its refusals', () => {
  for (const headers of [
    { authorization: 'Basic s3cret' },
    { authorization: 'Bearer s3cret', 'x-dc-devkey': 's3cret2' },
  ]) {
    expect(() => readPresentedKey(headers)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('s3cret') }),
    );
  }
});

it('finds both header fields among the lines of a request, however often and in whatever case they are sent', () => {
  const lines = ['Host', 'a', 'AUTHORIZATION', 'Bearer k1', 'X-Dc-DevKey', 'k1', 'authorization', 'Bearer k2'];
  expect(keyHeadersOf(lines)).toEqual({ authorization: ['Bearer k1', 'Bearer k2'], 'x-dc-devkey': ['k1'] });
  expect(readPresentedKey(keyHeadersOf(['Accept', '*/*']))).toBeNull();
});
