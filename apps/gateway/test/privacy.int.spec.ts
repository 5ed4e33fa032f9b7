import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codesOf, graphqlType, sha256, startRunningGateway, type Got, type RunningGateway } from './running-gateway.ts';

let gateway: RunningGateway;
let templatesDir: string;
/** May run templates tagged "mine". */
let limited: string;
/** May run all. */
let everything: string;

const document = (name: string) =>
  `query ${name}($first: Int = 10) {\n  orders(first: $first) {\n    nodes {\n      id\n    }\n  }\n}\n`;
const metadata = (name: string, tag: string, more = 'state: approved') =>
  `name: ${name}\nversion: 1\n${more}\ntitle: ${name}\nquestion: Which?\nowner: team-${tag}\ntags: [${tag}]\nvariables:\n  first: { description: Rows }\nrows: orders.nodes\n`;
const templates = [
  ['open-report', 'OpenReport', 'mine', 'state: approved'],
  ['open-old', 'OpenOld', 'mine', 'state: retired\nretiredAt: 2026-01-31'],
  ['secret-report', 'SecretReport', 'theirs', 'state: approved'],
  ['secret-old', 'SecretOld', 'theirs', 'state: retired\nretiredAt: 2026-01-31'],
  ['secret-draft', 'SecretDraft', 'theirs', 'state: draft'],
] as const;

beforeAll(async () => {
  templatesDir = await mkdtemp(join(tmpdir(), 'certfolio-templates-'));
  for (const [name, operation, tag, state] of templates) {
    await writeFile(join(templatesDir, `${name}.graphql`), document(operation));
    await writeFile(join(templatesDir, `${name}.yaml`), metadata(name, tag, state));
  }
  gateway = await startRunningGateway({ CERTFOLIO_TEMPLATES_DIR: templatesDir });
  limited = (await gateway.makeKey({ level: 'LISTED', templates: { tags: ['mine'] } })).secret;
  everything = (await gateway.makeKey({ level: 'LISTED' })).secret;
});
afterAll(async () => {
  await gateway.close();
  await rm(templatesDir, { recursive: true, force: true });
});

const byId = (documentId: string, key: string) =>
  gateway.post({ documentId }, { key, headers: { accept: graphqlType } });
/** The part of a refusal that could tell one from another. */
const told = ({ status, json, headers }: Got) => ({
  status,
  errors: json?.errors,
  length: headers.get('content-length'),
  caching: headers.get('cache-control'),
});

describe("another key's templates", () => {
  it('are all in place', async () => {
    for (const name of ['open-report', 'secret-report']) {
      const answer = await byId(name, everything);
      expect([name, answer.status]).toEqual([name, 200]);
    }
    expect((await byId('open-report', limited)).status).toBe(200);
  });

  it('cannot be told from ones that do not exist: by hash', async () => {
    const unknown = told(await byId(sha256('no such template'), limited));
    expect(unknown.status).toBe(404);
    for (const operation of ['SecretReport', 'SecretOld', 'SecretDraft'])
      expect(told(await byId(sha256(document(operation)), limited))).toEqual(unknown);
  });

  it('cannot be told from ones that do not exist: by name', async () => {
    const unknown = told(await byId('zzzzzz-zzzzzz', limited));
    for (const name of ['secret-report', 'secret-report@1', 'secret-old', 'secret-draft', 'secret-repor'])
      expect([name, told(await byId(name, limited))]).toEqual([name, unknown]);
  });

  it('cannot be told from ones that do not exist: by report address', async () => {
    const unknown = told(await gateway.ask('/r/zzzzzz-zzzzzz.json', { key: limited }));
    expect(unknown.status).toBe(404);
    for (const name of ['secret-report', 'secret-old', 'secret-draft'])
      expect(told(await gateway.ask(`/r/${name}.json`, { key: limited }))).toEqual(unknown);
  });

  it('cannot be told from ones that do not exist: by text', async () => {
    const unlisted = told(await gateway.post({ query: document('NoTemplate') }, { key: limited }));
    expect(told(await gateway.post({ query: document('SecretReport') }, { key: limited }))).toEqual(unlisted);
  });

  it('are in no list: openapi, templates query, single template', async () => {
    const openapi = await gateway.ask('/r/openapi.json', { key: limited });
    expect(openapi.text).toContain('open-report');
    expect(openapi.text).not.toMatch(/secret|theirs/i);
    const { secret } = await gateway.makeKey({ level: 'OPEN', templates: { tags: ['mine'] } });
    const listed = await gateway.post(
      {
        query:
          '{ templates { name owner } one: template(ref: "secret-report") { name } two: template(ref: "secret-draft") { name } }',
      },
      { key: secret },
    );
    expect(listed.text).toContain('open-report');
    expect(listed.text).not.toMatch(/secret|theirs/i);
  });
});

