import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { certfolio, key, spawnCertfolio, startStandIn, type StandIn } from './stand-in.ts';

let standIn: StandIn | null = null;
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'certfolio-cli-'));
});
afterEach(async () => {
  await standIn?.close();
  standIn = null;
  await rm(dir, { recursive: true, force: true });
});

/** Runs a command against a stand-in that gives every request this answer. */
async function against(answer: Parameters<typeof startStandIn>[0], args: readonly string[], stdin = '') {
  standIn = await startStandIn(answer);
  return certfolio(
    args,
    { CERTFOLIO_URL: standIn.url, CERTFOLIO_KEY: key, CERTFOLIO_TEMPLATES_DIR: join(dir, 'none') },
    stdin,
  );
}

const sendJson = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) =>
  void response
    .writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req-7', ...headers })
    .end(JSON.stringify(body));
const refuse =
  (status: number, code: string, extra: object = {}) =>
  (_request: unknown, response: ServerResponse) =>
    sendJson(response, status, { errors: [{ message: `Refused with ${code}.`, extensions: { code, ...extra } }] });
const facts = {
  requestId: 'req-7',
  template: { name: 'expiring-soon', version: 2, id: 'ab' },
  dataAsOf: '2026-11-23T12:00:00.000Z',
  source: 'mirror',
  upstreamCalls: 0,
  truncated: false,
  unavailableFields: [],
};
const answerRows =
  (rows: object[], more: object = {}, errors?: object[]) =>
  (_request: unknown, response: ServerResponse) =>
    sendJson(response, 200, {
      rows,
      extensions: { certfolio: { ...facts, rows: rows.length, ...more } },
      ...(errors ? { errors } : {}),
    });
const sendCsv =
  (text: string, headers: Record<string, string> = {}) =>
  (_request: unknown, response: ServerResponse) =>
    void response.writeHead(200, { 'content-type': 'text/csv', ...headers }).end(text);

describe('usage', () => {
  it.each([
    [['kees'], 'keys'],
    [['run', 'x', '--fail-on-row'], '--fail-on-rows'],
  ])('%j exits 2 and names what was perhaps meant', async (args, meant) => {
    const { code, stderr, stdout } = await certfolio(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(`Did you mean ${meant}?`);
  });

  it('takes no key on the command line and does not repeat one', async () => {
    for (const args of [
      ['keys', 'list', '--key', key],
      ['keys', 'list', `--key=${key}`],
    ]) {
      const { code, stderr, stdout } = await certfolio(args);
      expect(code).toBe(2);
      expect(stderr).toContain('--key-file');
      expect(stderr + stdout).not.toContain('topsecret');
    }
  });

  it('says in one sentence that nothing listens, and shows a stack only when asked', async () => {
    standIn = await startStandIn(() => undefined);
    const { url } = standIn;
    await standIn.close();
    const { code, stderr } = await certfolio(['run', 'x'], { CERTFOLIO_URL: url, CERTFOLIO_KEY: key });
    expect(code).toBe(1);
    expect(stderr).toBe(
      `No gateway answers at ${url} (ECONNREFUSED); start one with "certfolio up" or set CERTFOLIO_URL.\n`,
    );
    const debugged = await certfolio(['run', 'x'], { CERTFOLIO_URL: url, CERTFOLIO_KEY: key, CERTFOLIO_DEBUG: '1' });
    expect(debugged.stderr).toMatch(/\n\s+at /);
    expect(debugged.stderr).not.toContain('topsecret');
  });
});

describe('exit codes', () => {
  it.each([
    [401, 'UNAUTHENTICATED', 3],
    [429, 'RATE_LIMITED', 4],
    [503, 'UPSTREAM_BUDGET_EXHAUSTED', 5],
    [404, 'PERSISTED_QUERY_NOT_IN_LIST', 1],
  ])('%i %s is %i', async (status, name, exitCode) => {
    const { code, stderr, stdout } = await against(
      refuse(status, name, { retryAfterMs: 1_500, nearest: 'expiring-soon' }),
      ['run', 'x'],
    );
    expect(code).toBe(exitCode);
    expect(stdout).toBe('');
    expect(stderr).toContain(`Refused with ${name}.`);
    expect(stderr).toContain('in 2 s');
    expect(stderr).toContain('request id req-7');
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('tells an error as JSON where JSON is asked for', async () => {
    const { stderr } = await against(refuse(429, 'RATE_LIMITED', { retryAfterMs: 1_500, policy: 'requests' }), [
      'run',
      'x',
      '--json',
    ]);
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'RATE_LIMITED',
        message: 'Refused with RATE_LIMITED.',
        status: 429,
        requestId: 'req-7',
        retryAfterMs: 1_500,
        policy: 'requests',
      },
    });
  });

  it('is 3 without any key, before anything is sent', async () => {
    const { code, stderr } = await certfolio(['keys', 'list']);
    expect(code).toBe(3);
    expect(stderr).toContain('CERTFOLIO_KEY');
  });
});

