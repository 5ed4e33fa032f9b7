import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '@certfolio/database/testing';
import { createStage, runCommand, type CreatedCaller, type ProductProcess } from '../harness/index.ts';

/** What every replica promises. */
const seenWithinMs = 5_000;

const stage = createStage();
let first: ProductProcess;
let second: ProductProcess;
let publisher: CreatedCaller;
let reviewer: CreatedCaller;
let runner: CreatedCaller;
let dir: string;

const textOf = (rows: number) =>
  `query Newest {\n  orders(first: ${rows}) {\n    nodes {\n      id\n      status\n    }\n  }\n}\n`;
const spendText = 'query Spend {\n  orders(first: 5) {\n    nodes {\n      id\n      cost\n    }\n  }\n}\n';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const yamlOf = (name: string, version: number, more = '') =>
  `name: ${name}\nversion: ${version}\nstate: approved\ntitle: Newest\nquestion: Which orders are newest?\nowner: the-team\nrows: orders.nodes\n${more}`;

beforeAll(async () => {
  const database = await createTestDatabase();
  stage.defer(() => database.drop());
  dir = await mkdtemp(join(tmpdir(), 'certfolio-publish-'));
  stage.defer(() => rm(dir, { recursive: true, force: true }));
  const emulator = await stage.emulator();
  await mkdir(join(dir, 'none'));
  const env = {
    CERTFOLIO_DATABASE_URL: database.url,
    CERTFOLIO_TEMPLATES_DIR: join(dir, 'none'),
    CERTFOLIO_CONFIG: join(dir, 'certfolio.yaml'),
  };
  await writeFile(env.CERTFOLIO_CONFIG, 'templates:\n  review: other-key\n');
  first = await stage.productOn(emulator, { env });
  second = await stage.productOn(emulator, { env });
  const rights = { scopes: ['templates:run', 'templates:publish'], level: 'OPEN' };
  publisher = await first.createKey({ name: 'ci', owner: 'the-team', ...rights, fields: ['email'] });
  reviewer = await first.createKey({ name: 'reviewer', owner: 'audit', ...rights });
  runner = await first.createKey({ name: 'dashboard', owner: 'web', level: 'ID_ONLY' });
}, 120_000);

/** Runs the command line as this key against the first gateway. */
const command = ({ key }: { readonly key: string }, ...args: string[]) =>
  runCommand({ url: first.url, key }, args, dir);
