import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Logger } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { buildSchema, printSchema } from 'graphql';
import { graphqlText, ordersSchema, sensitiveFields, yamlText } from '../test/orders-schema.ts';
import { openServedTemplates, type ServedTemplates } from './served-templates.ts';
import { createTemplateStore } from './template-store.postgres.ts';
import type { KeyActor, NewVersion, TemplateStore } from './template-store.ts';

const by: KeyActor = { keyId: 'alicekey01', keyName: 'alice', owner: 'pki' };
const anyone = { templates: 'all' } as const;
/** The same schema without a field that the template selects. */
const poorer = buildSchema(printSchema(ordersSchema).replace('autoRenew: Boolean', ''));

let database: TestDatabase;
let store: TemplateStore;
let clock: FakeClock;
let schema = ordersSchema;
let prepared: string[] = [];
let logged: string[] = [];
const log = (_facts: object, sentence: string) => void logged.push(sentence);
const logger: Logger = { debug: log, info: log, warn: log, error: log };

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query('truncate template_versions cascade');
  clock = new FakeClock();
  store = createTemplateStore(database.pool, { clock });
  schema = ordersSchema;
  prepared = [];
  logged = [];
});

const version = (overrides: Partial<NewVersion> = {}): NewVersion => ({
  name: 'expiring-soon',
  version: 1,
  document: new TextEncoder().encode(graphqlText),
  metadata: yamlText,
  ...overrides,
});
const second = () =>
  version({
    version: 2,
    document: new TextEncoder().encode(`${graphqlText}# two\n`),
    metadata: yamlText.replace('version: 1', 'version: 2'),
  });
const open = (over: Pick<TemplateStore, 'revision' | 'load'> = store) =>
  openServedTemplates({
    store: over,
    rules: () => ({ schema, sensitiveFields }),
    prepare: (text) => void prepared.push(text),
    clock,
    logger,
  });
const publish = async (...versions: NewVersion[]) => {
  expect(await store.publish(versions, by, await store.revision())).toMatchObject({ kind: 'done' });
};
const approve = (number = 1) => store.transition('expiring-soon', number, { to: 'approved', note: null }, by);
const found = (served: ServedTemplates, id: string) => {
  const answer = served.registry().find(id, anyone);
  return answer.kind === 'found' ? `${answer.template.name}@${answer.template.version}` : answer.kind;
};

describe('what is served', () => {
  it('is what the store says, whatever state the file names', async () => {
    await publish(version());
    const served = await open();
    expect([found(served, 'expiring-soon'), served.all()[0]!.state]).toEqual(['not-in-list', 'draft']);
    await approve();
    expect(found(served, 'expiring-soon')).toBe('not-in-list');
    await served.refresh();
    expect(found(served, 'expiring-soon')).toBe('expiring-soon@1');
    await store.transition('expiring-soon', 1, { to: 'retired', note: null }, by);
    await served.refresh();
    expect(served.registry().find('expiring-soon', anyone)).toEqual({
      kind: 'not-in-list',
      retiredAt: '2026-11-23',
      owner: 'pki-team',
    });
  });

  it('is prepared before it serves: what runs, every text of it', async () => {
    await publish(version(), second());
    await approve();
    const served = await open();
    expect(new Set(prepared)).toEqual(new Set(served.all()[0]!.ids.map(({ text }) => text)));
  });

  it('names the version that comes after a deprecated one, if its callers may run it', async () => {
    await publish(version(), second());
    await approve(1);
    await approve(2);
    await store.transition('expiring-soon', 1, { to: 'deprecated', note: 'old' }, by);
    const served = await open();
    expect(served.all().map(({ lifecycle }) => lifecycle!.successor)).toEqual(['expiring-soon@2', null]);
    expect(served.all()[0]!.lifecycle).toMatchObject({
      deprecated: { note: 'old', by },
      approved: { by },
      retired: null,
    });
    const other = version({
      version: 3,
      document: new TextEncoder().encode(`${graphqlText}# 3\n`),
      metadata: yamlText.replace('version: 1', 'version: 3').replace('tags: [expiry]', 'tags: []'),
    });
    await publish(other);
    await approve(3);
    await served.refresh();
    expect(served.all()[0]!.lifecycle!.successor).toBe('expiring-soon@2');
  });

  it('has the ids that were imported, but for those whose text does not fit', async () => {
    await publish(version());
    await approve();
    const text = 'query Imported { orders { totalCount } }';
    await store.addIds(
      'expiring-soon',
      1,
      [
        { id: 'relay_Id', text },
        { id: 'BROKEN', text: 'query {' },
      ],
      by,
    );
    const served = await open();
    expect(served.registry().find('relay_Id', anyone)).toMatchObject({ kind: 'found', text, variant: 'imported' });
    expect(found(served, 'BROKEN')).toBe('not-in-list');
    expect(served.problems()).toMatchObject([
      { file: 'expiring-soon@1', where: 'ids', what: expect.stringContaining('BROKEN') },
    ]);
  });

  it('leaves withdrawn versions out until their file is back', async () => {
    const file = { ...version(), state: 'approved' } as const;
    await store.syncFolder([file]);
    const served = await open();
    await store.syncFolder([]);
    await served.refresh();
    expect([found(served, 'expiring-soon'), served.all()]).toEqual(['not-in-list', []]);
    await store.syncFolder([file]);
    await served.refresh();
    expect(found(served, 'expiring-soon')).toBe('expiring-soon@1');
  });
});