describe('run', () => {
  it('prints a table, the count and where the rows come from', async () => {
    const rows = [
      { Name: 'a.test', 'Days left': 3, Names: ['a', 'b'], Empty: null },
      { Name: 'b\u001b[31m.test', 'Days left': 12, Names: [], Empty: null },
    ];
    const { code, stdout, stderr } = await against(answerRows(rows), [
      'run',
      'expiring-soon',
      '--var',
      'days=30',
      '--var',
      'ids=1',
      '--var',
      'ids=2',
      '--var',
      'like=a=b',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n').map((line) => line.trimEnd())).toEqual([
      'Name         Days left  Names  Empty',
      'a.test       3          a, b',
      'b\ufffd[31m.test  12',
      '',
      '2 rows, data as of 2026-11-23 12:00:00 UTC (mirror), no CertCentral calls',
      '',
    ]);
    expect(standIn?.requests).toEqual([
      {
        method: 'GET',
        url: '/r/expiring-soon.json?days=30&ids=1&ids=2&like=a%3Db',
        authorization: `Bearer ${key}`,
        body: '',
      },
    ]);
  });

  it('says what a reader has to know, beside the rows', async () => {
    const { stderr } = await against(
      answerRows([{ a: 1 }], {
        truncated: true,
        unavailableFields: ['csr'],
        deprecated: [
          { template: 'x@1', reason: 'Template x@1 is deprecated.', sunset: '2027-01-31', use: 'x@2' },
          { field: 'Order.old', reason: 'Use new.' },
        ],
      }),
      ['run', 'x', '-o', 'json'],
    );
    expect(stderr.split('\n')).toEqual([
      'Cut off: there are more rows than these, or may be.',
      'Empty because the CertCentral key cannot read them: csr.',
      'Template x@1 is deprecated. It stops on 2027-01-31. Use x@2.',
      'Order.old is deprecated: Use new.',
      '',
    ]);
    await standIn?.close();
    const csv = await against(
      sendCsv('a\n1\n', { 'certfolio-truncated': 'true', 'certfolio-unavailable-fields': 'csr, cost' }),
      ['run', 'x', '-o', 'csv'],
    );
    expect(csv.stdout).toBe('a\n1\n');
    expect(csv.stderr.split('\n')).toEqual([
      'Cut off: there are more rows than these, or may be.',
      'Empty because the CertCentral key cannot read them: csr, cost.',
      '',
    ]);
  });

  it('exits 0 when there is nothing, 10 with --fail-on-rows when there is something', async () => {
    const empty = await against(answerRows([]), ['run', 'x', '--fail-on-rows']);
    expect(empty).toMatchObject({ code: 0, stdout: expect.stringMatching(/^0 rows/) });
    await standIn?.close();
    expect(await against(answerRows([{ a: 1 }]), ['run', 'x', '--fail-on-rows', '--json'])).toMatchObject({
      code: 10,
      stdout: expect.stringContaining('{"a":1}'),
    });
    await standIn?.close();
    expect(await against(sendCsv('a,b\r\n"x\r\ny",2\r\n'), ['run', 'x', '--fail-on-rows', '-o', 'csv'])).toMatchObject({
      code: 10,
    });
    await standIn?.close();
    expect(await against(sendCsv('a,b\r\n'), ['run', 'x', '--fail-on-rows', '-o', 'csv'])).toMatchObject({ code: 0 });
  });

  it('does not pass an incomplete answer off as a good one', async () => {
    const errors = [{ message: 'CertCentral did not answer.', extensions: { code: 'UPSTREAM_UNAVAILABLE' } }];
    const partial = await against(answerRows([{ a: 1 }], {}, errors), ['run', 'x']);
    expect(partial).toMatchObject({
      code: 5,
      stdout: expect.stringContaining('1 row'),
      stderr: expect.stringContaining('Part of the answer is missing: CertCentral did not answer.'),
    });
    await standIn?.close();
    const html = await against((_request, response) => void response.end('<html>'), ['run', 'x']);
    expect(html).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('no rows as JSON') });
  });

  it('passes rows on as they arrive', async () => {
    standIn = await startStandIn((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.write('{"a":1}\n');
      response.on('close', () => undefined);
    });
    const child = spawnCertfolio(['run', 'x', '-o', 'ndjson'], { CERTFOLIO_URL: standIn.url, CERTFOLIO_KEY: key });
    const first = await new Promise<string>((resolve) =>
      child.stdout!.once('data', (chunk: Buffer) => resolve(chunk.toString())),
    );
    expect(first).toBe('{"a":1}\n');
    child.kill('SIGTERM');
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(143);
  });

  it('stops quietly when its reader has enough', async () => {
    standIn = await startStandIn((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/csv' });
      const write = () => {
        while (response.write('some,thing,to,read\n'.repeat(1_000)));
      };
      response.on('drain', write);
      write();
    });
    const child = spawnCertfolio(['run', 'x', '-o', 'csv'], { CERTFOLIO_URL: standIn.url, CERTFOLIO_KEY: key });
    let stderr = '';
    child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout!.once('data', () => child.stdout!.destroy());
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
    expect(stderr).toBe('');
  });

  it('writes a file whole, and says how much', async () => {
    const file = join(dir, 'rows.csv');
    const { code, stdout } = await against(sendCsv('a\n1\n2\n', { 'content-type': 'text/csv' }), [
      'run',
      'x',
      '--out',
      file,
    ]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `2 rows, 6 bytes written to ${file}\n` });
    expect(await readFile(file, 'utf8')).toBe('a\n1\n2\n');
    expect(standIn?.requests[0]?.url).toBe('/r/x.csv');
    await standIn?.close();
    const summary = await against(sendCsv('a\n1\n'), ['run', 'x', '--out', file, '--json']);
    expect(JSON.parse(summary.stdout)).toMatchObject({ template: 'x', format: 'csv', file, rows: 1, bytes: 4 });
  });

  it('leaves the old file when the answer breaks off, and nothing else', async () => {
    const file = join(dir, 'rows.csv');
    await writeFile(file, 'old');
    const { code, stderr } = await against(
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/csv', 'content-length': '1000' });
        response.write('a\n1\n', () => response.destroy());
      },
      ['run', 'x', '--out', file],
    );
    expect(code).toBe(1);
    expect(stderr).toContain('not complete');
    expect(await readdir(dir)).toEqual(['rows.csv']);
    expect(await readFile(file, 'utf8')).toBe('old');
  });

  it('takes its temporary file away when it is interrupted', async () => {
    const file = join(dir, 'rows.csv');
    standIn = await startStandIn((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/csv' });
      response.write('a\n1\n');
    });
    const child = spawnCertfolio(['run', 'x', '--out', file], { CERTFOLIO_URL: standIn.url, CERTFOLIO_KEY: key });
    while ((await readdir(dir)).length === 0) await sleep(20);
    child.kill('SIGINT');
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(130);
    expect(await readdir(dir)).toEqual([]);
  });
});

