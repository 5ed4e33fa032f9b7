import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  Client,
  cacheExchange,
  createRequest,
  fetchExchange,
  formatDocument,
  gql as urqlGql,
  stringifyDocument,
} from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { parse as gqlParse, print, type DocumentNode } from 'graphql';
import { createStage, dataOf, type ProductProcess } from '../harness/index.ts';
import { recordingFetch } from './recording-fetch.ts';

// It is CommonJS and requires @apollo/client, which has to be loaded as a module by then.
const {
  createPersistedQueryManifestVerificationLink,
  generatePersistedQueryIdsAtRuntime,
  generatePersistedQueryIdsFromManifest,
  sortTopLevelDefinitions,
} = await import('@apollo/persisted-query-lists');

const stage = createStage();
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const variables = { days: 60 };
const unregisteredText = 'query Unregistered($days: Int) {\n  orders(first: $days) {\n    totalCount\n  }\n}\n';

let product: ProductProcess;
let text: string;
/** As registered, by kind; a tool may print a document in more than one way. */
let ids: ReadonlyMap<string, readonly string[]>;
let idOnlyKey: string;
let rows: readonly { readonly id: string }[];

beforeAll(async () => {
  text = await readFile(join(import.meta.dirname, '../../../templates/expiring-soon.graphql'), 'utf8');
  product = await stage.product({ env: { EMULATOR_ORDERS: '300' } });
  idOnlyKey = (await product.createKey({ name: 'clients', level: 'ID_ONLY' })).key;
  const { template } = dataOf<{ template: { ids: { kind: string; id: string }[] } }>(
    await product.admin.graphql('{ template(ref: "expiring-soon") { ids { kind id } } }'),
  );
  ids = new Map(
    template.ids.map(({ kind }) => [kind, template.ids.filter((each) => each.kind === kind).map(({ id }) => id)]),
  );
  rows = dataOf<{ orders: { nodes: { id: string }[] } }>(await product.admin.graphql(text, variables)).orders.nodes;
  expect(rows.length).toBeGreaterThan(2);
});

/** What one client made of one document. */
interface Outcome {
  readonly ids: readonly string[] | null;
  readonly error: string | null;
}
/** A client as an application would set it up, with this `fetch`. */
type RunClient = (document: string, send: typeof fetch, isGet: boolean) => Promise<Outcome>;

async function runApollo(link: ApolloLink, document: string): Promise<Outcome> {
  const client = new ApolloClient({ cache: new InMemoryCache(), link });
  try {
    const { data } = await client.query<{ orders: { nodes: { id: string }[] } }>({
      query: gql(document),
      variables,
      fetchPolicy: 'network-only',
    });
    return { ids: data?.orders.nodes?.map(({ id }) => id) ?? [], error: null };
  } catch (error) {
    return { ids: null, error: String(error) };
  } finally {
    client.stop();
  }
}

const http = (send: typeof fetch) => new HttpLink({ uri: `${product.url}/graphql`, fetch: send });

