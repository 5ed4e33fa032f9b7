import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  codesOf,
  graphqlType,
  sha256,
  startRunningGateway,
  templateFile,
  type RunningGateway,
} from './running-gateway.ts';

let gateway: RunningGateway;
let id: string;
let text: string;
let idOnly: string;
const variables = { days: 90 };
const operationName = 'ExpiringSoon';

beforeAll(async () => {
  gateway = await startRunningGateway();
  ({ id, text } = await templateFile('expiring-soon'));
  idOnly = (await gateway.makeKey({ level: 'ID_ONLY' })).secret;
});
afterAll(() => gateway.close());

const persistedQuery = (sha256Hash: unknown, version: unknown = 1) => ({ persistedQuery: { version, sha256Hash } });
const search = (members: Record<string, unknown>) =>
  new URLSearchParams(
    Object.entries(members).map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  ).toString();
const get = (members: Record<string, unknown>, path = '/graphql') =>
  gateway.ask(`${path}?${search(members)}`, { key: idOnly, headers: { accept: graphqlType } });
const post = (body: unknown, path = '/graphql') =>
  gateway.ask(path, { method: 'POST', key: idOnly, body, headers: { accept: graphqlType } });

/** The rows, so that a test sees that the same thing ran. */
async function rowsOf(answer: Promise<Awaited<ReturnType<typeof post>>>) {
  const { status, json } = await answer;
  expect({ status, errors: json?.errors }).toEqual({ status: 200, errors: undefined });
  return json?.['data'].orders.nodes;
}

describe('the id of a template, for a key that sends ids only', () => {
  const shapes: readonly [string, () => Record<string, unknown>][] = [
    ['extensions.persistedQuery', () => ({ extensions: persistedQuery(id) })],
    ['extensions.persistedQuery with a prefix', () => ({ extensions: persistedQuery(`sha256:${id}`) })],
    ['documentId', () => ({ documentId: id })],
    ['documentId with a prefix', () => ({ documentId: `sha256:${id}` })],
    ['documentId in upper case', () => ({ documentId: id.toUpperCase() })],
    ['documentId, by name', () => ({ documentId: 'expiring-soon' })],
    ['documentId, by name and version', () => ({ documentId: 'expiring-soon@1' })],
    ['doc_id', () => ({ doc_id: id })],
    ['id', () => ({ id })],
    ['query beside persisted', () => ({ query: id, persisted: true })],
    [
      'several times the same',
      () => ({ documentId: `sha256:${id}`, doc_id: id, extensions: persistedQuery(id.toUpperCase()) }),
    ],
    [
      'Apollo Client with its own facts',
      () => ({
        operationName,
        extensions: { clientLibrary: { name: '@apollo/client', version: '4.3.8' }, ...persistedQuery(id) },
      }),
    ],
    [
      'the text along, as urql does after a miss',
      () => ({ query: text, extensions: { persistedQuery: { version: 1, sha256Hash: id, miss: true } } }),
    ],
  ];

  it.each(shapes)('%s runs by POST and by GET', async (_shape, members) => {
    const byPost = await rowsOf(post({ ...members(), variables }));
    const byGet = await rowsOf(get({ ...members(), variables }));
    expect(byPost.length).toBeGreaterThan(3);
    expect(byGet).toEqual(byPost);
  });

  it.each(['/graphql/', '/graphql/persisted/'])(
    'in the path after %s, with and without the operation',
    async (prefix) => {
      const wanted = await rowsOf(post({ documentId: id, variables }));
      for (const name of [
        id,
        `sha256:${id}`,
        `sha256%3A${id}`,
        id.toUpperCase(),
        'expiring-soon',
        'expiring-soon@1',
        'expiring-soon%401',
      ]) {
        for (const operation of ['', '/ExpiringSoon']) {
          expect(await rowsOf(get({ variables }, `${prefix}${name}${operation}`))).toEqual(wanted);
          expect(await rowsOf(post({ variables }, `${prefix}${name}${operation}`))).toEqual(wanted);
        }
      }
    },
  );

  it('in the path of a POST without any body', async () => {
    const answer = await gateway.ask(`/graphql/${id}`, { method: 'POST', key: idOnly });
    expect(answer.status).toBe(200);
    expect(answer.json?.['data'].orders.nodes).toBeInstanceOf(Array);
  });

  it('every id that the templates query lists runs, whatever tool printed the document', async () => {
    const { json } = await gateway.post({ query: '{ template(ref: "expiring-soon") { ids { kind id } } }' });
    const ids: { kind: string; id: string }[] = json?.['data'].template.ids;
    expect(ids[0]).toEqual({ kind: 'raw', id });
    expect(ids.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['raw', 'printed', 'apollo', 'urql']));
    for (const each of ids) expect((await rowsOf(post({ documentId: each.id, variables }))).length).toBeGreaterThan(3);
  });
});