describe('run --all', () => {
  const operation = (more: object = {}) => ({
    get: { summary: 'A report', parameters: [{ name: 'days', required: false }], ...more },
  });
  const offers = {
    paths: {
      '/r/wants-days.json': operation({ parameters: [{ name: 'days', required: true }] }),
      '/r/wants-one.json': operation({ 'x-certfolio-one-of': ['name', 'serial'] }),
      '/r/good.json': operation(),
      '/r/good.csv': operation(),
      '/r/bad.json': operation(),
      '/r/costs.json': operation(),
    },
  };
  const answers: Parameters<typeof startStandIn>[0] = (request, response) => {
    if (request.url === '/r/openapi.json') return sendJson(response, 200, offers);
    if (request.url!.startsWith('/r/costs')) return refuse(403, 'FORBIDDEN')(request, response);
    if (request.url!.startsWith('/r/bad')) return refuse(502, 'UPSTREAM_UNAVAILABLE')(request, response);
    if (request.url === '/r/good.csv') return sendCsv('a\r\n1\r\n2\r\n')(request, response);
    return answerRows([{ a: 1 }], { truncated: true })(request, response);
  };

  it('tells of each template by name, goes on after a failure and then exits with 1', async () => {
    const { code, stdout, stderr } = await against(answers, ['run', '--all']);
    const lines = stdout.trim().split('\n');
    expect(lines[0]).toMatch(
      /^bad +failed +\d+\.\d s {2}Refused with UPSTREAM_UNAVAILABLE\. \(UPSTREAM_UNAVAILABLE\)$/,
    );
    expect(lines[1]).toMatch(/^costs +skipped: Refused with FORBIDDEN\.$/);
    expect(lines[2]).toMatch(/^good +1 row +\d+\.\d s {2}mirror {2}as of 2026-11-23 12:00:00 UTC$/);
    expect(lines[3]).toMatch(/^wants-days +skipped: needs days$/);
    expect(lines[4]).toMatch(/^wants-one +skipped: needs one of name, serial$/);
    expect(lines.at(-1)).toBe('5 templates: 1 done, 3 skipped, 1 failed');
    expect(stderr).toContain('good: Cut off: there are more rows than these, or may be.');
    expect(code).toBe(1);
    const asked = standIn!.requests.map(({ url }) => url);
    expect(asked).toEqual(['/r/openapi.json', '/r/bad.json', '/r/costs.json', '/r/good.json']);
  });

  it('writes files of what came, makes the folder, and tells all as JSON', async () => {
    const { code, stdout } = await against(answers, ['run', '--all', '--json', '--out', join(dir, 'a/b')]);
    expect(await readdir(join(dir, 'a/b'))).toEqual(['good.csv']);
    expect(await readFile(join(dir, 'a/b/good.csv'), 'utf8')).toBe('a\r\n1\r\n2\r\n');
    expect(JSON.parse(stdout)).toMatchObject([
      { template: 'bad', state: 'failed', file: null },
      { template: 'costs', state: 'skipped' },
      { template: 'good', state: 'done', rows: 2, file: join(dir, 'a/b/good.csv') },
      { template: 'wants-days', state: 'skipped', reason: 'needs days' },
      { template: 'wants-one', state: 'skipped' },
    ]);
    expect(code).toBe(1);
  });

  it('waits once where the gateway says how long, and refuses a key that is refused', async () => {
    let asked = 0;
    const busyOnce: typeof answers = (request, response) => {
      if (request.url === '/r/openapi.json') return sendJson(response, 200, { paths: { '/r/good.json': operation() } });
      asked += 1;
      return asked === 1
        ? refuse(429, 'RATE_LIMITED', { retryAfterMs: 20 })(request, response)
        : answerRows([])(request, response);
    };
    expect(await against(busyOnce, ['run', '--all'])).toMatchObject({ code: 0 });
    expect(asked).toBe(2);
    await standIn!.close();
    expect(await against(refuse(401, 'UNAUTHENTICATED'), ['run', '--all'])).toMatchObject({ code: 3, stdout: '' });
  });
});

