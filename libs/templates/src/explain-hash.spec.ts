import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ApolloClient, ApolloLink, InMemoryCache, Observable } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { describe, expect, it } from '@jest/globals';
import { cacheExchange, createClient, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { buildSchema, parse, print, stripIgnoredCharacters } from 'graphql';
import { explainHash, hashDifference, type HashAlgorithm } from './explain-hash.ts';

const at = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const json = (path: string) => JSON.parse(at(path));
const schema = buildSchema(at('../../../apps/gateway/api-schema.graphql'), { assumeValid: true });
const text = at('../test/manifests/with-fragments.graphql');
const file = { name: 'with-fragments.graphql', text };
const hashOf = (content: string, algorithm: HashAlgorithm = 'sha256') =>
  createHash(algorithm).update(content).digest('hex');
const ways = (hash: string, content = text) =>
  explainHash(hash, { ...file, text: content }, { schema }).steps?.map(({ way }) => way);

/** The id that each tool-chain gives the document: by the packages themselves, or from a manifest that one of them wrote. */
const idOfTool: Readonly<Record<string, () => Promise<string>>> = {
  'Apollo Client': () => sentByApollo({ sha256: (query) => hashOf(query) }),
  'Apollo Client beside a manifest': async () => {
    // Loaded late: it is CommonJS and requires the client, which has to be there before.
    const { generatePersistedQueryIdsAtRuntime } = await import('@apollo/persisted-query-lists');
    return sentByApollo(generatePersistedQueryIdsAtRuntime({ sha256: (query) => hashOf(query) }));
  },
  'Apollo manifest': async () =>
    json('../test/manifests/apollo.json').operations.find(({ name }: { name: string }) => name === 'WithFragments').id,
  urql: sentByUrql,
  'graphql-codegen': async () => idIn('../test/manifests/codegen.json'),
  Relay: async () => idIn('../test/manifests/relay.json'),
};

async function sentByApollo(options: ConstructorParameters<typeof PersistedQueryLink>[0]): Promise<string> {
  let sent = '';
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([
      new PersistedQueryLink(options),
      new ApolloLink((operation) => {
        sent = (operation.extensions['persistedQuery'] as { sha256Hash: string }).sha256Hash;
        return new Observable((observer) => observer.error(new Error('seen')));
      }),
    ]),
  });
  await client.query({ query: parse(text), fetchPolicy: 'network-only' }).catch(() => undefined);
  client.stop();
  return sent;
}

async function sentByUrql(): Promise<string> {
  let sent = '';
  const client = createClient({
    url: 'http://localhost/graphql',
    preferGetMethod: false,
    exchanges: [cacheExchange, persistedExchange({ preferGetForPersistedQueries: false }), fetchExchange],
    fetch: async (_url, options) => {
      sent = JSON.parse(String(options?.body)).extensions.persistedQuery.sha256Hash;
      return new Response('{"data":{}}', { headers: { 'content-type': 'application/json' } });
    },
  });
  await client.query(text, {}).toPromise();
  return sent;
}

function idIn(path: string): string {
  const [id] = Object.entries(json(path) as Record<string, string>).find(([, body]) => body.includes('WithFragments'))!;
  return id;
}