describe('what a refusal tells of templates that the key may run', () => {
  it('the nearest name and its owner', async () => {
    const answer = await byId('open-reprot', limited);
    expect([answer.status, codesOf(answer)]).toEqual([404, ['PERSISTED_QUERY_NOT_IN_LIST']]);
    expect(answer.json!.errors![0]!.extensions).toMatchObject({ nearest: 'open-report', owner: 'team-mine' });
  });

  it('when one was retired, and by whom it was owned', async () => {
    for (const ref of ['open-old', sha256(document('OpenOld'))]) {
      const answer = await byId(ref, limited);
      expect(answer.json!.errors![0]!.extensions).toMatchObject({ retiredAt: '2026-01-31', owner: 'team-mine' });
    }
  });

  it('drafts run for nobody', async () => {
    for (const ref of ['secret-draft', sha256(document('SecretDraft'))])
      expect(codesOf(await byId(ref, everything))).toEqual(['PERSISTED_QUERY_NOT_IN_LIST']);
  });
});

describe('rights', () => {
  it('a key without the right to run templates is refused, whatever it asks', async () => {
    const { secret } = await gateway.makeKey({ level: 'LISTED', scopes: ['schedules:write'] });
    for (const answer of [
      await byId('open-report', secret),
      await gateway.post({ query: document('OpenReport') }, { key: secret, headers: { accept: graphqlType } }),
      await gateway.ask('/r/open-report', { key: secret }),
    ]) {
      expect([answer.status, codesOf(answer)]).toEqual([403, ['FORBIDDEN']]);
    }
  });

  it('a sensitive field without the right is refused by name, under an alias and in a fragment too', async () => {
    const { secret } = await gateway.makeKey({ level: 'OPEN', fields: [] });
    for (const query of [
      '{ orders(first: 1) { nodes { user { email } } } }',
      '{ orders(first: 1) { nodes { user { harmless: email } } } }',
      'fragment F on OrderUser { x: email } { orders(first: 1) { nodes { user { ...F } } } }',
      '{ orders(first: 1) { nodes { user { ... on OrderUser { email @include(if: true) } } } } }',
    ]) {
      for (const accept of [graphqlType, 'application/json']) {
        const answer = await gateway.post({ query }, { key: secret, headers: { accept } });
        expect([answer.status, codesOf(answer)]).toEqual([403, ['FORBIDDEN']]);
        expect(answer.json!.errors![0]!.message).toContain('email');
      }
    }
  });

  it('filtering, sorting and counting by a sensitive field without the right is refused by name, in text and variables', async () => {
    const { secret } = await gateway.makeKey({ level: 'OPEN', fields: [] });
    const withFilter = 'query ($f: OrderFilter, $by: [OrderBy!]) { orders(filter: $f, orderBy: $by) { totalCount } }';
    const withDimensions = 'query ($d: [OrderBucketDimension!]!) { orderBuckets(groupBy: $d) { count } }';
    for (const [query, variables, name] of [
      ['{ orders(filter: { cost: { gte: "1.00" } }) { totalCount } }', {}, 'OrderFilter.cost'],
      ['{ orders(orderBy: { field: userEmail }) { totalCount } }', {}, 'OrderSortField.userEmail'],
      [withFilter, { f: { anyOf: [{ techEmail: { like: 'a%' } }] } }, 'OrderFilter.techEmail'],
      [withFilter, { by: [{ field: 'cost' }] }, 'OrderSortField.cost'],
      [withDimensions, { d: ['status', 'userEmail'] }, 'OrderBucketDimension.userEmail'],
      ['{ order_details(search: "bo@") { id } }', {}, 'Query.order_details(search:)'],
    ] as const) {
      const answer = await gateway.post({ query, variables }, { key: secret, headers: { accept: graphqlType } });
      expect([query, answer.status, codesOf(answer)]).toEqual([query, 403, ['FORBIDDEN']]);
      expect(answer.json!.errors![0]!.message).toContain(name);
    }
    const allowed = await gateway.post(
      { query: withFilter, variables: { f: { cost: null, status: { in: ['issued'] } } } },
      { key: secret, headers: { accept: graphqlType } },
    );
    expect([allowed.status, codesOf(allowed)]).toEqual([200, undefined]);
  });

  it('keys and the account are for those with the scope', async () => {
    const { secret } = await gateway.makeKey({ level: 'OPEN' });
    for (const query of [
      '{ keys { id } }',
      '{ upstream { host } }',
      'mutation { createKey(input: {name: "x"}) { secret } }',
      'mutation { revokeKey(id: "x") { id } }',
    ]) {
      const answer = await gateway.post({ query }, { key: secret, headers: { accept: graphqlType } });
      expect([query, codesOf(answer)]).toEqual([query, ['FORBIDDEN']]);
    }
  });

  it('a key gives no other key more than it has', async () => {
    const { secret } = await gateway.makeKey({
      level: 'LISTED',
      scopes: ['templates:run', 'keys:write'],
      containers: [],
    });
    const make = 'mutation ($input: CreateKeyInput!) { createKey(input: $input) { secret } }';
    const { secret: open } = await gateway.makeKey({ level: 'OPEN', scopes: ['keys:write'], containers: [] });
    expect(
      codesOf(await gateway.post({ query: make, variables: { input: { name: 'more' } } }, { key: secret })),
    ).toEqual(['QUERY_NOT_IN_SAFELIST']);
    for (const input of [
      { name: 'more' },
      { name: 'more', containers: [1] },
      { name: 'more', scopes: ['admin'], containers: [] },
    ])
      expect(codesOf(await gateway.post({ query: make, variables: { input } }, { key: open }))).toEqual(['FORBIDDEN']);
  });
});
