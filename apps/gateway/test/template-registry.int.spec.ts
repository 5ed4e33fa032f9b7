import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Logger } from '@certfolio/core';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { createPreparedDocuments } from '@certfolio/execution';
import { systemClock } from '@certfolio/runtime';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { openTemplateRegistry, type GatewayTemplates } from '../src/template-registry.ts';

const by = { keyId: 'operator01', keyName: 'operator', owner: 'pki' };
const text = 'query Names {\n  orders(first: 10) {\n    nodes {\n      id\n    }\n  }\n}\n';
const changed = text.replace('first: 10', 'first: 20');
const yamlOf = (state: string, version = 1) =>
  `name: names\nversion: ${version}\nstate: ${state}\ntitle: Names\nquestion: Which?\nowner: the-team\nrows: orders.nodes\n`;

let database: TestDatabase;
let schema: GraphQLSchema;
let dir: string;
const opened: GatewayTemplates[] = [];
let logged: string[] = [];
const log = (facts: object, sentence: string) => void logged.push(`${sentence} ${JSON.stringify(facts)}`);
const logger: Logger = { debug: log, info: log, warn: log, error: log };

beforeAll(async () => {
  database = await createTestDatabase();
  schema = buildSchema(await readFile(join(import.meta.dirname, '../api-schema.graphql'), 'utf8'));
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query('truncate template_versions cascade');
  dir = await mkdtemp(join(tmpdir(), 'certfolio-registry-'));
  logged = [];
});
afterEach(async () => {
  for (const each of opened.splice(0)) each.close();
  await rm(dir, { recursive: true, force: true });
});

/** A start of the gateway, as far as templates go. */
async function start(folder = dir): Promise<GatewayTemplates> {
  const registry = await openTemplateRegistry({
    pool: database.pool,
    dir: folder,
    schema: () => schema,
    sensitiveFields: new Map(),
    builtIn: [],
    documents: createPreparedDocuments(() => schema),
    analyser: { examine: () => 1, expectedCalls: async () => 1 },
    review: 'same-key-allowed',
    clock: systemClock,
    logger,
  });
  opened.push(registry);
  return registry;
}
const put = async (state: string, graphql = text, version = 1, base = 'names') => {
  await writeFile(join(dir, `${base}.graphql`), graphql);
  await writeFile(join(dir, `${base}.yaml`), yamlOf(state, version));
};
const textOf = ({ served }: GatewayTemplates, ref: string) => {
  const found = served.registry().find(ref, { templates: 'all' });
  return found.kind === 'found' ? found.text : null;
};
const told = ({ readiness }: GatewayTemplates) => readiness.check();
const until = async (isSo: () => boolean | Promise<boolean>) => {
  for (let turn = 0; turn < 400 && !(await isSo()); turn += 1) await wait(20);
  expect(await isSo()).toBe(true);
};

