import { expect, it } from '@jest/globals';
import { anyPrincipal } from '@certfolio/access/testing';
import { createAutomaticDocuments } from './automatic-documents.ts';

const [one, other] = [anyPrincipal({ keyId: 'one' }), anyPrincipal({ keyId: 'other' })];

it('runs for the key that registered a text, and for no other', () => {
  const documents = createAutomaticDocuments();
  documents.register('abc', '{ me { keyId } }', one);
  expect(documents.find('abc', one)).toBe('{ me { keyId } }');
  expect(documents.find('abc', other)).toBeNull();
});

it('lets go of the texts unused for longest once they are too many', () => {
  const documents = createAutomaticDocuments(25);
  documents.register('a', '0123456789', one);
  documents.register('b', '0123456789', one);
  documents.register('c', '0123456789', one);
  expect(documents.find('a', one)).toBeNull();
  expect(documents.find('c', one)).toBe('0123456789');
});
