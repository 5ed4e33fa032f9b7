import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { certfolio, key, startStandIn, type StandIn } from './stand-in.ts';

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

type Answer = (request: IncomingMessage & { body: string }, response: ServerResponse) => void;

async function against(answer: Answer, args: readonly string[], stdin = '') {
  standIn = await startStandIn(answer);
  return certfolio(args, { CERTFOLIO_URL: standIn.url, CERTFOLIO_KEY: key }, stdin);
}
const send = (response: ServerResponse, status: number, body: unknown) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const refuse =
  (status: number, code: string, message: string): Answer =>
  (_request, response) =>
    send(response, status, { errors: [{ message, extensions: { code } }] });

describe('audit verify', () => {
  const hash = 'ab'.repeat(32);
  const part = (more: object = {}) => ({
    ok: true,
    whole: true,
    entries: 3,
    position: `3:${hash}`,
    headSeq: '3',
    headHash: hash,
    removedEntries: 0,
    brokenSeq: null,
    problem: null,
    expectedFound: null,
    ...more,
  });
  const parts = (...each: object[]): Answer => {
    const left = [...each];
    return (_request, response) => send(response, 200, { data: { verifyAudit: left.shift() } });
  };

  it('goes on until the end and prints the head', async () => {
    const ran = await against(parts(part({ whole: false, position: '3:cd' }), part({ entries: 4 })), [
      'audit',
      'verify',
    ]);
    expect(ran).toMatchObject({ code: 0, stdout: `7 entries hold.\nHead: number 3, hash ${hash}\n` });
    const asked = standIn!.requests.map(({ body }) => (JSON.parse(body) as { variables: object }).variables);
    expect(asked).toEqual([
      { from: null, expect: null },
      { from: '3:cd', expect: null },
    ]);
  });

  it('fails for what does not hold, with its number, and looks no further', async () => {
    const broken = part({ ok: false, whole: false, brokenSeq: '4', problem: 'the entry was altered' });
    const ran = await against(parts(broken), ['audit', 'verify']);
    expect(ran).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/does not hold at number 4: the entry was altered\./),
    });
    await standIn!.close();
    const json = await against(parts(broken), ['audit', 'verify', '--json']);
    expect([json.code, JSON.parse(json.stdout)]).toMatchObject([1, { ok: false, head: null, broken: { seq: 4 } }]);
  });

  it('fails when the hash that was kept is not there, and takes one that any part found', async () => {
    const missing = await against(parts(part({ expectedFound: false })), ['audit', 'verify', '--expect', hash]);
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringMatching(/No entry of the log has the hash/) });
    await standIn!.close();
    const found = await against(parts(part({ whole: false, expectedFound: true }), part({ expectedFound: false })), [
      'audit',
      'verify',
      '--expect',
      hash,
    ]);
    expect(found.code).toBe(0);
    expect((await certfolio(['audit', 'verify', '--expect', 'abc'], { CERTFOLIO_KEY: key })).code).toBe(2);
  });
});

it('audit export passes lines on, and hands the filters over', async () => {
  const ran = await against(
    (_request, response) => void response.end('{"seq":1}\n'),
    ['audit', 'export', '--since', 'today-7d', '--key', 'a b'],
  );
  expect(ran).toMatchObject({ code: 0, stdout: '{"seq":1}\n' });
  expect(standIn!.requests[0]!.url).toBe('/audit.ndjson?since=today-7d&key=a+b');
  const whole = await certfolio(['audit', 'export', '--key', key]);
  expect(whole).toMatchObject({ code: 2, stderr: expect.stringMatching(/seen by everyone on this machine/) });
  expect(whole.stderr).not.toContain(key);
});

it('audit list shows what each kind of entry is about', async () => {
  const entry = (more: object, whole: object) => ({
    seq: '1',
    kind: 'REQUEST',
    at: '2026-11-23T12:00:00.000Z',
    keyName: null,
    from: null,
    door: null,
    act: null,
    decision: null,
    template: null,
    operationName: null,
    operationHash: null,
    rows: null,
    json: JSON.stringify(whole),
    ...more,
  });
  const entries = [
    entry({ door: 'report-url', template: 'expiring-soon@1', rows: 0, keyName: 'grafana\u001b[2J' }, {}),
    entry({ kind: 'ACT', act: 'createKey' }, { phase: 'begins' }),
    entry({ kind: 'UNKNOWN_KEYS' }, { requests: 12 }),
    entry({ kind: 'DROPPED' }, { entries: 5 }),
    entry({ kind: 'RETENTION' }, { entries: 7, lastSeq: 9 }),
  ];
  const { stdout } = await against(
    (_request, response) => send(response, 200, { data: { auditLog: { entries, next: '1' } } }),
    ['audit', 'list'],
  );
  expect(stdout).toMatch(/report-url expiring-soon@1 +0\n/);
  for (const text of [
    'createKey begins',
    '12 requests without a valid key',
    '5 entries were lost',
    '7 entries removed, up to number 9',
    '5 entries, and older ones',
  ])
    expect(stdout).toContain(text);
  expect(stdout).not.toContain('\u001b');
});

