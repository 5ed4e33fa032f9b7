import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { FakeClock } from '@certfolio/core/testing';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { describeTemplateStore } from './template-store.contract.ts';
import { createTemplateStore } from './template-store.postgres.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

async function open() {
  await database.pool.query('truncate template_versions cascade');
  const clock = new FakeClock();
  return { store: createTemplateStore(database.pool, { clock }), clock };
}

describeTemplateStore(open);

const by = { keyId: 'alicekey01', keyName: 'alice', owner: 'pki' };

async function openApproved() {
  const { store } = await open();
  const document = new TextEncoder().encode('{ a }');
  await store.publish([{ name: 'one', version: 1, document, metadata: 'x' }], by, 0);
  await store.addIds('one', 1, [{ id: 'X', text: '{ a }' }], by);
  await store.transition('one', 1, { to: 'approved', note: null }, by);
  return store;
}

it.each([
  ['a changed text', `update template_versions set document = '\\x7b7d'`],
  ['another version', `update template_versions set version = 2`],
  ['its end', `delete from template_versions`],
  [
    'a changed text after it went back to a draft',
    `update template_versions set state = 'draft'; update template_versions set document = '\\x7b7d'`,
  ],
  [
    'a lifted guard',
    `update template_versions set is_frozen = false, state = 'draft'; update template_versions set document = '\\x7b7d'`,
  ],
  ['a changed text of an id', `update template_ids set text = '{ b }'`],
  ['a changed note', `update template_acts set note = 'never said'`],
])('the database itself refuses %s of an approved version', async (_what, statement) => {
  const store = await openApproved();
  await expect(database.pool.query(statement)).rejects.toThrow(/never changes|never deleted/);
  const [version] = (await store.load()).versions;
  expect(Buffer.from(version!.document).toString()).toBe('{ a }');
});

it('counts a change that somebody makes by hand', async () => {
  const store = await openApproved();
  const before = await store.revision();
  await database.pool.query(`update template_versions set state = 'retired'`);
  expect(await store.revision()).toBeGreaterThan(before);
});

it('shows a reader either all or nothing of what a writer does', async () => {
  const { store } = await open();
  const names = Array.from({ length: 40 }, (_, index) => `report-${index}`);
  const versions = names.map((name) => ({
    name,
    version: 1,
    document: new TextEncoder().encode('{ a }'),
    metadata: 'x',
  }));
  const publishing = store.publish(versions, by, await store.revision());
  const seen = new Set<number>();
  for (let turn = 0; turn < 20; turn += 1) seen.add((await store.load()).versions.length);
  await publishing;
  seen.add((await store.load()).versions.length);
  expect([...seen].filter((count) => count !== 0 && count !== 40)).toEqual([]);
  expect(seen).toContain(40);
});