describe('hostile ids are clean refusals', () => {
  const other = sha256('another text');
  const bad: readonly [string, () => Record<string, unknown>][] = [
    ['a number', () => ({ documentId: 12 })],
    ['null', () => ({ documentId: null })],
    ['an array', () => ({ documentId: [id] })],
    ['an object', () => ({ documentId: { id } })],
    ['true', () => ({ documentId: true })],
    ['empty', () => ({ documentId: '' })],
    ['only a prefix', () => ({ documentId: 'sha256:' })],
    ['a hash that is a number', () => ({ extensions: persistedQuery(12) })],
    ['an empty hash', () => ({ extensions: persistedQuery('') })],
    ['version 2', () => ({ extensions: persistedQuery(id, 2) })],
    ['version "1"', () => ({ extensions: persistedQuery(id, '1') })],
    ['no version', () => ({ extensions: { persistedQuery: { sha256Hash: id } } })],
    ['persistedQuery null', () => ({ extensions: { persistedQuery: null } })],
    ['persistedQuery an array', () => ({ extensions: { persistedQuery: [] } })],
    ['extensions an array', () => ({ documentId: id, extensions: [] })],
    ['two different ids', () => ({ documentId: id, doc_id: other })],
    ['two names of the same template', () => ({ documentId: id, doc_id: 'expiring-soon' })],
    ['two ids, one of them in persistedQuery', () => ({ documentId: id, extensions: persistedQuery(other) })],
    ['variables an array', () => ({ documentId: id, variables: [] })],
    ['persisted a word', () => ({ query: id, persisted: 'yes' })],
    ['operationName a number', () => ({ documentId: id, operationName: 7 })],
    ['nothing at all', () => ({})],
  ];

  it.each(bad)('%s: BAD_REQUEST under both media types', async (_what, members) => {
    for (const accept of [graphqlType, 'application/json']) {
      const answer = await gateway.post(members(), { key: idOnly, headers: { accept } });
      expect([answer.status, codesOf(answer)]).toEqual([400, ['BAD_REQUEST']]);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
  });

  const unknown: readonly [string, string][] = [
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['toString', 'toString'],
    ['65 hex digits', `${'a'.repeat(65)}`],
    ['63 hex digits', `${'a'.repeat(63)}`],
    ['another digest of 64', sha256('never registered')],
    ['an MD5', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['a SHA-1', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
    ['a Hive id', 'my-app~1.4.0~abc'],
    ['a space', ' '],
    ['a NUL', '\u0000'],
    ['a lone surrogate', '\ud800'],
    ['very long', 'x'.repeat(100_000)],
    ['a version that is no number', 'expiring-soon@one'],
    ['a version that does not exist', 'expiring-soon@99'],
    ['two versions', 'expiring-soon@1@1'],
    ['a path', '../templates/expiring-soon'],
    ['upper-case name', 'EXPIRING-SOON'],
  ];
  it.each(unknown)('%s: not in the list', async (_what, documentId) => {
    const answer = await gateway.post({ documentId }, { key: idOnly, headers: { accept: graphqlType } });
    expect([answer.status, codesOf(answer)]).toEqual([404, ['PERSISTED_QUERY_NOT_IN_LIST']]);
    expect(answer.text).not.toMatch(/PersistedQueryNot(Found|Supported)/);
  });

  it.each(['md5:', 'SHA256:', 'sha-256:', 'sha512:', 'sha256: ', ' sha256:'])(
    'the prefix "%s" is another kind of id',
    async (prefix) => {
      const answer = await gateway.post(
        { documentId: `${prefix}${id}` },
        { key: idOnly, headers: { accept: graphqlType } },
      );
      expect([answer.status, codesOf(answer)]).toEqual([404, ['PERSISTED_QUERY_NOT_IN_LIST']]);
    },
  );

  it('nothing is trimmed', async () => {
    for (const documentId of [` ${id}`, `${id} `, `${id}\n`]) {
      expect(codesOf(await gateway.post({ documentId }, { key: idOnly }))).toEqual(['PERSISTED_QUERY_NOT_IN_LIST']);
    }
  });

  it('members of the prototype are not members of the body', async () => {
    const answer = await gateway.post('{"__proto__":{"documentId":"expiring-soon"}}', { key: idOnly });
    expect(codesOf(answer)).toEqual(['BAD_REQUEST']);
  });

  it('hostile ids in the path and the URL are refused too, never a 500', async () => {
    const paths = [
      '__proto__',
      'constructor',
      'a'.repeat(65),
      '%00',
      '%ED%A0%80',
      '%',
      '%zz',
      '%2e%2e%2fhealthz',
      '..%2f..',
      'x'.repeat(600),
      `${id}/Op/More`,
      ' ',
    ];
    for (const path of paths) {
      for (const method of ['GET', 'POST']) {
        const answer = await gateway.ask(`/graphql/${path}`, { method, key: idOnly, headers: { accept: graphqlType } });
        expect({ path, class: Math.floor(answer.status / 100) }).toEqual({ path, class: 4 });
        expect({ path, code: codesOf(answer)?.[0] }).toEqual({ path, code: expect.any(String) });
        expect(answer.headers.get('cache-control')).toBe('no-store');
      }
    }
    for (const query of [
      'documentId=%',
      'documentId=%zz',
      'query=%E0%A4%A',
      'documentId=a&documentId=a',
      `documentId=${id}&variables=%7B`,
      `documentId=${id}&variables=%E0`,
      `documentId=${id}&extensions=[]`,
    ]) {
      const answer = await gateway.ask(`/graphql?${query}`, { key: idOnly, headers: { accept: graphqlType } });
      expect({ query, class: Math.floor(answer.status / 100) }).toEqual({ query, class: 4 });
      expect({ query, code: codesOf(answer)?.[0] }).toEqual({ query, code: expect.any(String) });
    }
  });

  it('a text with an id that does not fit is never executed', async () => {
    const { secret } = await gateway.makeKey({ level: 'OPEN' });
    for (const key of [idOnly, secret]) {
      for (const members of [
        { documentId: id },
        { doc_id: sha256('x') },
        { extensions: persistedQuery(id) },
        { documentId: 'expiring-soon' },
      ]) {
        const answer = await gateway.post(
          { query: '{ me { name } }', ...members },
          { key, headers: { accept: graphqlType } },
        );
        expect([answer.status, codesOf(answer)]).toEqual([400, ['PERSISTED_QUERY_HASH_MISMATCH']]);
        expect(answer.json).not.toHaveProperty('data');
      }
    }
  });
});

describe('operation names', () => {
  it('one that the document does not have is a 400', async () => {
    for (const answer of [
      await post({ documentId: id, operationName: 'Other' }),
      await get({ documentId: id, operationName: 'Other' }),
      await get({}, `/graphql/${id}/Other`),
      await get({}, `/graphql/${id}/__proto__`),
    ]) {
      expect([answer.status, codesOf(answer)]).toEqual([400, ['OPERATION_RESOLUTION_FAILURE']]);
    }
  });

  it('in the path and in the body they must agree', async () => {
    const answer = await post({ operationName: 'Other' }, `/graphql/${id}/ExpiringSoon`);
    expect([answer.status, codesOf(answer)]).toEqual([400, ['BAD_REQUEST']]);
  });
});
