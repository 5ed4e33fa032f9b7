import { describe, expect, it } from '@jest/globals';
import { AppError, BadRequest } from '@certfolio/core';
import fc from 'fast-check';
import { sha256 } from './document-ids.ts';
import { assertIdFitsText, normalizeId, readRequestedOperation, type RequestParts } from './requested-id.ts';

const hash = 'ab'.repeat(32);
const byId = (id: string) => ({ kind: 'id', id });
const documentOf = (parts: RequestParts) => readRequestedOperation(parts).document;
const search = (parameters: Record<string, string>) => new URLSearchParams(parameters);

describe('the id of a request', () => {
  const persistedQuery = { version: 1, sha256Hash: hash };

  it.each<[string, RequestParts]>([
    ['Apollo and urql', { body: { operationName: 'Q', variables: { n: 5 }, extensions: { persistedQuery } } }],
    ['code generation', { body: { extensions: { persistedQuery: { version: 1, sha256Hash: `sha256:${hash}` } } } }],
    ['persisted documents', { body: { documentId: `sha256:${hash}`, variables: null } }],
    ['Relay', { body: { doc_id: hash, variables: {} } }],
    ['Relay with another network layer', { body: { id: hash.toUpperCase() } }],
    ['mercurius', { body: { query: hash, persisted: true } }],
    ['mercurius by GET', { search: search({ query: hash, persisted: 'true' }) }],
    ['Apollo by GET', { search: search({ extensions: JSON.stringify({ persistedQuery }), variables: '{"n":5}' }) }],
    ['persisted documents by GET', { search: search({ documentId: `sha256:${hash}` }) }],
    ['the path', { pathId: `sha256:${hash}` }],
    ['the path and a body that agrees', { pathId: hash, body: { documentId: hash.toUpperCase() } }],
  ])('is found as %s sends it', (_sender, parts) => {
    expect(documentOf(parts)).toEqual(byId(hash));
  });

  it('may be a custom id, a name or a name with its version', () => {
    for (const id of [
      'my-app~1.4.0~abc',
      'expiring-soon',
      'expiring-soon@2',
      '0f'.repeat(16),
      `${hash}0`,
      ' padded ',
    ]) {
      expect(documentOf({ body: { documentId: id } })).toEqual(byId(id));
    }
    expect(documentOf({ body: { documentId: `md5:${hash}` } })).toEqual(byId(`md5:${hash}`));
    expect(documentOf({ body: { documentId: `SHA256:${hash}` } })).toEqual(byId(`SHA256:${hash}`));
  });

  it('is looked at as text even when it names a member of every object', () => {
    for (const id of ['__proto__', 'constructor', 'toString']) {
      expect(documentOf({ body: { documentId: id } })).toEqual(byId(id));
    }
    expect(() => documentOf({ body: JSON.parse('{"__proto__":{"documentId":"x"}}') })).toThrow(BadRequest);
  });

  it.each<[string, unknown]>([
    ['empty', ''],
    ['nothing behind the prefix', 'sha256:'],
    ['a number', 5],
    ['null', null],
    ['an array', [hash]],
    ['an object', { id: hash }],
  ])('is refused when it is %s', (_what, id) => {
    for (const member of ['documentId', 'doc_id', 'id'])
      expect(() => documentOf({ body: { [member]: id } })).toThrow(BadRequest);
    expect(() => documentOf({ body: { query: id, persisted: true } })).toThrow(BadRequest);
    expect(() => documentOf({ body: { extensions: { persistedQuery: { version: 1, sha256Hash: id } } } })).toThrow(
      BadRequest,
    );
    expect(() => documentOf({ body: { documentId: id, query: '{a}' } })).toThrow(BadRequest);
  });

  it.each([0, 2, '1', null, undefined])('is refused with persistedQuery.version %j', (version) => {
    expect(() => documentOf({ body: { extensions: { persistedQuery: { version, sha256Hash: hash } } } })).toThrow(
      '"version": 1',
    );
  });

  it('is refused when two differ', () => {
    expect(() => documentOf({ body: { documentId: 'a', id: 'b' } })).toThrow('2 different ids');
    expect(() => documentOf({ pathId: 'expiring-soon', body: { documentId: 'expiring-soon@1' } })).toThrow(
      '2 different ids',
    );
    expect(() => documentOf({ search: new URLSearchParams('documentId=a&documentId=a') })).toThrow('2 times');
  });

  it('means the same wherever it stands', () => {
    const places: ((id: string) => RequestParts)[] = [
      (id) => ({ pathId: id }),
      (id) => ({ body: { documentId: id } }),
      (id) => ({ body: { doc_id: id } }),
      (id) => ({ body: { id } }),
      (id) => ({ body: { query: id, persisted: true } }),
      (id) => ({ body: { extensions: { persistedQuery: { version: 1, sha256Hash: id } } } }),
      (id) => ({ search: search({ documentId: id }) }),
      (id) => ({ search: search({ extensions: JSON.stringify({ persistedQuery: { version: 1, sha256Hash: id } }) }) }),
    ];
    const wellFormed = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((id) => id !== 'sha256:' && id.isWellFormed());
    fc.assert(
      fc.property(wellFormed, (id) => {
        for (const place of places) expect(documentOf(place(id))).toEqual(byId(normalizeId(id)));
      }),
    );
  });

  it('is the same with or without prefix, in either case', () => {
    const hashes = fc
      .array(fc.constantFrom(...'0123456789abcdefABCDEF'), { minLength: 64, maxLength: 64 })
      .map((list) => list.join(''));
    fc.assert(
      fc.property(hashes, (id) => {
        expect(normalizeId(`sha256:${id}`)).toBe(id.toLowerCase());
        expect(normalizeId(id)).toBe(id.toLowerCase());
      }),
    );
  });
});

