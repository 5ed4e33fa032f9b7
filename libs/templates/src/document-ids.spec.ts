import { ApolloClient, ApolloLink, InMemoryCache, Observable } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { describe, expect, it } from '@jest/globals';
import { cacheExchange, createClient, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import fc from 'fast-check';
import { buildSchema, graphqlSync, parse, print } from 'graphql';
import { documentIds, sha256, type DocumentIdKind } from './document-ids.ts';
import { documentTexts } from './testing.ts';

const idOf = (text: string, kind: DocumentIdKind) => documentIds(text).find((id) => id.kind === kind)!;

/** The id and the text that Apollo Client's persisted-query link would put on the wire. */
async function sentByApollo(text: string): Promise<{ id: string; text: string }> {
  let sent: { id: string; text: string } | null = null;
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([
      new PersistedQueryLink({ sha256: (query) => sha256(query) }),
      new ApolloLink((operation) => {
        const id = (operation.extensions['persistedQuery'] as { sha256Hash: string }).sha256Hash;
        sent = { id, text: print(operation.query) };
        return new Observable((observer) => observer.error(new Error('seen')));
      }),
    ]),
  });
  await client.query({ query: parse(text), fetchPolicy: 'network-only' }).catch(() => undefined);
  client.stop();
  return sent!;
}

/** The id that urql's persisted exchange sends first, and the text it sends when told that the id is unknown. */
async function sentByUrql(text: string): Promise<{ id: string; text: string }> {
  const bodies: { query?: string; extensions: { persistedQuery: { sha256Hash: string } } }[] = [];
  const client = createClient({
    url: 'http://localhost/graphql',
    preferGetMethod: false,
    exchanges: [cacheExchange, persistedExchange({ preferGetForPersistedQueries: false }), fetchExchange],
    fetch: async (_url, options) => {
      bodies.push(JSON.parse(String(options?.body)));
      const answer = bodies.length === 1 ? { errors: [{ message: 'PersistedQueryNotFound' }] } : { data: { a: 1 } };
      return new Response(JSON.stringify(answer), { headers: { 'content-type': 'application/json' } });
    },
  });
  await client.query(text, {}).toPromise();
  return { id: bodies[0]!.extensions.persistedQuery.sha256Hash, text: bodies[1]!.query! };
}

const documents = [
  '{__typename}',
  'query($id:ID!){user(id:$id){name}}',
  'query Q($n: Int = 5, $tags: [String!]! = ["a", "b"], $f: F = {a: 1, b: [true, null]}) @live { a(first: $n) { b } }',
  'query Q {\n  # who\n  orders(first: 10) { nodes { id, certificate { commonName } } pageInfo { hasNextPage } }\n}\n',
  'query Q { a { ...F ... on B { c { d } } ... @include(if: true) { e } } }\n\nfragment F on A { x { y } }\n# end',
  'query Q { a { __typename b { t: __typename c } __schema { types { name } } } }',
  'query Q { a @export(as: "x") { b { c } } d @_optional { e @_required @skip(if: false) } }',
  'query Q { a(s: "a # not a comment\\n\\"q\\" é 😀", t: """\n    block # text\n      more "quotes"\n  """) { b } }',
  'query Q { a(s: """one""") { b } # gone\n c(s: """two""") { d } }',
  'query Q { orders(aLongArgumentName: "with a long value", another: "with an even longer value", third: [1, 2, 3]) { id } }',
  'query Q { a { __type(name: "T") { name } } }',
  'query Q { a(s: """\n\t\tby tabs\n\t\t  more\n\n""") { b } }',
  '\uFEFFquery Q {\r\n  a\r\n\r\n  b { c }\r\n}\r\n',
  'query Q { a(s: "\\u007f\\u0000\\/ \\u00e9") { b } }',
];

describe('documentIds', () => {
  it('knows the published test vectors', () => {
    expect(idOf('{__typename}', 'raw').id).toBe('ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38');
    const compact = 'query($id:ID!){user(id:$id){name}}';
    expect(idOf(compact, 'raw').id).toBe('71f7dc5758652baac68e4a10c50be732b741c892ade2883a99358f52b555286b');
    expect(idOf(compact, 'printed').id).toBe('7dba4bd717b41f10434822356a93c32b1fb4907b983e854300ad839f84cdcd6e');
  });

  it.each(documents)('has the id and text that Apollo Client sends for %j', async (text) => {
    const { id, text: sent } = idOf(text, 'apollo');
    expect({ id, text: sent }).toEqual(await sentByApollo(text));
  });

  it.each(documents)('has the id and text that urql sends for %j', async (text) => {
    const { id, text: sent } = idOf(text, 'urql');
    expect({ id, text: sent }).toEqual(await sentByUrql(text));
  });

  it('agrees with both clients on generated documents', async () => {
    await fc.assert(
      fc.asyncProperty(documentTexts(), async (text) => {
        expect(idOf(text, 'apollo').id).toBe((await sentByApollo(text)).id);
        expect(idOf(text, 'urql').id).toBe((await sentByUrql(text)).id);
      }),
      { numRuns: 60 },
    );
  });

  it('gives for every id a text whose SHA-256 it is and that parses', () => {
    fc.assert(
      fc.property(documentTexts(), (text) => {
        for (const { id, text: variant } of documentIds(text)) {
          expect(sha256(variant)).toBe(id);
          expect(documentIds(variant)).toHaveLength(4);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('runs the text with __typename for clients that hash it', () => {
    const schema = buildSchema('type Query { a: A } type A { b: Int }');
    const rootValue = { a: { b: 1 } };
    const text = '{ a { b } }';
    const answer = (kind: DocumentIdKind) => graphqlSync({ schema, rootValue, source: idOf(text, kind).text }).data;
    expect(answer('raw')).toEqual({ a: { b: 1 } });
    expect(answer('apollo')).toEqual({ a: { b: 1, __typename: 'A' } });
    expect(answer('urql')).toEqual({ a: { b: 1, __typename: 'A' } });
  });

  it('still has an id for urql where urql itself cannot parse', () => {
    expect(idOf('{ a(s: "\\u{1F600}") { b } }', 'urql').text).toContain('😀');
  });

  it('throws for what is not GraphQL', () => {
    expect(() => documentIds('query {')).toThrow('Syntax Error');
  });
});