const clients: readonly [name: string, kind: string, run: RunClient][] = [
  [
    '@apollo/client with the persisted query link',
    'apollo',
    (document, send, isGet) =>
      runApollo(new PersistedQueryLink({ sha256, useGETForHashedQueries: isGet }).concat(http(send)), document),
  ],
  [
    '@apollo/persisted-query-lists with ids made at run time',
    'apollo',
    (document, send, isGet) => {
      const link = new PersistedQueryLink({
        ...generatePersistedQueryIdsAtRuntime({ sha256 }),
        useGETForHashedQueries: isGet,
      });
      return runApollo(link.concat(http(send)), document);
    },
  ],
  [
    '@apollo/persisted-query-lists with a manifest',
    'apollo',
    (document, send, isGet) => {
      const body = print(sortTopLevelDefinitions(new InMemoryCache().transformDocument(gql(document))));
      const name = /query (\w+)/.exec(document)![1]!;
      const manifest = {
        format: 'apollo-persisted-query-manifest',
        version: 1,
        operations: [{ id: sha256(body), name, type: 'query' as const, body }],
      };
      const loadManifest = () => manifest;
      const link = new PersistedQueryLink({
        ...generatePersistedQueryIdsFromManifest({ loadManifest }),
        useGETForHashedQueries: isGet,
      });
      // Its types are those of the CommonJS build of the same class.
      const verify = createPersistedQueryManifestVerificationLink({ loadManifest }) as unknown as ApolloLink;
      return runApollo(ApolloLink.from([verify, link, http(send)]), document);
    },
  ],
  // With its cache urql asks for __typename, without it the document stays as it is.
  ...[
    { isEnforced: false, hasCache: true, kind: 'urql' },
    { isEnforced: true, hasCache: true, kind: 'urql' },
    { isEnforced: false, hasCache: false, kind: 'printed' },
  ].map(({ isEnforced, hasCache, kind }): [string, string, RunClient] => [
    `@urql/core with the persisted exchange${hasCache ? ' and a cache' : ''}${isEnforced ? ', enforced' : ''}`,
    kind,
    async (document, send, isGet) => {
      const client = new Client({
        url: `${product.url}/graphql`,
        fetch: send,
        preferGetMethod: isGet ? 'force' : false,
        exchanges: [
          ...(hasCache ? [cacheExchange] : []),
          persistedExchange({
            preferGetForPersistedQueries: isGet ? 'force' : false,
            enforcePersistedQueries: isEnforced,
            generateHash: async (query) => sha256(query),
          }),
          fetchExchange,
        ],
      });
      const { data, error } = await client.query(urqlGql(document), variables).toPromise();
      const found = data as { orders: { nodes?: { id: string }[] } } | undefined;
      return { ids: found?.orders?.nodes?.map(({ id }) => id) ?? null, error: error?.message ?? null };
    },
  ]),
  [
    'a network layer of Relay with persisted documents',
    'printed',
    (document, send, isGet) => {
      // The compiler leaves `{ id, text: null }` in the artifact; what is sent is the application's own, and this its manual's.
      const params = { id: sha256(print(gqlParse(document))), text: null };
      return runFetch(send, isGet, { doc_id: params.id, variables });
    },
  ],
  [
    "codegen's client preset with the persisted query link",
    'printed',
    (document, send, isGet) => {
      const generated = { ...gql(document), __meta__: { hash: `sha256:${sha256(print(gql(document)))}` } };
      const link = new PersistedQueryLink({
        // The preset prints without `__typename`, and so does a cache that adds none.
        generateHash: () => generated.__meta__.hash,
        useGETForHashedQueries: isGet,
      });
      return runApollo(link.concat(http(send)), document);
    },
  ],
  [
    'fetch with the id that sha256sum prints',
    'raw',
    (document, send, isGet) => runFetch(send, isGet, { documentId: sha256(document), variables }),
  ],
  [
    'fetch with the id in the path',
    'raw',
    (document, send, isGet) => runFetch(send, isGet, { variables }, `/graphql/${sha256(document)}`),
  ],
];

const graphqlJson = 'application/graphql-response+json';

