import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
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

/** Runs a command against a stand-in that gives these data in turn, the last one again and again. */
async function against(answers: readonly object[], args: readonly string[]) {
  let turn = 0;
  standIn = await startStandIn((_request, response: ServerResponse) => {
    const data = answers[Math.min(turn, answers.length - 1)];
    turn += 1;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data }));
  });
  return certfolio(args, { CERTFOLIO_URL: standIn.url, CERTFOLIO_KEY: key });
}
const sent = () => standIn!.requests.map(({ body }) => JSON.parse(body).variables);
const hashOf = (text: string, algorithm = 'sha256') => createHash(algorithm).update(text).digest('hex');

describe('explain-hash', () => {
  const text = 'query Q {\n  orders { nodes { id } }\n}\n';
  let file: string;
  beforeEach(async () => {
    file = join(dir, 'q.graphql');
    await writeFile(file, text);
  });

  it('says what was done to the file before it was hashed, and exits 0; needs no server', async () => {
    const { code, stdout } = await certfolio(['explain-hash', hashOf(text.replaceAll('\n', '\r\n'), 'md5'), file]);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/is the MD5 of .*q\.graphql:[^]*crlf +line ends made CRLF/),
    ]);
    expect(await certfolio(['explain-hash', hashOf(text), file])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('byte for byte'),
    });
  });

  it('exits 1 with the hashes of the usual ways when nothing gives it', async () => {
    const { code, stdout } = await certfolio(['explain-hash', hashOf('else'), file]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/none of the \d+ texts tried gives it/);
    expect(stdout).toContain(`${hashOf(text)}  bytes`);
  });

  it('names the file beside it whose hash it is', async () => {
    await writeFile(join(dir, 'other.graphql'), '{ order(id: 1) { id } }');
    const { stdout } = await certfolio(['explain-hash', hashOf('{ order(id: 1) { id } }'), file]);
    expect(stdout).toMatch(/It is the hash of .*other\.graphql: the exact bytes/);
  });

  it('answers in JSON, and says how two hashes differ', async () => {
    const [one, other] = [hashOf(text), hashOf(text.trimEnd(), 'sha1')];
    const { code, stdout } = await certfolio(['explain-hash', one, file, '--with', other, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      explained: true,
      algorithm: 'sha256',
      steps: [],
      with: { explained: true, algorithm: 'sha1' },
      difference: { onlySecond: [{ way: 'final-newline-removed' }, { way: 'sha1' }] },
    });
  });

  it('is not misled by what is no hash, no file or no text', async () => {
    expect(await certfolio(['explain-hash', 'zz\u001b[2J', file])).toMatchObject({
      code: 1,
      stdout: expect.not.stringContaining('\u001b'),
    });
    expect(await certfolio(['explain-hash', hashOf(text), join(dir, 'none')])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('cannot be read'),
    });
    await writeFile(file, Buffer.from([0xff, 0xfe]));
    expect(await certfolio(['explain-hash', hashOf(text), file])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('not UTF-8'),
    });
  });
});

describe('schema', () => {
  it('is printed without a server, and from the running gateway when its address is given', async () => {
    const checkedIn = await certfolio(['schema', 'print'], { CERTFOLIO_URL: 'http://127.0.0.1:1' });
    expect([checkedIn.code, checkedIn.stdout]).toEqual([0, expect.stringContaining('type Query {')]);
    expect((await certfolio(['schema', 'print', '--supergraph'])).stdout).toContain('@join__type');
    const running = await against([{ schemaSdl: 'type Query { a: Int }' }], ['schema', 'print', '--running']);
    expect(running.stdout).toBe('type Query { a: Int }\n');
    const named = await certfolio(['schema', 'print', '--url', standIn!.url, '--json'], { CERTFOLIO_KEY: key });
    expect(JSON.parse(named.stdout)).toEqual({ supergraph: false, running: true, sdl: 'type Query { a: Int }' });
  });

  const checked = {
    ok: false,
    compositionErrors: [],
    brokenTemplates: [
      {
        ref: 'revoked@1',
        state: 'APPROVED',
        owner: 'security',
        problems: ['Cannot query field "x".'],
        schedules: [],
        keys: [
          {
            keyId: 'k1',
            keyName: 'grafana',
            keyOwner: 'sre',
            runs: 7,
            mayRun: true,
            lastUsedAt: '2026-11-23T12:00:00.000Z',
          },
        ],
      },
    ],
    changes: [
      {
        coordinate: 'Order.x',
        kind: 'REMOVED',
        from: 'Int',
        to: null,
        breaking: true,
        templates: ['revoked@1'],
        unlisted: [],
      },
    ],
  };

  it('that would break a template exits 1 and tells whose it is and who runs it', async () => {
    const file = join(dir, 'orders.graphql');
    await writeFile(file, 'type Query { a: Int }');
    const { code, stdout } = await against([{ checkSchema: checked }], ['schema', 'check', 'orders', file]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /would break {2}revoked@1 {2}approved, owner security[^]*grafana +sre +k1 +yes +7 +2026-11-23 12:00[^]*Order\.x +removed +Int → \(none\) +yes/,
    );
    expect(sent()).toEqual([{ subgraph: 'orders', sdl: 'type Query { a: Int }' }]);
  });
});

