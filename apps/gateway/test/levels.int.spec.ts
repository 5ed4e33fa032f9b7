import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  codesOf,
  graphqlType,
  sha256,
  startRunningGateway,
  templateFile,
  type Got,
  type KeyWish,
  type RunningGateway,
} from './running-gateway.ts';

let gateway: RunningGateway;
let template: { readonly text: string; readonly id: string };
const keys = new Map<NonNullable<KeyWish['level']>, string>();

beforeAll(async () => {
  gateway = await startRunningGateway({ LOG_LEVEL: 'info' });
  template = await templateFile('expiring-soon');
  for (const level of ['OPEN', 'AUDIT', 'LISTED', 'ID_ONLY'] as const)
    keys.set(level, (await gateway.makeKey({ level })).secret);
});
afterAll(() => gateway.close());

const unlisted = '{ orders(first: 1) { totalCount } }';
const introspection = '{ __schema { queryType { name } } }';

/** What became of a request under the newer media type and under the older one. */
async function outcome(level: NonNullable<KeyWish['level']>, body: object) {
  const key = keys.get(level)!;
  const ask = (accept: string | null) => gateway.post(body, { key, headers: accept === null ? {} : { accept } });
  const [newer, older, any] = [await ask(graphqlType), await ask('application/json'), await ask('*/*')];
  expect(newer.headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8');
  expect(older.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(any.status).toBe(older.status);
  const brief = (answer: Got) => (answer.json?.errors === undefined ? 'data' : codesOf(answer)!.join());
  expect(brief(older)).toBe(brief(newer));
  if (brief(newer) !== 'data') {
    for (const answer of [newer, older]) {
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.json).not.toHaveProperty('data');
      expect(answer.text).not.toContain('PersistedQueryNotSupported');
    }
  }
  return [brief(newer), newer.status, older.status];
}

describe('what a key of each level may send', () => {
  const runs = ['data', 200, 200];
  const idRequired = ['PERSISTED_QUERY_ID_REQUIRED', 400, 200];
  const notListed = ['QUERY_NOT_IN_SAFELIST', 403, 200];
  const notInList = ['PERSISTED_QUERY_NOT_IN_LIST', 404, 200];
  const mismatch = ['PERSISTED_QUERY_HASH_MISMATCH', 400, 200];

  it('the id of a template: all', async () => {
    for (const level of keys.keys())
      expect([level, await outcome(level, { documentId: template.id })]).toEqual([level, runs]);
  });

  it('the text of a template: all but id-only', async () => {
    const body = { query: template.text };
    expect(await outcome('OPEN', body)).toEqual(runs);
    expect(await outcome('AUDIT', body)).toEqual(runs);
    expect(await outcome('LISTED', body)).toEqual(runs);
    expect(await outcome('ID_ONLY', body)).toEqual(idRequired);
  });

  it('the text of a template written otherwise counts as listed', async () => {
    const rewritten = template.text.replace(/\n\s*/g, ' ').replace('query', '# a comment\nquery');
    expect(sha256(rewritten)).not.toBe(template.id);
    expect(await outcome('LISTED', { query: rewritten })).toEqual(runs);
    const other = template.text.replace('autoRenew', 'status');
    expect(await outcome('LISTED', { query: other })).toEqual(notListed);
  });

  it('a text that is no template: open and audit only', async () => {
    const body = { query: unlisted };
    expect(await outcome('OPEN', body)).toEqual(runs);
    expect(await outcome('AUDIT', body)).toEqual(runs);
    expect(await outcome('LISTED', body)).toEqual(notListed);
    expect(await outcome('ID_ONLY', body)).toEqual(idRequired);
  });

  it('an id that is not registered: nobody', async () => {
    for (const level of keys.keys())
      expect([level, await outcome(level, { documentId: sha256(unlisted) })]).toEqual([level, notInList]);
  });

  it('a text with the id of another: nobody', async () => {
    for (const level of keys.keys())
      expect([level, await outcome(level, { query: unlisted, documentId: template.id })]).toEqual([level, mismatch]);
  });

  it('the schema: open and audit only', async () => {
    expect(await outcome('OPEN', { query: introspection })).toEqual(runs);
    expect(await outcome('AUDIT', { query: introspection })).toEqual(runs);
    expect((await outcome('LISTED', { query: introspection }))[0]).toBe('QUERY_NOT_IN_SAFELIST');
    expect((await outcome('ID_ONLY', { query: introspection }))[0]).toBe('PERSISTED_QUERY_ID_REQUIRED');
    for (const query of [
      '{ __type(name: "Query") { name } }',
      'fragment F on Query { __schema { queryType { name } } } { ...F }',
    ]) {
      expect((await outcome('LISTED', { query }))[0]).toBe('QUERY_NOT_IN_SAFELIST');
    }
  });

  it('an unlisted operation of an audit key is recorded, by the hash of its text alone', async () => {
    const query = '{ orders(first: 2) { totalCount nodes { id } } }';
    const { secret, id } = await gateway.makeKey({ level: 'AUDIT' });
    await gateway.post({ query }, { key: secret });
    await gateway.post({ documentId: template.id }, { key: secret });
    const lines = gateway.process
      .stderr()
      .split('\n')
      .filter((line) => line.includes(id) && line.includes('unlisted'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(sha256(query));
    expect(gateway.process.stderr()).not.toContain('totalCount');
    expect(gateway.process.stderr()).not.toContain(secret);
  });
});

describe('automatic persisted queries', () => {
  const hash = sha256(unlisted);
  const extensions = { persistedQuery: { version: 1, sha256Hash: hash } };

  it('an open key registers a text for itself alone, and only then runs it by hash', async () => {
    const [one, other] = [await gateway.makeKey({ level: 'OPEN' }), await gateway.makeKey({ level: 'OPEN' })];
    const miss = await gateway.post({ extensions }, { key: one.secret, headers: { accept: graphqlType } });
    expect([miss.status, codesOf(miss), miss.json?.errors?.[0]?.message]).toEqual([
      404,
      ['PERSISTED_QUERY_NOT_FOUND'],
      'PersistedQueryNotFound',
    ]);
    expect(miss.headers.get('cache-control')).toBe('no-store');

    expect((await gateway.post({ query: unlisted, extensions }, { key: one.secret })).json?.errors).toBeUndefined();
    expect((await gateway.post({ extensions }, { key: one.secret })).json?.['data'].orders.totalCount).toBeGreaterThan(
      0,
    );
    expect(codesOf(await gateway.post({ extensions }, { key: other.secret }))).toEqual(['PERSISTED_QUERY_NOT_FOUND']);
  });

  it('registers for no other level, and the words that make clients send the text are never said to one', async () => {
    for (const level of ['AUDIT', 'LISTED', 'ID_ONLY'] as const) {
      const { secret } = await gateway.makeKey({ level });
      await gateway.post({ query: unlisted, extensions }, { key: secret });
      const answer = await gateway.post({ extensions }, { key: secret });
      expect([level, codesOf(answer)]).toEqual([level, ['PERSISTED_QUERY_NOT_IN_LIST']]);
      expect(answer.text).not.toMatch(/PersistedQueryNot(Found|Supported)|PERSISTED_QUERY_NOT_(FOUND|SUPPORTED)/);
    }
  });

  it('what was registered is no template', async () => {
    const { secret } = await gateway.makeKey({ level: 'OPEN' });
    await gateway.post({ query: unlisted, extensions }, { key: secret });
    const { json } = await gateway.post({ query: '{ templates { ids { id } } }' });
    expect(JSON.stringify(json)).not.toContain(hash);
    expect((await gateway.ask(`/r/${hash}`, { key: secret })).status).toBe(404);
    expect(codesOf(await gateway.post({ query: unlisted }, { key: keys.get('LISTED')! }))).toEqual([
      'QUERY_NOT_IN_SAFELIST',
    ]);
  });
});

describe('variables', () => {
  it('unknown, missing and wrong ones of a template are refused by name', async () => {
    const refused = async (variables: object) => {
      const answer = await gateway.post(
        { documentId: template.id, variables },
        { key: keys.get('ID_ONLY')!, headers: { accept: graphqlType } },
      );
      expect([answer.status, codesOf(answer)]).toEqual([400, ['BAD_USER_INPUT']]);
      return answer.json!.errors![0]!.message;
    };
    expect(await refused({ dayz: 3 })).toContain('dayz');
    expect(await refused({ days: 'soon' })).toContain('days');
    expect(await refused({ days: 1e9 })).toContain('days');
    expect(await refused({ days: -1 })).toContain('days');
    expect(await refused({ first: 5_000 })).toContain('first');
    expect(await refused({ containerIds: { a: 1 } })).toContain('containerIds');
    expect(await refused(JSON.parse('{"__proto__": 1}'))).toContain('__proto__');
    expect(await refused({ constructor: 1 })).toContain('constructor');
  });

  it('are checked for a free text as well', async () => {
    const query = 'query Q($first: Int!) { orders(first: $first) { totalCount } }';
    for (const variables of [{}, { first: 'x' }, { first: null }]) {
      const answer = await gateway.post({ query, variables }, { headers: { accept: graphqlType } });
      expect([answer.status, codesOf(answer)]).toEqual([400, ['BAD_USER_INPUT']]);
    }
  });
});

describe('documents that cannot be run', () => {
  const page =
    'orders(first: 1000) { nodes { certificate { commonName } organization { name } container { name } product { name } user { id } } }';
  const deepQuery = (levels: number) =>
    `{ organization(id: "1") { ${'domains { organization { '.repeat(levels)} id ${'} }'.repeat(levels)} } }`;
  const cases: readonly [string, object, string][] = [
    ['bad syntax', { query: '{ orders(' }, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', { query: '{ nothingOfTheKind }' }, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'an unknown operation name',
      { query: 'query A { me { name } }', operationName: 'B' },
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      'several operations and no name',
      { query: 'query A { me { name } } query B { me { name } }' },
      'OPERATION_RESOLUTION_FAILURE',
    ],
    ['no operation', { query: 'fragment F on Query { me { name } }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['deeper than allowed', { query: deepQuery(8) }, 'MAX_DEPTH_LIMIT'],
    [
      'dearer than allowed',
      { query: `{ ${Array.from({ length: 59 }, (_, n) => `a${n}: ${page}`).join(' ')} }` },
      'COST_ESTIMATED_TOO_EXPENSIVE',
    ],
  ];
  it.each(cases)('%s', async (_what, body, code) => {
    for (const [accept, status] of [
      [graphqlType, 400],
      ['application/json', 200],
    ] as const) {
      const answer = await gateway.post(body, { headers: { accept } });
      expect([new Set(codesOf(answer)), answer.status]).toEqual([new Set([code]), status]);
      expect(answer.json).not.toHaveProperty('data');
    }
  });
});