describe('seen approve', () => {
  const operations = ['ab12cd', 'ab12ef'].map((beginning) => ({ hash: beginning.padEnd(64, '0') }));
  const answer: Answer = (request, response) =>
    send(response, 200, {
      data: request.body.includes('Hashes')
        ? { seenOperations: { operations } }
        : { files: [{ name: 'x.graphql', content: '{ a }\n' }], approveSeen: { template: 'x@1', files: [] } },
    });

  it('takes the beginning of a hash that fits one operation', async () => {
    const ran = await against(answer, ['seen', 'approve', 'ab12c', '--name', 'x', '--tag', 'a', '--tag', 'b']);
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(/^x@1 is approved/) });
    expect(JSON.parse(standIn!.requests[1]!.body)).toMatchObject({
      variables: { hash: operations[0]!.hash, template: { name: 'x', tags: ['a', 'b'] } },
    });
  });

  it('refuses one that fits none or several, and what is no hash', async () => {
    expect(await against(answer, ['seen', 'approve', 'ab12', '--name', 'x'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^2 operations have/),
    });
    await standIn!.close();
    expect(await against(answer, ['seen', 'show', 'ffff'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/No operation was seen/),
    });
    expect((await certfolio(['seen', 'show', 'xyz!'], { CERTFOLIO_KEY: key })).code).toBe(2);
  });

  it('--print publishes nothing', async () => {
    const { stdout } = await against(answer, ['seen', 'approve', operations[0]!.hash, '--name', 'x', '--print']);
    expect(stdout).toBe('# x.graphql\n{ a }\n\n');
    expect(standIn!.requests.map(({ body }) => body).join()).not.toContain('mutation');
  });
});

describe('backup', () => {
  it('writes a file that is there whole, or not at all', async () => {
    const file = join(dir, 'b.backup');
    const ran = await against(
      (_request, response) => void response.end(Buffer.from([1, 2, 3])),
      ['backup', file, '--without-mirror'],
    );
    expect(ran).toMatchObject({ code: 0, stdout: `3 bytes written to ${file}\n` });
    expect(standIn!.requests[0]!.url).toBe('/backup?mirror=false');
    expect([...(await readFile(file))]).toEqual([1, 2, 3]);
    await standIn!.close();

    const cut = await against(
      (_request, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('abc');
        setTimeout(() => response.destroy(), 500);
      },
      ['backup', file],
    );
    expect(cut).toMatchObject({ code: 1, stderr: expect.stringMatching(/broke off after 3 bytes/) });
    expect([...(await readFile(file))]).toEqual([1, 2, 3]);
    expect(await readdir(dir)).toEqual(['b.backup']);
  });
});

describe('restore', () => {
  const restored = {
    madeAt: '2026-11-23T12:00:00.000Z',
    version: '1',
    sha256: 'x',
    withMirror: true,
    tables: 2,
    rows: 1_234,
    migrated: ['0007-audit'],
  };

  it('sends the file and says what came of it', async () => {
    const file = join(dir, 'b.backup');
    await writeFile(file, 'packed');
    const ran = await against((_request, response) => send(response, 200, restored), ['restore', file, '--replace']);
    expect(ran).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/open the mirror of the backup within seconds/),
    });
    expect(ran.stdout).toBe(
      '1,234 rows of 2 tables restored, as of 2026-11-23 12:00 UTC (release 1).\nBrought up to this release by 0007-audit.\n',
    );
    expect(standIn!.requests[0]).toMatchObject({ method: 'POST', url: '/restore?replace=true', body: 'packed' });
  });

  it('reads standard input for -', async () => {
    await against((_request, response) => send(response, 200, restored), ['restore', '-'], 'piped');
    expect(standIn!.requests[0]).toMatchObject({ url: '/restore?replace=false', body: 'piped' });
  });

  it('fails for a file that is not there, and passes on why it was refused', async () => {
    const missing = await against(refuse(500, 'X', 'not asked'), ['restore', join(dir, 'none')]);
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringMatching(/none cannot be read/) });
    expect(standIn!.requests).toEqual([]);
    await standIn!.close();
    const file = join(dir, 'b.backup');
    await writeFile(file, 'x');
    const refused = await against(refuse(400, 'BAD_REQUEST', 'The backup cannot be restored: it is empty.'), [
      'restore',
      file,
    ]);
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^The backup cannot be restored: it is empty\./),
    });
  });
});