describe('explainHash', () => {
  it.each([
    ['Apollo Client', ['apollo']],
    ['Apollo Client beside a manifest', ['apollo-manifest']],
    ['Apollo manifest', ['apollo-manifest']],
    ['urql', ['urql']],
    ['graphql-codegen', ['codegen']],
    ['Relay', ['relay']],
  ])('explains the id of %s', async (tool, expected) => {
    expect(ways(await idOfTool[tool]!())).toEqual(expected);
  });

  it('tells for every two tool-chains what they do differently, and nothing where their ids are equal', async () => {
    const explained = await Promise.all(
      Object.values(idOfTool).map(async (idOf) => explainHash(await idOf(), file, { schema })),
    );
    for (const [a, one] of explained.entries()) {
      for (const other of explained.slice(a + 1)) {
        const { onlyFirst, onlySecond } = hashDifference(one, other)!;
        expect(onlyFirst.length + onlySecond.length > 0).toBe(one.digest !== other.digest);
      }
    }
    const [apollo, , manifest, , codegen, relay] = explained;
    expect(hashDifference(apollo!, manifest!)).toEqual({
      onlyFirst: [],
      onlySecond: [expect.objectContaining({ way: 'sorted-definitions' })],
    });
    expect(hashDifference(codegen!, relay!)!.onlySecond.map(({ way }) => way)).toEqual(
      expect.arrayContaining(['id', 'query-suffix', 'md5']),
    );
  });

  it.each<[string, string, readonly string[]]>([
    ['the bytes', text, []],
    ['CRLF', text.replaceAll('\n', '\r\n'), ['crlf']],
    ['a byte-order mark', `\ufeff${text}`, ['bom-added']],
    ['CRLF and a byte-order mark', `\ufeff${text.replaceAll('\n', '\r\n')}`, ['crlf', 'bom-added']],
    ['no final newline', text.slice(0, -1), ['final-newline-removed']],
    ['one more final newline', `${text}\n`, ['final-newline-added']],
    ['no comments', text.replace(/^#.*\n/m, ''), ['comment-lines-stripped']],
    ['one line', text.replace(/\s+/g, ' ').trim(), ['one-line']],
    ['minified', stripIgnoredCharacters(text), ['minified']],
    ['print', print(parse(text)), ['printed']],
    ['print of graphql-js 15', `${print(parse(text))}\n`, ['printed-15']],
    [
      'another operation name',
      print(parse(text.replace('WithFragments', 'WithFragmentsQuery'))),
      ['query-suffix', 'printed'],
    ],
    ['no operation name', print(parse(text.replace('WithFragments', ''))), ['name-missing', 'printed']],
  ])('recognises %s', (_what, hashed, expected) => {
    expect(ways(hashOf(hashed))).toEqual(expected);
  });

  it.each([
    [
      '14.7.0',
      'printed-14',
      'query Q($a: String) {\n  orders(filter: {status: {in: [issued]}, commonName: {like: $a}}, orderBy: [{field: validTill}], first: 10) {\n    totalCount\n  }\n}\n',
    ],
    [
      '15.9.0',
      'printed-15',
      'query Q($a: String) {\n  orders(\n    filter: {status: {in: [issued]}, commonName: {like: $a}}\n    orderBy: [{field: validTill}]\n    first: 10\n  ) {\n    totalCount\n  }\n}\n',
    ],
    [
      '17.0.0-alpha.9',
      'printed-17',
      'query Q($a: String) {\n  orders(\n    filter: { status: { in: [issued] }, commonName: { like: $a } }\n    orderBy: [{ field: validTill }]\n    first: 10\n  ) {\n    totalCount\n  }\n}',
    ],
  ])('recognises what graphql-js %s prints', (_version, expected, output) => {
    const source =
      'query Q($a:String){orders(filter:{status:{in:[issued]},commonName:{like:$a}} orderBy:[{field:validTill}] first:10){totalCount}}';
    expect(ways(hashOf(output), source)).toEqual([expected]);
  });

  it('finds the algorithm by the number of digits, and says when the prefix claims another', () => {
    expect(explainHash(hashOf(text, 'md5'), file)).toMatchObject({ algorithm: 'md5', steps: [], remarks: [] });
    expect(explainHash(`sha256:${hashOf(text, 'sha1')}`, file)).toMatchObject({
      algorithm: 'sha1',
      steps: [],
      remarks: ['Its prefix says "sha256", but 40 hex digits are SHA-1.'],
    });
    expect(explainHash(hashOf(text).toUpperCase(), file).remarks[0]).toMatch('upper case');
  });

  it('sees a file that was saved for Windows after it was hashed', () => {
    expect(ways(hashOf(text), `\ufeff${text.replaceAll('\n', '\r\n')}`)).toEqual(['lf', 'bom-removed']);
  });

  it('names a hash that is nearly right, one that was cut, and the file beside it that has it', () => {
    const id = hashOf(text);
    const other = { name: 'other.graphql', text: '{ order(id: 1) { id } }' };
    const nearestOf = (hash: string) => explainHash(hash, file, { others: [other] }).nearest;
    expect(nearestOf(`${id.slice(0, 62)}${id[63]}${id[62]}`)).toBe(
      `It is a few digits away from ${id}, the hash of with-fragments.graphql: its exact bytes.`,
    );
    expect(nearestOf(id.slice(0, 12))).toMatch(/^It is a part of /);
    expect(nearestOf(hashOf(print(parse(other.text))))).toBe('It is the hash of other.graphql: printed by graphql-js.');
    expect(nearestOf(hashOf('something else'))).toBeNull();
  });

  it.each([
    ['that ends early', 'query {'],
    ['that is empty', ''],
    ['that is a quote', '"'],
    ['that is a NUL', '\u0000'],
    ['whose fragment spreads itself', 'query Q { ...F } fragment F on T { ...F }'],
    ['without an operation', 'fragment F on T { a }'],
    ['that nests deeply', `{${'a{'.repeat(5_000)}`],
  ])('copes with a document %s', (_what, hostile) => {
    expect(explainHash(hashOf('x'), { name: 'x', text: hostile }, { schema }).steps).toBeNull();
    expect(explainHash(hashOf(`${hostile}\n`), { name: 'x', text: hostile }).steps).toHaveLength(1);
  });
});