describe('the other members', () => {
  it('are read with the text', () => {
    const body = { query: '{a}', operationName: 'Q', variables: { n: 5 }, extensions: { x: 1 } };
    expect(readRequestedOperation({ body })).toEqual({
      document: { kind: 'text', text: '{a}', id: null },
      operationName: 'Q',
      variables: { n: 5 },
      extensions: { x: 1 },
    });
    expect(
      readRequestedOperation({ body: { query: '{a}', operationName: null, variables: null, extensions: null } }),
    ).toMatchObject({
      operationName: null,
      variables: {},
    });
    expect(
      readRequestedOperation({ search: search({ query: '{a}', variables: '{"n":5}', operationName: '' }) }),
    ).toMatchObject({
      document: { text: '{a}' },
      operationName: null,
      variables: { n: 5 },
    });
  });

  it('give text and id both', () => {
    expect(documentOf({ body: { query: '{a}', documentId: 'x' } })).toEqual({ kind: 'text', text: '{a}', id: 'x' });
  });

  it('take the operation name of the path, which must not contradict the body', () => {
    expect(readRequestedOperation({ pathId: 'x', pathOperationName: 'Q' }).operationName).toBe('Q');
    expect(() => readRequestedOperation({ pathId: 'x', pathOperationName: 'Q', body: { operationName: 'R' } })).toThrow(
      BadRequest,
    );
  });

  it('are all named when several are malformed', () => {
    const body = { query: 5, variables: [], operationName: {}, extensions: 'x', persisted: 'yes' };
    expect(() => readRequestedOperation({ body })).toThrow(/variables.*extensions.*operationName.*persisted.*query/);
    expect(() => readRequestedOperation({ search: search({ variables: '{', extensions: '[]' }) })).toThrow(
      /"variables" is not valid JSON.*"extensions"/,
    );
  });

  it('are refused as a batch', () => {
    expect(() => readRequestedOperation({ body: [{ query: '{a}' }] })).toThrow('batches');
  });

  it('end in an operation or a BadRequest, whatever comes', () => {
    const members = [
      'query',
      'documentId',
      'doc_id',
      'id',
      'persisted',
      'extensions',
      'variables',
      'operationName',
      '__proto__',
      'constructor',
    ];
    const body = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom(...members), fc.jsonValue() as fc.Arbitrary<unknown>),
    );
    fc.assert(
      fc.property(body, fc.option(fc.string(), { nil: undefined }), (value, pathId) => {
        try {
          const { document } = readRequestedOperation({ body: value, pathId });
          expect(document.kind === 'id' ? document.id : document.text).not.toBe('');
        } catch (error) {
          expect(error).toBeInstanceOf(BadRequest);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a text with an id', () => {
  it('passes when the id is its SHA-256', () => {
    expect(() => assertIdFitsText('{a}', sha256('{a}'))).not.toThrow();
  });

  it('is refused otherwise', () => {
    const refusal = (() => {
      try {
        assertIdFitsText('{a}', hash);
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toBeInstanceOf(AppError);
    expect(refusal).toMatchObject({ code: 'PERSISTED_QUERY_HASH_MISMATCH' });
  });
});

describe('variables and extensions', () => {
  const nested = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`) as object;

  it('may nest as deep as any input, not as deep as a stack', () => {
    expect(readRequestedOperation({ body: { id: hash, variables: nested(100) } }).variables).toEqual(nested(100));
    for (const member of ['variables', 'extensions']) {
      for (const levels of [101, 200_000]) {
        const body = { id: hash, [member]: nested(levels) };
        expect(() => readRequestedOperation({ body })).toThrow(`"${member}" nests deeper than 100 levels`);
      }
    }
  });
});