const folder = async (name: string, files: Readonly<Record<string, string>>) => {
  await mkdir(join(dir, name), { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(join(dir, name, file), text);
  return name;
};
/** At the second gateway, which was told nothing. */
const ask = async (ref: string) => {
  const response = await fetch(`${second.url}/r/${ref}.json`, { headers: { authorization: `Bearer ${runner.key}` } });
  const json = (await response.json()) as {
    rows?: unknown[];
    errors?: { message: string; extensions: Record<string, unknown> }[];
    extensions?: { certfolio: Record<string, unknown> };
  };
  return { status: response.status, headers: response.headers, json };
};
type Asked = Awaited<ReturnType<typeof ask>>;
const within5s = async (ref: string, isSo: (answer: Asked) => boolean) => {
  const until = Date.now() + seenWithinMs;
  let answer = await ask(ref);
  while (!isSo(answer) && Date.now() < until) {
    await wait(100);
    answer = await ask(ref);
  }
  expect([answer.status, answer.json.errors ?? [], isSo(answer)]).toEqual([
    answer.status,
    answer.json.errors ?? [],
    true,
  ]);
  return answer;
};
const hasRows = (count: number) => (answer: Asked) => answer.json.rows?.length === count;

describe('the life of a template, seen from another gateway', () => {
  it('begins as a draft that does not run', async () => {
    await folder('one', { 'newest.graphql': textOf(3), 'newest.yaml': yamlOf('newest', 1) });
    const dry = await command(publisher, 'templates', 'publish', 'one', '--dry-run');
    expect([dry.code, dry.stdout]).toEqual([0, expect.stringContaining('nothing was published')]);
    expect((await command(publisher, 'templates', 'show', 'newest')).code).toBe(1);
    const { code, stdout } = await command(publisher, 'templates', 'publish', 'one', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      published: [{ ref: 'newest@1', change: 'new', state: 'draft', upstreamCalls: 1 }],
    });
    expect((await ask('newest')).status).toBe(404);
  });

  it('runs everywhere within 5 s of its approval by another key, by name and by hash', async () => {
    const own = await command(publisher, 'templates', 'approve', 'newest');
    expect([own.code, own.stderr]).toEqual([3, expect.stringContaining('another key has to approve it')]);
    const { code, stdout } = await command(reviewer, 'templates', 'approve', 'newest@1', '--note', 'as agreed');
    expect([code, stdout]).toEqual([0, expect.stringContaining('newest@1 (approved) runs from now on')]);
    await within5s('newest', hasRows(3));
    await within5s(sha256(textOf(3)), hasRows(3));
  });

  it('goes on under its version and id when a second version takes the name', async () => {
    await folder('two', { 'newest.graphql': textOf(4), 'newest.yaml': yamlOf('newest', 2) });
    expect((await command(publisher, 'templates', 'publish', 'two')).code).toBe(0);
    expect((await command(reviewer, 'templates', 'approve', 'newest')).code).toBe(0);
    await within5s('newest', hasRows(4));
    expect((await ask('newest@1')).json.rows).toHaveLength(3);
    expect((await ask(sha256(textOf(3)))).json.rows).toHaveLength(3);
  });

  it('cannot be changed once it was approved', async () => {
    await folder('changed', { 'newest.graphql': textOf(9), 'newest.yaml': yamlOf('newest', 2) });
    const { code, stdout } = await command(publisher, 'templates', 'publish', 'changed');
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining('newest.graphql: The text of newest@2 changed after its approval'),
    ]);
  });

  it('tells its callers when it is deprecated', async () => {
    const { code } = await command(
      publisher,
      'templates',
      'deprecate',
      'newest@1',
      '--note',
      'Use version 2.',
      '--sunset',
      '2099-12-31',
    );
    expect(code).toBe(0);
    const { headers, json } = await within5s('newest@1', ({ headers: told }) => told.has('deprecation'));
    expect(json.extensions!.certfolio['deprecated']).toEqual([
      {
        template: 'newest@1',
        reason: 'Template newest@1 is deprecated and will be retired on 2099-12-31. Use newest@2. Use version 2.',
        sunset: '2099-12-31',
        use: 'newest@2',
      },
    ]);
    expect(headers.get('deprecation')).toMatch(/^@\d{10}$/);
    expect(headers.get('sunset')).toBe('Thu, 31 Dec 2099 00:00:00 GMT');
    expect(headers.get('link')).toBe(`<${second.url}/r/newest@2.json>; rel="successor-version"`);
    expect((await ask('newest')).headers.has('deprecation')).toBe(false);
  });

  it('is refused everywhere within 5 s of its retirement, with what to use instead', async () => {
    expect((await command(publisher, 'templates', 'retire', 'newest@1', '--note', 'Nobody uses it.')).code).toBe(0);
    const { json } = await within5s(sha256(textOf(3)), ({ status }) => status === 404);
    expect(json.errors![0]!.extensions).toMatchObject({
      code: 'PERSISTED_QUERY_NOT_IN_LIST',
      nearest: 'newest',
      owner: 'the-team',
      retiredAt: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
    });
    const { stdout } = await command(publisher, 'templates', 'show', 'newest@1', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'retired',
      source: 'api',
      created: { by: 'ci', owner: 'the-team' },
      approved: { by: 'reviewer', note: 'as agreed' },
      retired: { by: 'ci', note: 'Nobody uses it.' },
    });
  });
});

describe('sensitive fields', () => {
  it('are published and approved only by keys that may select them, and named by the one that approves', async () => {
    await folder('spend', { 'spend.graphql': spendText, 'spend.yaml': yamlOf('spend', 1, 'sensitive: [cost]\n') });
    const refused = await command(publisher, 'templates', 'publish', 'spend');
    expect([refused.code, refused.stdout]).toEqual([3, expect.stringContaining('This key may not read Order.cost')]);
    expect((await command(reviewer, 'templates', 'publish', 'spend')).code).toBe(0);
    const byAdmin = { key: first.adminKey };
    const unnamed = await command(byAdmin, 'templates', 'approve', 'spend');
    expect([unnamed.code, unnamed.stderr]).toEqual([1, expect.stringContaining('selects sensitive fields: cost')]);
    expect((await command(byAdmin, 'templates', 'approve', 'spend', '--sensitive', 'cost')).code).toBe(0);
  });
});

it('a key that may only run templates changes none', async () => {
  const key = await first.createKey({ name: 'reader', owner: 'web', level: 'OPEN', scopes: ['templates:run'] });
  for (const args of [
    ['publish', 'one'],
    ['approve', 'newest'],
    ['deprecate', 'newest'],
    ['retire', 'newest'],
  ])
    expect((await command(key, 'templates', ...args)).code).toBe(3);
});