describe('keys', () => {
  const keyAnswer = {
    id: '0123456789',
    name: 'ci',
    owner: 'sre',
    level: 'ID_ONLY',
    scopes: ['templates:run'],
    templates: { all: false, names: ['a'], tags: ['daily'] },
    containers: null,
    fields: null,
    limits: { requestsPerMinute: 60, burst: 60, costPerMinute: 5_000_000, rows: 1_000, concurrent: 2, mode: 'ENFORCE' },
    account: 'default',
    createdAt: '2026-11-23T12:00:00.000Z',
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: null,
    tier: null,
    managedBy: null,
    variables: [],
    inUrl: false,
    rest: 'NONE',
    restAsSet: null,
    secrets: [
      {
        kind: 'ADOPTED',
        createdAt: '2026-11-23T12:00:00.000Z',
        expiresAt: null,
        lastUsedAt: '2026-11-24T08:30:00.000Z',
      },
    ],
  };
  const created = (_request: unknown, response: ServerResponse) =>
    sendJson(response, 200, { data: { createKey: { secret: 'cfk_new', url: null, key: keyAnswer } } });

  it('shows one, with its upstream account, and says when there is none', async () => {
    const answer = (found: object | null) => (_request: unknown, response: ServerResponse) =>
      sendJson(response, 200, { data: { key: found } });
    const { code, stdout } = await against(answer({ ...keyAnswer, account: 'europe' }), ['keys', 'show', 'ci']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^account +europe$/m);
    expect(stdout).toMatch(/^level +id-only$/m);
    expect(stdout).toMatch(/^adopted +2026-11-23 12:00 +2026-11-24 08:30 +valid$/m);
    await standIn!.close();
    const json = await against(answer(keyAnswer), ['keys', 'show', 'ci', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ id: '0123456789', account: 'default', level: 'id-only' });
    await standIn!.close();
    const none = await against(answer(null), ['keys', 'show', 'cj']);
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no key "cj"') });
  });

  it('creates one, prints it once and alone, and sends the whole policy', async () => {
    const args = [
      'keys',
      'create',
      '--name',
      'ci',
      '--owner',
      'sre',
      '--level',
      'id-only',
      '--templates',
      'a,tag:daily',
      '--rate',
      '60',
      '--containers',
      'none',
      '--scopes',
      'templates:run',
      '--expires',
      '2027-01-31',
    ];
    const { code, stdout, stderr } = await against(created, args);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'cfk_new\n' });
    expect(stderr).toContain('not shown again');
    expect(JSON.parse(standIn?.requests[0]?.body ?? '').variables).toEqual({
      input: {
        name: 'ci',
        owner: 'sre',
        level: 'ID_ONLY',
        templates: { names: ['a'], tags: ['daily'] },
        scopes: ['templates:run'],
        containers: [],
        limits: { requestsPerMinute: 60 },
        expiresAt: '2027-01-31T00:00:00.000Z',
      },
    });
  });

  it('prints id and key first with --json', async () => {
    const { stdout } = await against(created, ['keys', 'create', '--name', 'ci', '--json']);
    expect(Object.entries(JSON.parse(stdout)).slice(0, 2)).toEqual([
      ['id', '0123456789'],
      ['key', 'cfk_new'],
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ level: 'id-only', limits: { mode: 'enforce' } });
    expect(JSON.parse(standIn?.requests[0]?.body ?? '').variables).toEqual({ input: { name: 'ci' } });
  });

  it('lists them, with the key from standard input or a file before that of the environment', async () => {
    const listed = (_request: unknown, response: ServerResponse) =>
      sendJson(response, 200, { data: { keys: [keyAnswer] } });
    const { code, stdout } = await against(listed, ['keys', 'list', '--key-stdin'], 'cfk_from_stdin\n');
    expect(code).toBe(0);
    // Account, scopes and divisions are those of most keys and take no room.
    expect(stdout).toMatch(/^ID .*\n0123456789 +ci +sre +id-only +a,tag:daily +60\/min +never +valid\n/);
    expect(standIn?.requests[0]?.authorization).toBe('Bearer cfk_from_stdin');
    await standIn?.close();
    await writeFile(join(dir, 'key'), 'cfk_from_file\n');
    await against(listed, ['keys', 'list', '--key-file', join(dir, 'key')]);
    expect(standIn?.requests[0]?.authorization).toBe('Bearer cfk_from_file');
  });
});