describe('the folder', () => {
  it('is read at start and on change', async () => {
    await put('approved');
    const registry = await start();
    expect([textOf(registry, 'names'), await told(registry)]).toEqual([text, null]);
    await put('approved', changed, 2);
    await put('approved', text, 1, 'names@1');
    await until(() => textOf(registry, 'names') === changed);
    expect(textOf(registry, 'names@1')).toBe(text);
  });

  it('with problems at start, leaves the set of the store in service', async () => {
    await put('approved');
    (await start()).close();
    await writeFile(join(dir, 'broken.graphql'), '{');
    const registry = await start();
    expect(textOf(registry, 'names')).toBe(text);
    expect(await told(registry)).toBe('The folder has 1 problem; the last good set is served (broken.graphql).');
    expect(
      logged.some(
        (line) =>
          line.includes('There is no \\"broken.yaml\\" beside it') || line.includes('There is no "broken.yaml"'),
      ),
    ).toBe(true);
  });

  it('with problems at run, leaves everything as it is until it is mended', async () => {
    await put('approved');
    const registry = await start();
    await writeFile(join(dir, 'names@1.graphql'), '{');
    await put('approved', changed, 2);
    await until(async () => (await told(registry)) !== null);
    expect([textOf(registry, 'names'), textOf(registry, 'names@2')]).toEqual([text, null]);
    await put('approved', text, 1, 'names@1');
    await until(() => textOf(registry, 'names') === changed);
    expect(await told(registry)).toBeNull();
  });

  it('cannot change an approved text, also not between two starts', async () => {
    await put('approved');
    (await start()).close();
    await put('approved', changed);
    const registry = await start();
    expect(textOf(registry, 'names')).toBe(text);
    expect(logged.join()).toContain('changed after its approval');
    expect(await told(registry)).toContain('names.graphql');
  });

  it('takes a version out of service with its file, for as long as it is gone', async () => {
    await put('approved');
    const registry = await start();
    await rm(join(dir, 'names.yaml'));
    await rm(join(dir, 'names.graphql'));
    await until(() => textOf(registry, 'names') === null);
    registry.close();
    await put('approved', changed);
    expect(await told(await start())).toContain('names.graphql');
    await put('approved');
    expect(textOf(await start(), 'names')).toBe(text);
  });

  it('that is not there says nothing: what is stored serves', async () => {
    await put('approved');
    (await start()).close();
    const registry = await start(join(dir, 'none'));
    expect([textOf(registry, 'names'), await told(registry)]).toEqual([text, null]);
  });

  it('that appears is taken in', async () => {
    const folder = join(dir, 'later');
    const registry = await start(folder);
    await mkdir(folder);
    await writeFile(join(folder, 'names.graphql'), text);
    await writeFile(join(folder, 'names.yaml'), yamlOf('approved'));
    await until(() => textOf(registry, 'names') === text);
  });

  it('is tried again after the database failed', async () => {
    await put('draft');
    const registry = await start();
    await database.pool.query('alter table template_versions rename to away');
    await put('approved');
    await until(() => logged.some((line) => line.startsWith('The templates folder was not taken over')));
    await database.pool.query('alter table away rename to template_versions');
    await until(() => textOf(registry, 'names') === text);
  }, 20_000);
});

describe('folder and API together', () => {
  const files = (graphql: string, state = 'approved') => [
    { name: 'names.graphql', content: graphql },
    { name: 'names.yaml', content: yamlOf(state) },
  ];
  const publish = (registry: GatewayTemplates, graphql: string) =>
    registry.publisher.publish(files(graphql), false, contextOf());

  it('an operator retires a template of the folder without touching a file, for good', async () => {
    await put('approved');
    const registry = await start();
    await registry.publisher.retire({ ref: 'names', note: 'wrong' }, contextOf());
    expect(textOf(registry, 'names')).toBeNull();
    registry.close();
    expect(textOf(await start(), 'names')).toBeNull();
  });

  it('an operator approves a draft of the folder, whose file may go on saying so', async () => {
    await put('draft');
    const registry = await start();
    await registry.publisher.approve({ ref: 'names', note: null, reviewedSensitive: [] }, contextOf());
    registry.close();
    const again = await start();
    expect([textOf(again, 'names'), await told(again)]).toEqual([text, null]);
  });

  it('a file with another text than a published version is a problem that is named; what was there first stays', async () => {
    const registry = await start();
    await publish(registry, text);
    await registry.publisher.approve({ ref: 'names', note: null, reviewedSensitive: [] }, contextOf());
    await put('approved', changed);
    await until(async () => (await told(registry)) !== null);
    expect(textOf(registry, 'names')).toBe(text);
    expect(logged.join()).toContain('was published through the API with another text');
  });

  it('a published version with another text than a file is refused; what was there first stays', async () => {
    await put('draft');
    const registry = await start();
    await expect(publish(registry, changed)).rejects.toThrow('comes from the templates folder, with another text');
    expect(registry.served.all().map((template) => template.text)).toEqual([text]);
  });

  it('an empty folder takes nothing of what was published', async () => {
    const registry = await start();
    await publish(registry, text);
    await registry.publisher.approve({ ref: 'names', note: null, reviewedSensitive: [] }, contextOf());
    registry.close();
    expect(textOf(await start(), 'names')).toBe(text);
  });
});

function contextOf() {
  const principal = { ...by, fields: 'all' as const };
  return { principal } as unknown as Parameters<GatewayTemplates['publisher']['retire']>[1];
}
