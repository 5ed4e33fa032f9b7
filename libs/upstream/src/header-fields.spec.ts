import { expect, it } from '@jest/globals';
import { withoutConnectionFields } from './header-fields.ts';

it('what concerns one connection stays on it, also what the sender names as such; the rest goes on as it is', () => {
  expect(
    withoutConnectionFields([
      ['Accept', 'a'],
      ['Connection', 'close, X-Private'],
      ['x-private', '1'],
      ['Keep-Alive', 'timeout=5'],
      ['Transfer-Encoding', 'chunked'],
      ['TE', 'trailers'],
      ['accept', 'b'],
    ]),
  ).toEqual([
    ['Accept', 'a'],
    ['accept', 'b'],
  ]);
});
