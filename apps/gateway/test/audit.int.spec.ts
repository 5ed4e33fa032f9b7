import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '@certfolio/database/testing';
import { codesOf, startRunningGateway, type RunningGateway } from './running-gateway.ts';

let gateway: RunningGateway;

beforeAll(async () => {
  gateway = await startRunningGateway({ EMULATOR_ORDERS: '300' });
});
afterAll(() => gateway.close());

interface Line {
  readonly seq: number;
  readonly entry: Readonly<Record<string, unknown>>;
}

async function exported(search = ''): Promise<readonly Line[]> {
  const { status, text } = await gateway.ask(`/audit.ndjson${search}`);
  expect(status).toBe(200);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

/** The entry of a request; entries are written within about a second. */
async function entryOf(requestId: string): Promise<Readonly<Record<string, unknown>>> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const found = (await exported()).find(
      ({ entry }) => entry['kind'] === 'request' && entry['requestId'] === requestId,
    );
    if (found !== undefined) return found.entry;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`There is no entry of the request ${requestId}.`);
}
const idOf = (headers: Headers) => headers.get('x-request-id')!;

describe('an entry', () => {
  it('tells who ran which template with which variables, and what came of it', async () => {
    const { headers, json } = await gateway.ask('/r/expiring-soon.json?days=30&nameLike=%25.test');
    expect(await entryOf(idOf(headers))).toMatchObject({
      keyName: 'CERTFOLIO_ADMIN_KEY',
      owner: 'operator',
      from: '127.0.0.1',
      door: 'report-url',
      decision: 'ok',
      status: 200,
      template: 'expiring-soon@1',
      operationName: 'ExpiringSoon',
      variables: { days: 30, nameLike: '%.test' },
      rows: json!['rows'].length,
      cost: expect.any(Number),
      isMutation: false,
    });
  });

  it('of a refusal has its code', async () => {
    const { secret, id } = await gateway.makeKey({ level: 'LISTED' });
    const refused = await gateway.post({ query: '{ me { name } }' }, { key: secret });
    expect(await entryOf(idOf(refused.headers))).toMatchObject({
      keyId: id,
      decision: 'QUERY_NOT_IN_SAFELIST',
      operationHash: null,
    });
  });

  it('has no value of a sensitive place, whatever its variable is called', async () => {
    const query = 'query ($x: String) { orders(first: 1, filter: { userEmail: { like: $x } }) { totalCount } }';
    const { headers } = await gateway.post({ query, variables: { x: 'someone@example.test' } });
    expect(await entryOf(idOf(headers))).toMatchObject({ variables: { x: '[masked]' } });
  });

  it('of a report whose client went away says so', async () => {
    const requestId = await new Promise<string>((resolve, reject) => {
      const sent = request(
        `${gateway.url}/graphql`,
        {
          method: 'POST',
          headers: { authorization: `Bearer ${gateway.adminKey}`, 'content-type': 'application/json' },
        },
        () => reject(new Error('it was answered before it was given up')),
      );
      sent.on('error', () => resolve('gone'));
      // A call for each, so that it cannot be answered before it is given up.
      const query = 'query Abandoned { orders(first: 40) { nodes { id validation { status } } } }';
      sent.end(JSON.stringify({ query }), () => setTimeout(() => sent.destroy(), 5));
    });
    expect(requestId).toBe('gone');
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const found = (await exported()).find(({ entry }) => entry['operationName'] === 'Abandoned');
      if (found !== undefined) {
        expect(found.entry).toMatchObject({ decision: 'CLIENT_CLOSED' });
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('There is no entry of the request that was given up.');
  });
});

describe('administrative acts', () => {
  it('stand before and after they were done, without what is secret', async () => {
    const { id, secret } = await gateway.makeKey();
    await gateway.post({ query: 'mutation ($id: ID!) { revokeKey(id: $id) { id } }', variables: { id } });
    // The end of an earlier export may be written after these.
    const acts = (await exported())
      .filter(({ entry }) => entry['kind'] === 'act' && !(entry['act'] === 'exportAudit' && entry['phase'] === 'ended'))
      .slice(-5);
    expect(acts.map(({ entry }) => [entry['act'], entry['phase'], entry['outcome']])).toEqual([
      ['createKey', 'begins', null],
      ['createKey', 'ended', 'ok'],
      ['revokeKey', 'begins', null],
      ['revokeKey', 'ended', 'ok'],
      ['exportAudit', 'begins', null],
    ]);
    expect(JSON.stringify(await exported())).not.toContain(secret.slice(4));
  });

  it('that are refused stand there too', async () => {
    const { secret, id } = await gateway.makeKey({ level: 'OPEN' });
    const refused = await gateway.post({ query: 'mutation { revokeKey(id: "x") { id } }' }, { key: secret });
    expect(codesOf(refused)).toEqual(['FORBIDDEN']);
    const own = (await exported(`?key=${id}`)).filter(({ entry }) => entry['kind'] === 'act');
    expect(own.map(({ entry }) => entry['outcome'])).toEqual([null, 'FORBIDDEN']);
  });
});

describe('the doors of the log', () => {
  it.each(['/audit.ndjson', '/backup'])('%s is for keys with the scope admin', async (path) => {
    const { secret } = await gateway.makeKey({ level: 'OPEN', scopes: ['templates:run', 'keys:write'] });
    const refused = await gateway.ask(path, { key: secret });
    expect([refused.status, codesOf(refused)]).toEqual([403, ['FORBIDDEN']]);
    expect((await gateway.ask(path, { key: null })).status).toBe(401);
    for (const method of ['DELETE', 'HEAD'])
      expect((await gateway.ask(path, { method })).headers.get('allow')).toBe('GET');
  });

  it('refuse what they do not know', async () => {
    expect(codesOf(await gateway.ask('/audit.ndjson?since=soon'))).toEqual(['BAD_USER_INPUT']);
    expect(codesOf(await gateway.ask('/audit.ndjson?sinse=today'))).toEqual(['BAD_REQUEST']);
    expect(codesOf(await gateway.ask('/backup?mirror=maybe'))).toEqual(['BAD_REQUEST']);
  });

  it('give GraphQL the same in pages, and verify it', async () => {
    await gateway.ask('/r/expiring-soon.json');
    const query =
      'query ($after: ID) { auditLog(first: 2, after: $after) { entries { seq kind hash previousHash json } next } }';
    const first = await gateway.post({ query });
    const { entries, next } = first.json!['data'].auditLog;
    const second = await gateway.post({ query, variables: { after: next } });
    expect(second.json!['data'].auditLog.entries[0].hash).toBe(entries[1].previousHash);
    const { json } = await gateway.post({
      query: `{ verifyAudit(expect: "${entries[0].hash}") { ok whole entries expectedFound problem headSeq } }`,
    });
    expect(json!['data'].verifyAudit).toMatchObject({ ok: true, whole: true, expectedFound: true, problem: null });
    expect(codesOf(await gateway.post({ query: '{ auditLog(first: 0) { next } }' }))).toEqual(['BAD_USER_INPUT']);
    expect(codesOf(await gateway.post({ query: '{ verifyAudit(from: "x") { ok } }' }))).toEqual(['BAD_USER_INPUT']);
  });

  it('restore refuses what is no backup and reads the whole answer back', async () => {
    const type = { 'content-type': 'application/vnd.certfolio.backup+gzip' };
    const refused = await gateway.ask('/restore', { method: 'POST', headers: type, body: 'x'.repeat(3_000_000) });
    expect(refused.status).toBe(400);
    expect(refused.json!.errors![0]!.message).toMatch(/no gzip file, or its bytes were altered. Nothing was changed/);
    const other = await gateway.ask('/restore', { method: 'POST', body: '{}' });
    expect(codesOf(other)).toEqual(['UNSUPPORTED_MEDIA_TYPE']);
  });
});

it('operations of a key of level AUDIT are listed, and become the files of a template', async () => {
  const { secret, id } = await gateway.makeKey({ level: 'AUDIT' });
  const query = 'query Mine($n: Int) { orders(first: $n) { nodes { id certificate { commonName } } } }';
  for (let time = 0; time < 2; time += 1)
    await gateway.post(
      { query, variables: { n: 1 } },
      { key: secret, headers: { 'apollographql-client-name': 'dash' } },
    );
  let operations: readonly { hash: string; runs: number; clientName: string }[] = [];
  for (let attempt = 0; attempt < 50 && operations[0]?.runs !== 2; attempt += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { json } = await gateway.post({
      query: 'query ($key: String) { seenOperations(key: $key) { operations { hash runs clientName } } }',
      variables: { key: id },
    });
    operations = json!['data'].seenOperations.operations;
  }
  expect(operations).toMatchObject([{ runs: 2, clientName: 'dash' }]);
  const files = await gateway.post({
    query: `query ($hash: ID!) { seenTemplateFiles(hash: $hash, template: { name: "mine", owner: "web" }) { name content } }`,
    variables: { hash: operations[0]!.hash },
  });
  const [graphql, yaml] = files.json!['data'].seenTemplateFiles;
  expect(graphql.content).toContain('query Mine');
  expect(yaml.content).toMatch(/rows: orders.nodes/);
});

describe('while the audit log cannot be written', () => {
  it('requests go on, administration does not, and nothing is lost', async () => {
    const database = await createTestDatabase();
    const own = await startRunningGateway({ CERTFOLIO_DATABASE_URL: database.url, CERTFOLIO_MIRROR: 'off' });
    try {
      await database.pool.query('alter table audit_batches rename to audit_batches_away');
      const report = await own.ask('/r/expiring-soon.json');
      expect(report.status).toBe(200);
      const query = 'mutation { createKey(input: { name: "untold" }) { secret } }';
      const refused = await own.post({ query });
      expect(codesOf(refused)).toEqual(['SERVICE_UNAVAILABLE']);
      expect(refused.json!.errors![0]!.message).toMatch(/"createKey" is not done: the audit log cannot be written/);
      const told = async () => (await own.ask('/readyz')).json!['parts'].audit as string;
      for (let attempt = 0; attempt < 50 && (await told()) === 'ok'; attempt += 1)
        await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await told()).toMatch(/cannot be written: 2 entries wait, 0 were lost/);
      expect((await own.ask('/readyz')).status).toBe(200);
      expect((await own.ask('/metrics')).text).toMatch(/^certfolio_audit_pending 2$/m);

      await database.pool.query('alter table audit_batches_away rename to audit_batches');
      for (let attempt = 0; attempt < 50 && (await told()) !== 'ok'; attempt += 1)
        await new Promise((resolve) => setTimeout(resolve, 100));
      const { json } = await own.post({ query: '{ auditLog { entries { requestId decision } } keys { name } }' });
      const found = json!['data'].auditLog.entries as { requestId: string }[];
      expect(found.map(({ requestId }) => requestId)).toEqual(
        expect.arrayContaining([idOf(report.headers), idOf(refused.headers)]),
      );
      expect(json!['data'].keys.map(({ name }: { name: string }) => name)).toEqual(['CERTFOLIO_ADMIN_KEY']);
    } finally {
      await own.close();
      await database.drop();
    }
  });
});
