import { expect, it } from '@jest/globals';
import { describeHash } from './describe-hash.ts';
import { sha256 } from './document-ids.ts';

it('names the four ids of a document, the one of its bytes first', () => {
  const ids = describeHash('{ a { b } }\n');
  expect(ids.map(({ kind }) => kind)).toEqual(['raw', 'printed', 'apollo', 'urql']);
  expect(ids.map(({ id }) => id)).toEqual([
    sha256('{ a { b } }\n'),
    sha256('{\n  a {\n    b\n  }\n}'),
    sha256('{\n  a {\n    b\n    __typename\n  }\n}'),
    sha256('{\n  a {\n    b\n    __typename\n  }\n}'),
  ]);
});