describe('templates diff', () => {
  const diff = {
    from: 't@1',
    to: 't@2',
    breaking: true,
    changes: [
      { part: 'column', path: 'name\u001b[2J', kind: 'REMOVED', from: 'text', to: null, breaking: true },
      { part: 'owner', path: '', kind: 'CHANGED', from: 'a', to: 'b', breaking: false },
    ],
  };

  it('shows two versions, what breaks callers marked', async () => {
    const { code, stdout } = await against([{ templateDiff: diff }], ['templates', 'diff', 't@1', 't@2']);
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      't@1 → t@2  breaking for callers',
      '  - column    name\ufffd[2J: text  !breaking',
      '  ~ owner     a → b',
    ]);
  });

  it('holds one version alone against the one before it', async () => {
    const versions = {
      template: { name: 't', version: 2, ref: 't@2' },
      templates: [
        { name: 't', version: 1, ref: 't@1' },
        { name: 'u', version: 1, ref: 'u@1' },
      ],
    };
    await against([versions, { templateDiff: diff }], ['templates', 'diff', 't', '--json']);
    expect(sent()[1]).toEqual({ from: 't@1', to: 't@2' });
  });

  it('sends the files of a folder, those of the template alone when one is named', async () => {
    for (const name of ['t.graphql', 't.yaml', 'u@2.graphql', 'README.md']) await writeFile(join(dir, name), name);
    await against([{ diffTemplates: [] }], ['templates', 'diff', dir]);
    expect(sent()[0].files.map(({ name }: { name: string }) => name)).toEqual(['t.graphql', 't.yaml', 'u@2.graphql']);
    await standIn!.close();
    const { stdout } = await against(
      [{ template: { name: 't' } }, { diffTemplates: [] }],
      ['templates', 'diff', 't@1', dir],
    );
    expect(sent()[1].files).toEqual([
      { name: 't.graphql', text: 't.graphql' },
      { name: 't.yaml', text: 't.yaml' },
    ]);
    expect(stdout).toBe('No differences\n');
  });

  it('wants a folder last', async () => {
    expect(await certfolio(['templates', 'diff', dir, 't'], { CERTFOLIO_KEY: key })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('A folder comes last'),
    });
  });
});

describe('templates import', () => {
  const result = {
    format: 'map',
    operations: 2,
    dryRun: false,
    added: [{ id: 'x', operationName: 'Q', template: 't@1', how: 'tools', changed: ['__typename added'] }],
    known: [],
    unmatched: [{ id: 'y', operationName: 'R', nearest: 't@1', differences: ['selects a'] }],
    drafts: [],
    problems: [],
  };
  let manifest: string;
  beforeEach(async () => {
    manifest = join(dir, 'm.json');
    await writeFile(manifest, '{"x":"{a}"}');
  });

  it('tells what was added, and what is no template with the nearest', async () => {
    const { code, stdout } = await against([{ importTemplateIds: result }], ['templates', 'import', manifest]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /new +Q +t@1 +tools +__typename added +x[^]*no template {2}R, nearest t@1\n {2}selects a\n[^]*1 id added, 0 there before, 1 without a template/,
    );
    expect(sent()).toEqual([{ manifest: '{"x":"{a}"}', dryRun: false, draftOwner: null }]);
  });

  it('exits 1 for a dry run that finds a problem', async () => {
    const problems = [{ code: 'ID_TWICE', id: 'x', message: 'Two texts.' }];
    const { code, stdout } = await against(
      [{ importTemplateIds: { ...result, dryRun: true, problems } }],
      ['templates', 'import', manifest, '--dry-run'],
    );
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^ID_TWICE {2}Two texts\.[^]*nothing was imported/)]);
  });

  it('writes drafts as files, and touches neither files nor gateway when one is there', async () => {
    const drafts = [{ name: 'r', version: 1, id: 'y', graphql: '{ a }', yaml: 'name: r\n' }];
    const out = join(dir, 'drafts');
    const args = ['templates', 'import', manifest, '--as-drafts', '--owner', 'sre', '--out', out];
    await against([{ importTemplateIds: { ...result, drafts } }], args);
    expect(sent().map(({ dryRun, draftOwner }) => [dryRun, draftOwner])).toEqual([
      [true, 'sre'],
      [false, null],
    ]);
    expect([await readdir(out), await readFile(join(out, 'r.graphql'), 'utf8')]).toEqual([
      ['r.graphql', 'r.yaml'],
      '{ a }',
    ]);
    await standIn!.close();
    const again = await against([{ importTemplateIds: { ...result, drafts } }], args);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('is there already; nothing was imported')]);
    expect(sent()).toHaveLength(1);
  });

  it.each([
    [['--as-drafts'], /--as-drafts needs --owner/],
    [['--owner', 'x'], /are for --as-drafts/],
  ])('refuses %j', async (flags, message) => {
    expect(await certfolio(['templates', 'import', manifest, ...flags], { CERTFOLIO_KEY: key })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(message),
    });
  });
});