describe('a version that does not fit the schema', () => {
  beforeEach(async () => {
    await publish(version(), second());
    await approve(1);
    schema = poorer;
  });

  it('is out of service and shown with its problem; the others serve', async () => {
    const plain = version({
      name: 'plain',
      document: new TextEncoder().encode('query P { orders { nodes { id } } }'),
      metadata: yamlText.replace('expiring-soon', 'plain').replace(/variables:[^]*/, 'rows: orders.nodes\n'),
    });
    await publish(plain);
    await store.transition('plain', 1, { to: 'approved', note: null }, by);
    const served = await open();
    expect([found(served, 'expiring-soon@1'), found(served, 'plain')]).toEqual(['not-in-list', 'plain@1']);
    expect(served.all()[0]).toMatchObject({
      name: 'expiring-soon',
      state: 'approved',
      owner: 'pki-team',
      lifecycle: { problem: expect.stringContaining('Cannot query field "autoRenew"') },
    });
    expect(served.problems().map(({ file }) => file)).toEqual(['expiring-soon@1', 'expiring-soon@2']);
    expect(logged.filter((line) => line.startsWith('Template out of service'))).toHaveLength(2);
  });

  it('and is retired is refused as any other that was retired', async () => {
    await store.transition('expiring-soon', 1, { to: 'retired', note: null }, by);
    const served = await open();
    expect(served.registry().find('expiring-soon@1', anyone)).toEqual({
      kind: 'not-in-list',
      retiredAt: '2026-11-23',
      owner: 'pki-team',
    });
    expect(served.problems().map(({ file }) => file)).toEqual(['expiring-soon@2']);
    expect(served.all()[0]!.lifecycle!.problem).toBeNull();
  });

  it('comes back with a schema that it fits', async () => {
    const served = await open();
    schema = ordersSchema;
    await served.reassess();
    expect([found(served, 'expiring-soon@1'), served.problems()]).toEqual(['expiring-soon@1', []]);
  });
});

describe('changes of others', () => {
  it('are seen by looking at the revision every second', async () => {
    await publish(version());
    let loads = 0;
    const served = await open({ revision: () => store.revision(), load: () => ((loads += 1), store.load()) });
    const controller = new AbortController();
    const following = served.follow(controller.signal);
    await clock.advance(1_000);
    await approve();
    await clock.advance(3_000);
    await until(() => found(served, 'expiring-soon') === 'expiring-soon@1');
    await clock.advance(10_000);
    expect(loads).toBe(2);
    controller.abort(new Error('done'));
    await following;
  });

  it('are missed while the store cannot be read, which is told once; the last set serves', async () => {
    await publish(version());
    await approve();
    let isDown = false;
    const revision = () => (isDown ? Promise.reject(new Error('no database')) : store.revision());
    const served = await open({ revision, load: () => store.load() });
    const controller = new AbortController();
    const following = served.follow(controller.signal);
    isDown = true;
    await clock.advance(5_000);
    await until(() => served.blindness() !== null);
    expect(found(served, 'expiring-soon')).toBe('expiring-soon@1');
    expect(logged.filter((line) => line.includes('are not seen'))).toHaveLength(1);
    await store.transition('expiring-soon', 1, { to: 'retired', note: null }, by);
    isDown = false;
    await clock.advance(2_000);
    await until(() => served.blindness() === null && found(served, 'expiring-soon') === 'not-in-list');
    controller.abort(new Error('done'));
    await following;
  });

  it('are no longer waited for when it ends, also where the store gives no answer', async () => {
    let isHanging = false;
    const revision = () => (isHanging ? new Promise<number>(() => undefined) : store.revision());
    const served = await open({ revision, load: () => store.load() });
    const controller = new AbortController();
    const following = served.follow(controller.signal);
    isHanging = true;
    await clock.advance(1_000);
    controller.abort(new Error('done'));
    await following;
    expect(served.blindness()).toBeNull();
  });

  it('never put an older set in the place of a newer one', async () => {
    await publish(version());
    let isSlow = false;
    let letGo = () => {};
    const slow = async () => {
      const loaded = await store.load();
      if (isSlow) await new Promise<void>((resolve) => (letGo = resolve));
      return loaded;
    };
    const served = await open({ revision: () => store.revision(), load: slow });
    await store.addIds('expiring-soon', 1, [{ id: 'Any', text: '{ orders { totalCount } }' }], by);
    isSlow = true;
    const older = served.refresh();
    await wait(200);
    isSlow = false;
    await approve();
    const newer = served.refresh();
    await wait(200);
    letGo();
    await Promise.all([older, newer]);
    expect(found(served, 'expiring-soon')).toBe('expiring-soon@1');
  });
});

/** Waits for what needs the database, which no fake clock can hurry. */
async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200 && !isSo(); turn += 1) await wait(10);
  expect(isSo()).toBe(true);
}