/** A client of a few lines: members as a JSON body, or as parameters of the address. */
async function runFetch(
  send: typeof fetch,
  isGet: boolean,
  members: Readonly<Record<string, unknown>>,
  path = '/graphql',
): Promise<Outcome> {
  const search = new URLSearchParams(
    Object.entries(members).map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
  const response = isGet
    ? await send(`${product.url}${path}?${search}`, { method: 'GET', headers: { Accept: graphqlJson } })
    : await send(`${product.url}${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: graphqlJson },
        body: JSON.stringify(members),
      });
  const { data, errors } = (await response.json()) as {
    data?: { orders: { nodes: { id: string }[] } };
    errors?: { message: string }[];
  };
  return { ids: data?.orders.nodes.map(({ id }) => id) ?? null, error: errors?.[0]?.message ?? null };
}

describe.each(clients)('%s', (_name, kind, run) => {
  it.each([
    ['POST', false],
    ['GET', true],
  ] as const)('runs a template by the registered id of its own print, by %s', async (method, isGet) => {
    const recording = recordingFetch(idOnlyKey);
    const outcome = await run(text, recording.fetch, isGet);
    expect(outcome).toEqual({ ids: rows.map(({ id }) => id), error: null });
    expect(recording.sent).toEqual([{ method, status: 200, hasText: false, id: expect.any(String) }]);
    expect(ids.get(kind)).toContain(recording.sent[0]!.id?.replace('sha256:', ''));
  });

  it.each([
    ['POST', false],
    ['GET', true],
  ] as const)(
    'is refused a document that is not registered, by %s, and does not send its text',
    async (method, isGet) => {
      const recording = recordingFetch(idOnlyKey);
      const outcome = await run(unregisteredText, recording.fetch, isGet);
      expect(outcome.ids).toBeNull();
      expect(outcome.error).toContain('No approved template');
      expect(recording.sent).toEqual([{ method, status: 404, hasText: false, id: expect.any(String) }]);
    },
  );

  it('is refused with a wrong key, and does not send the text', async () => {
    for (const isGet of [false, true]) {
      const recording = recordingFetch('cfk_0123456789_wrong');
      const outcome = await run(text, recording.fetch, isGet);
      expect([outcome.ids, outcome.error]).toEqual([null, expect.any(String)]);
      expect(recording.sent).toHaveLength(1);
      expect(recording.sent[0]).toMatchObject({ status: 401, hasText: false });
    }
  });
});

describe('with an open key', () => {
  it('a client of automatic persisted queries registers its own document, and then runs it by id', async () => {
    const { key } = await product.createKey({ name: 'apq', level: 'OPEN' });
    const [, , run] = clients[0]!;
    const first = recordingFetch(key);
    expect((await run(unregisteredText, first.fetch, false)).error).toBeNull();
    expect(first.sent.map(({ status, hasText }) => [status, hasText])).toEqual([
      [404, false],
      [200, true],
    ]);
    const second = recordingFetch(key);
    expect((await run(unregisteredText, second.fetch, true)).error).toBeNull();
    expect(second.sent.map(({ method, status, hasText }) => [method, status, hasText])).toEqual([['GET', 200, false]]);
  });
});

describe('a client that knows texts only, as graphql-request does', () => {
  const runText = (document: string, send: typeof fetch) =>
    runFetch(send, false, { query: document, variables, operationName: /query (\w+)/.exec(document)![1]! });

  it('runs a template with a listed key by its text as it stands, and as it prints it', async () => {
    const { key } = await product.createKey({ name: 'texts', level: 'LISTED' });
    for (const document of [text, print(gqlParse(text)), text.replace(/\s+/g, ' ')]) {
      const recording = recordingFetch(key);
      expect(await runText(document, recording.fetch)).toEqual({ ids: rows.map(({ id }) => id), error: null });
      expect(recording.sent).toEqual([{ method: 'POST', status: 200, hasText: true, id: null }]);
    }
  });

  it('is refused any other text, and every text with a key for ids only', async () => {
    const { key } = await product.createKey({ name: 'other-texts', level: 'LISTED' });
    const listed = recordingFetch(key);
    expect(await runText(unregisteredText, listed.fetch)).toEqual({ ids: null, error: expect.any(String) });
    expect(listed.sent.map(({ status }) => status)).toEqual([403]);
    const idOnly = recordingFetch(idOnlyKey);
    expect(await runText(text, idOnly.fetch)).toEqual({ ids: null, error: expect.any(String) });
    expect(idOnly.sent.map(({ status }) => status)).toEqual([400]);
  });
});

describe('what clients print', () => {
  it('differs from the file, and every print is registered', () => {
    const urqlText = stringifyDocument(
      formatDocument(createRequest(urqlGql(text), variables).query) as unknown as DocumentNode,
    );
    const apolloText = print(new InMemoryCache().transformDocument(gql(text)));
    expect(ids.get('raw')).toEqual([sha256(text)]);
    expect(ids.get('apollo')).toContain(sha256(apolloText));
    expect(ids.get('urql')).toContain(sha256(urqlText));
    expect(apolloText).not.toBe(text);
  });
});