describe('templates', () => {
  const text = '\uFEFFquery A {\r\n  a\r\n}\n';
  const published = {
    change: 'NEW',
    upstreamCalls: null,
    unknownCalls: 'The calls depend on id, which have no default.',
    template: {
      ref: 'a@1',
      name: 'a',
      version: 1,
      state: 'DRAFT',
      owner: 'pki',
      cost: 3,
      sensitive: ['email'],
      ids: [{ kind: 'raw', id: 'f00d' }],
    },
  };
  const problem = { file: 'a.graphql', where: 'line 1', what: 'It is wrong.', todo: 'Mend it.' };
  beforeEach(async () => {
    await writeFile(join(dir, 'a.graphql'), text);
    await writeFile(join(dir, 'a.yaml'), 'name: a\n');
    await writeFile(join(dir, 'README.md'), 'no template');
  });

  it('publish sends the files of a folder byte by byte, and says what is to be approved', async () => {
    const answer = (_request: unknown, response: ServerResponse) =>
      sendJson(response, 200, { data: { published: [published] } });
    const { code, stdout, stderr } = await against(answer, ['templates', 'publish', dir]);
    expect([code, stderr]).toEqual([0, 'a@1: The calls depend on id, which have no default.\n']);
    expect(stdout).toMatch(/a@1 +new +draft +pki +3 +not known +f00d/);
    expect(stdout).toContain('1 version, 1 changed\n  certfolio templates approve a@1 --sensitive email\n');
    expect(JSON.parse(standIn!.requests[0]!.body).variables).toEqual({
      dryRun: false,
      files: [
        { name: 'a.graphql', content: text },
        { name: 'a.yaml', content: 'name: a\n' },
      ],
    });
  });

  it('publish tells every problem, in the shape of check', async () => {
    const refused = refuse(200, 'BAD_USER_INPUT', { problems: [problem] });
    const people = await against(refused, ['templates', 'publish', dir]);
    expect([people.code, people.stdout]).toEqual([
      1,
      `a.graphql (line 1): It is wrong. Mend it.\n1 problem; nothing of ${dir} was published\n`,
    ]);
    await standIn!.close();
    const json = await against(refused, ['templates', 'publish', dir, '--json']);
    expect([json.code, JSON.parse(json.stdout)]).toEqual([1, { ok: false, dir, published: [], problems: [problem] }]);
    await standIn!.close();
    const forbidden = await against(refuse(403, 'FORBIDDEN', { problems: [problem] }), ['templates', 'publish', dir]);
    expect(forbidden.code).toBe(3);
  });

  it.each([
    ['a folder that is not there', async () => 'none', /There is no folder none/],
    [
      'a folder without templates',
      async () => (await rm(join(dir, 'a.yaml')), await rm(join(dir, 'a.graphql')), dir),
      /no template in/,
    ],
    [
      'a file that is no UTF-8',
      async () => (await writeFile(join(dir, 'a.graphql'), Buffer.from([0xff])), dir),
      /a\.graphql is not UTF-8/,
    ],
  ])('publish sends nothing of %s', async (_what, folder, message) => {
    const { code, stderr } = await against(refuse(500, 'NOT_ASKED'), ['templates', 'publish', await folder()]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
    expect(standIn!.requests).toEqual([]);
  });

  it.each([
    [['approve', 'a', '--sensitive', 'email,'], /empty member/],
    [['deprecate', 'a', '--sunset', 'soon'], /takes a day/],
    [['retire'], /missing required argument/],
  ])('%j is wrong usage', async (args, message) => {
    const { code, stderr } = await against(refuse(500, 'NOT_ASKED'), ['templates', ...args]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe('keys and CertCentral', () => {
  const certCentralKey = 'a-certcentral-key-0123456789-abcdefghijklmnopqrstuvwxyz';
  const sha256 = createHash('sha256').update(certCentralKey).digest('hex');
  const key = { id: '0123456789', name: 'ci', owner: 'sre', level: 'LISTED', limits: { mode: 'ENFORCE' } };
  const answer = (data: object) => (_request: unknown, response: ServerResponse) => sendJson(response, 200, { data });

  it.each([
    ['create', ['--name', 'ci', '--adopt'], { createKey: { secret: 'cfk_new', url: null, key } }],
    ['adopt', ['ci'], { adoptKey: key }],
  ])('keys %s sends the SHA-256 of the key on standard input, never the key', async (verb, args, data) => {
    const { code } = await against(answer(data), ['keys', verb, ...args], `${certCentralKey}\n`);
    expect(code).toBe(0);
    const { body } = standIn!.requests[0]!;
    expect(body).toContain(sha256);
    expect(body).not.toContain(certCentralKey);
  });

  it.each([
    ['', 'it is empty'],
    ['cfk_0123456789_abcdefghijklmnopqrstuvwxyz', 'this is a key of Certfolio'],
    ['short', 'it has 5 characters, and at least 32 are needed'],
    [`${certCentralKey}\n${certCentralKey}`, 'or more than one line'],
  ])('refuses %j without a word of it, and asks nothing', async (text, why) => {
    const { code, stderr } = await against(answer({}), ['keys', 'adopt', 'ci'], text);
    expect(code).toBe(1);
    expect(stderr).toContain(why);
    if (text !== '') expect(stderr).not.toContain(text);
    expect(standIn?.requests).toEqual([]);
  });

  it('takes standard input for one of the two keys only', async () => {
    const { code } = await against(answer({}), ['keys', 'adopt', 'ci', '--key-stdin'], certCentralKey);
    expect(code).toBe(2);
  });
});

describe('keys that change', () => {
  const key = {
    id: '0123456789',
    name: 'ci',
    owner: 'sre',
    level: 'ID_ONLY',
    limits: { mode: 'ENFORCE' },
    account: 'default',
  };
  const answer = (data: object) => (_request: unknown, response: ServerResponse) => sendJson(response, 200, { data });
  const variablesSent = (at = 0) => JSON.parse(standIn?.requests[at]?.body ?? '').variables as object;

  it.each([
    [[], 604_800, false],
    [['--overlap', '0', '--adopted'], 0, true],
    [['--overlap', '24h'], 86_400, false],
  ])('rotate %j, and the new secret is the one line', async (args, overlapSeconds, adopted) => {
    const rotated = answer({ rotateKey: { secret: 'cfk_next', url: null, key } });
    const { code, stdout, stderr } = await against(rotated, ['keys', 'rotate', 'ci', ...args]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'cfk_next\n' });
    expect(stderr).toContain(overlapSeconds === 0 ? 'The former ends now' : 'The former works until');
    expect(variablesSent()).toEqual({ id: 'ci', overlapSeconds, adopted });
  });

  it.each(['soon', '-1', '7', '7y', ''])('take no overlap of %j', async (overlap) => {
    expect((await against(answer({}), ['keys', 'rotate', 'ci', `--overlap=${overlap}`])).code).toBe(2);
  });

  it('send what was said; "all" and "never" are nulls', async () => {
    const args = [
      '--rate',
      '5',
      '--containers',
      'all',
      '--templates',
      'a,tag:b',
      '--expires',
      'never',
      '--tier',
      'none',
    ];
    const { code } = await against(answer({ updateKey: key }), ['keys', 'update', 'ci', ...args]);
    expect(code).toBe(0);
    expect(variablesSent()).toEqual({
      id: 'ci',
      input: {
        limits: { requestsPerMinute: 5 },
        containers: null,
        templates: { names: ['a'], tags: ['b'] },
        expiresAt: null,
        tier: null,
      },
    });
    await standIn?.close();
    expect((await against(answer({}), ['keys', 'update', 'ci'])).code).toBe(2);
  });

  it('for a URL are printed as that URL', async () => {
    const url = 'https://certfolio.test/r/expiring-soon.csv?key=cfk_new';
    const made = answer({ createKey: { secret: 'cfk_new', url, key } });
    const args = [
      'keys',
      'create',
      '--name',
      'sheet',
      '--url-for',
      'expiring-soon',
      '--var',
      'days=30',
      '--var',
      'zone=a',
      '--var',
      'zone=b',
    ];
    const { code, stdout } = await against(made, args);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${url}\n` });
    expect(variablesSent()).toEqual({
      input: {
        name: 'sheet',
        level: 'ID_ONLY',
        templates: { names: ['expiring-soon'], tags: [] },
        inUrl: true,
        variables: [
          { name: 'days', values: ['30'] },
          { name: 'zone', values: ['a', 'b'] },
        ],
      },
    });
  });

  it.each([
    [['--url-for', 'a', '--level', 'open']],
    [['--url-for', 'a', '--templates', 'b']],
    [['--var', 'days=30']],
    [['--url-for', 'a', '--var', 'days']],
  ])('are not made with %j', async (args) => {
    expect((await against(answer({}), ['keys', 'create', '--name', 'x', ...args])).code).toBe(2);
  });

  describe('come from a file', () => {
    const file = () => join(dir, 'keys.yaml');
    const secrets = () => join(dir, 'secrets');
    /** The gateway with one key, `gone`. */
    const gateway = (request: { body: string }, response: ServerResponse) => {
      const { query } = JSON.parse(request.body) as { query: string };
      const data = query.startsWith('mutation CreateKey')
        ? { createKey: { secret: 'cfk_new', url: null, key } }
        : query.startsWith('mutation')
          ? { revokeKey: { id: 'gone000001' } }
          : {
              me: { keyId: 'admin00001' },
              keys: [{ ...key, id: 'gone000001', name: 'gone', managedBy: 'x', revokedAt: null, inUrl: false }],
            };
      sendJson(response, 200, { data });
    };
    const mutations = () => standIn!.requests.map(({ body }) => JSON.parse(body).query as string).slice(1);

    beforeEach(() => writeFile(file(), 'managedBy: x\nkeys:\n  - { name: new, owner: sre, limits: { rate: 5 } }\n'));

    it('and a dry run changes nothing', async () => {
      const { code, stdout } = await against(gateway, [
        'keys',
        'apply',
        '-f',
        file(),
        '--prune',
        '--dry-run',
        '--secrets-dir',
        secrets(),
      ]);
      expect(code).toBe(0);
      expect(stdout).toBe('create new\nrevoke gone\n1 key to create, 0 to update, 1 to revoke, 0 as the file says.\n');
      expect(mutations()).toEqual([]);
      expect(await readdir(dir)).toEqual(['keys.yaml']);
    });

    it('into files that only their owner may read', async () => {
      const { code, stdout } = await against(gateway, ['keys', 'apply', '-f', file(), '--secrets-dir', secrets()]);
      expect(code).toBe(0);
      expect(stdout).not.toContain('cfk_new');
      expect(await readFile(join(secrets(), 'new.key'), 'utf8')).toBe('cfk_new\n');
      expect((await stat(join(secrets(), 'new.key'))).mode & 0o777).toBe(0o600);
      await standIn?.close();
      const again = await against(gateway, ['keys', 'apply', '-f', file(), '--secrets-dir', secrets()]);
      expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('new.key is there already') });
      expect(mutations()).toEqual([]);
    });

    it('or printed once', async () => {
      const { stdout } = await against(gateway, ['keys', 'apply', '-f', file()]);
      expect(stdout).toContain('create new\n  cfk_new   (shown once)\n');
    });

    it('leave no file when the key was not made', async () => {
      const refused = (request: { body: string }, response: ServerResponse) =>
        request.body.includes('mutation') ? refuse(403, 'FORBIDDEN')(request, response) : gateway(request, response);
      const { code } = await against(refused, ['keys', 'apply', '-f', file(), '--secrets-dir', secrets()]);
      expect(code).toBe(3);
      expect(await readdir(secrets())).toEqual([]);
    });

    it('with all its problems at once, and nothing asked', async () => {
      await writeFile(file(), 'keys:\n  - { nam: a }\n  - { name: b, owner: c, limits: { rate: 0 } }\n');
      const { code, stderr } = await against(gateway, ['keys', 'apply', '-f', file()]);
      expect(code).toBe(1);
      expect(stderr).toContain('keys.yaml:2 keys.0.nam: is not known; the nearest is "name"');
      expect(stderr).toContain('keys.yaml:3 keys.1.limits.rate: ');
      expect(standIn?.requests).toEqual([]);
    });
  });
});

describe('limits show', () => {
  const limits = {
    keyId: '0123456789',
    name: 'ci',
    mode: 'SHADOW',
    rows: 1_000,
    concurrent: 5,
    running: 2,
    buckets: [
      { policy: 'requests', perMinute: 60, burst: 30, remaining: 30, fullInMs: 0 },
      { policy: 'cost', perMinute: 5_000, burst: 5_000, remaining: 12, fullInMs: 59_001 },
    ],
  };
  const answer = (found: object | null) => (_request: unknown, response: ServerResponse) =>
    sendJson(response, 200, { data: { limits: found } });

  it('shows what the key in use may spend, what is left and when all is back', async () => {
    const { code, stdout } = await against(answer(limits), ['limits', 'show']);
    expect(code).toBe(0);
    expect(stdout.split('\n').map((line) => line.trim().replace(/ {2,}/g, ' | '))).toEqual([
      'LIMIT | ALLOWED | LEFT | FULL',
      'requests | 60 per minute, 30 at once | 30 | now',
      'cost | 5000 per minute, 5000 at once | 12 | in 60 s',
      'concurrent | 5 at once | 3',
      'rows | 1000 per run',
      '',
      'Key 0123456789 (ci), limits counted, nothing is refused.',
      '',
    ]);
    expect(JSON.parse(standIn?.requests[0]?.body ?? '').variables).toEqual({ key: null });
  });

  it('shows those of another key, as JSON too, and says when there is none', async () => {
    const json = await against(answer(limits), ['limits', 'show', 'ci', '--json']);
    expect(JSON.parse(json.stdout)).toEqual({ ...limits, mode: 'shadow' });
    expect(JSON.parse(standIn?.requests[0]?.body ?? '').variables).toEqual({ key: 'ci' });
    await standIn!.close();
    const none = await against(answer(null), ['limits', 'show', 'cj']);
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no key "cj"') });
  });
});

describe('hash', () => {
  it('prints what sha256sum prints, offline', async () => {
    const file = join(dir, 'q.graphql');
    await writeFile(file, 'query Q { a { b } }\n');
    const { code, stdout } = await certfolio(['hash', file]);
    expect(code).toBe(0);
    expect(stdout.split(' ', 1)[0]).toBe(createHash('sha256').update('query Q { a { b } }\n').digest('hex'));
    const { stdout: json } = await certfolio(['hash', file, '--json']);
    expect(JSON.parse(json).ids.map(({ kind }: { kind: string }) => kind)).toEqual([
      'raw',
      'printed',
      'apollo',
      'urql',
    ]);
  });
});

describe('doctor', () => {
  const upstream = {
    account: 'default',
    host: 'cc.test',
    accountId: '7',
    accountName: 'Example',
    keyKind: 'view-only',
    proxy: 'http://proxy.test:3128',
    privateCa: true,
    clockAheadMs: 400,
    reachable: true,
    error: null,
    budget: {
      freeNow: 90,
      windows: [
        { calls: 95, windowMs: 5_200, free: 90 },
        { calls: 980, windowMs: 181_000, free: 900 },
      ],
    },
    mirror: { dataAsOf: '2026-11-23T12:00:00.000Z', orders: 2_000, upstreamTotal: 2_000, complete: true },
  };
  const finding = (read: string, state: string, found: string) => ({ read, state, found });
  const probed = {
    account: 'default',
    host: 'cc.test',
    calls: 10,
    bundle: '{"kind":"certfolio-probe"}',
    findings: [finding('GET /account', 'OK', 'as assumed')],
  };
  const me = { keyId: '0123456789', name: 'ops', owner: 'sre', level: 'OPEN', scopes: ['admin'] };
  const gateway =
    (parts: object, { isReady = true, ofUpstream = upstream, ofProbe = probed }: GatewayFacts = {}) =>
    (request: { url?: string | undefined; body: string }, response: ServerResponse) => {
      if (request.url === '/readyz') return sendJson(response, isReady ? 200 : 503, { parts });
      if (request.body.includes('probeUpstream')) return sendJson(response, 200, { data: { probeUpstream: ofProbe } });
      return sendJson(response, 200, { data: request.body.includes('upstream') ? { upstream: ofUpstream } : { me } });
    };
  interface GatewayFacts {
    readonly isReady?: boolean;
    readonly ofUpstream?: object;
    readonly ofProbe?: object;
  }

  it('looks at every part and says what is well, in a shape that stays', async () => {
    const { code, stdout } = await against(gateway({ database: 'ok' }), ['doctor', '--json']);
    const { checks, ...report } = JSON.parse(stdout) as { checks: { name: string; state: string; found: string }[] };
    const { mirror, ...rest } = upstream;
    expect({ code, report }).toEqual({
      code: 0,
      report: { ok: true, url: standIn!.url, upstream: rest, mirror, probe: null },
    });
    expect(checks.map(({ name, state, found }) => `${name} ${state}: ${found}`)).toEqual([
      `gateway ok: answers at ${standIn!.url}`,
      'ready ok: the gateway takes requests',
      'database ok: ok',
      'redis skipped: none is configured; limits are counted by each process',
      'clock ok: as the gateway, within 5 s',
      'key ok: "ops" of sre, level open, scopes admin',
      'CertCentral ok: cc.test, Example, account 7, named "default" here',
      'way to CertCentral ok: through the proxy http://proxy.test:3128, certificates of NODE_EXTRA_CA_CERTS are trusted',
      'upstream key ok: may only read',
      'clock of CertCentral ok: as the gateway, within 5 s',
      'call budget ok: 90 calls free now (90 of 95 in 5.2 s, 900 of 980 in 181 s)',
      'mirror ok: 2,000 of 2,000 orders, as of 2026-11-23T12:00:00.000Z',
      `template folder skipped: there is no folder ${join(dir, 'none')} here`,
    ]);
    expect(Object.keys(checks[0]!)).toEqual(['name', 'state', 'found', 'whatToDo']);
  });

  it('warns of a key that may do more, a clock that is wrong, a mirror that is not whole', async () => {
    const ofUpstream = {
      ...upstream,
      keyKind: 'more-than-view-only',
      proxy: null,
      privateCa: false,
      clockAheadMs: -90_000,
      budget: { freeNow: 0, windows: [{ calls: 95, windowMs: 5_200, free: 0 }] },
      mirror: { dataAsOf: null, orders: 5, upstreamTotal: null, complete: false },
    };
    const { code, stdout } = await against(gateway({}, { ofUpstream }), ['doctor']);
    expect(code).toBe(0);
    expect(stdout).toContain('direct, no proxy');
    expect(stdout).toContain('Restrict it to "View Only" in CertCentral');
    expect(stdout).toContain('90 s behind the gateway');
    expect(stdout).toContain('no call is free now');
    expect(stdout).toContain('5 orders, not filled yet');
  });

  it('fails when a part does, and says what to do', async () => {
    const { code, stdout } = await against(gateway({ database: 'no connection' }, { isReady: false }), ['doctor']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/fail +ready/);
    expect(stdout).toContain('Look for "database" in the log of the gateway.');
  });

  it('ends with 5 when CertCentral is not reached', async () => {
    const ofUpstream = { ...upstream, reachable: false, error: 'CertCentral refused our key.', mirror: null };
    const { code, stdout } = await against(gateway({}, { ofUpstream }), ['doctor', '--json']);
    expect(code).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, mirror: null, upstream: { reachable: false } });
  });

  it('fails without a gateway, and with a key that is refused', async () => {
    const refused = await against(
      (request, response) =>
        request.url === '/readyz' ? sendJson(response, 200, {}) : refuse(401, 'UNAUTHENTICATED')(request, response),
      ['doctor'],
    );
    expect(refused).toMatchObject({ code: 3, stdout: expect.stringMatching(/fail +key +Refused/) });
    const { url } = standIn!;
    await standIn?.close();
    const absent = await certfolio(['doctor'], { CERTFOLIO_URL: url, CERTFOLIO_KEY: key });
    expect(absent).toMatchObject({ code: 1, stdout: expect.stringContaining('certfolio up') });
  });

  it('looks at the account that is named, and names the nearest when there is none', async () => {
    const { code } = await against(gateway({}), ['doctor', '--account', 'europe']);
    expect(code).toBe(0);
    const asked = standIn!.requests.find(({ body }) => body.includes('upstream('))!;
    expect(JSON.parse(asked.body).variables).toEqual({ account: 'europe' });
    await standIn!.close();
    const other = await against(
      (request, response) =>
        request.body.includes('upstream(')
          ? refuse(400, 'BAD_USER_INPUT', { nearest: ['europe'] })(request, response)
          : gateway({})(request, response),
      ['doctor', '--account', 'eurpe'],
    );
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('Did you mean europe?') });
  });

  describe('--probe', () => {
    const probe = async (findings: object[], ...args: string[]) => {
      const out = join(dir, 'bundle.json');
      const ran = await against(gateway({}, { ofProbe: { ...probed, findings } }), [
        'doctor',
        '--probe',
        '--out',
        out,
        ...args,
      ]);
      return { ...ran, out };
    };

    it('tells what was found, and where the bundle is', async () => {
      const { code, stdout, out } = await probe([finding('GET /report/order', 'DIFFERS', 'has a column more')]);
      expect(code).toBe(0);
      expect(stdout).toContain('differs  GET /report/order: has a column more');
      expect(stdout).toContain(`The bundle is in ${out}`);
      expect(JSON.parse(await readFile(out, 'utf8'))).toEqual({ kind: 'certfolio-probe' });
      await standIn!.close();
      const json = await probe([finding('GET /account', 'OK', 'as assumed')], '--json');
      expect(JSON.parse(json.stdout).probe).toEqual({
        account: 'default',
        host: 'cc.test',
        calls: 10,
        findings: [{ read: 'GET /account', state: 'ok', found: 'as assumed' }],
        file: out,
      });
    });

    it.each([
      ['BROKEN', 1],
      ['FAILED', 5],
      ['OK', 0],
    ])('%s ends with %i', async (state, exitCode) => {
      expect((await probe([finding('GET /account', state, 'something')])).code).toBe(exitCode);
    });

    it('without a file name is one with host and time in the working directory', async () => {
      standIn = await startStandIn(gateway({}));
      const env = { CERTFOLIO_URL: standIn.url, CERTFOLIO_KEY: key };
      const child = spawnCertfolio(['doctor', '--probe'], env, { cwd: dir });
      child.stdout!.resume();
      await new Promise((resolve) => child.once('close', resolve));
      expect(await readdir(dir)).toEqual([expect.stringMatching(/^certfolio-probe-cc\.test-\d{8}T\d{6}Z\.json$/)]);
    });

    it('is refused with the exit code of the refusal; --out alone is a mistake', async () => {
      const { code, stdout } = await against(
        (request, response) =>
          request.body.includes('probeUpstream')
            ? refuse(403, 'FORBIDDEN')(request, response)
            : gateway({})(request, response),
        ['doctor', '--probe'],
      );
      expect(code).toBe(3);
      expect(stdout).toMatch(/fail +probe +Refused with FORBIDDEN/);
      expect((await certfolio(['doctor', '--out', 'x'])).code).toBe(2);
    });
  });
});
