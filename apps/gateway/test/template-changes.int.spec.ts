import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { graphqlType, startRunningGateway, templateFile, type RunningGateway } from './running-gateway.ts';

const manifests = join(import.meta.dirname, '../../../libs/templates/test/manifests');
const manifestOf = (tool: string) => readFile(join(manifests, `${tool}.json`), 'utf8');

let gateway: RunningGateway;
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'certfolio-changes-test-'));
  for (const [name, state] of [
    ['revoked', 'approved'],
    ['wildcards', 'deprecated'],
    ['expiring-soon', 'approved'],
  ] as const) {
    // As they were when the tools wrote the manifests.
    const from = join(manifests, 'templates', name);
    await writeFile(join(dir, `${name}.graphql`), await readFile(`${from}.graphql`));
    const yaml = await readFile(`${from}.yaml`, 'utf8');
    await writeFile(join(dir, `${name}.yaml`), yaml.replace('state: approved', `state: ${state}`));
  }
  gateway = await startRunningGateway({ CERTFOLIO_TEMPLATES_DIR: dir });
});
afterAll(async () => {
  await gateway.close();
  await rm(dir, { recursive: true, force: true });
});

const mutation =
  'mutation ($m: String!, $dry: Boolean, $owner: String) { importTemplateIds(manifest: $m, dryRun: $dry, draftOwner: $owner) { added { id template how changed } known { id } unmatched { operationName nearest differences } drafts { name version yaml } problems { code } } }';
const importing = (m: string, dry = false, owner: string | null = null) =>
  gateway.post({ query: mutation, variables: { m, dry, owner } }, { headers: { accept: graphqlType } });

describe('a manifest that is imported', () => {
  it('makes the ids of a Relay client run, with the text of the client', async () => {
    const id = '3d6566686f50469406265deee4a0db90';
    const run = () => gateway.post({ doc_id: id, variables: { first: 1 } }, { headers: { accept: graphqlType } });
    const dry = await importing(await manifestOf('relay'), true);
    expect(dry.json!['data'].importTemplateIds.added).toHaveLength(3);
    expect((await run()).status).toBe(404);

    const { json } = await importing(await manifestOf('relay'));
    const { added, unmatched, problems } = json!['data'].importTemplateIds;
    expect([added.length, unmatched.length, problems]).toEqual([3, 1, []]);
    const { status, json: answer } = await run();
    expect(status).toBe(200);
    // `id` is Relay's: the template does not select it here.
    expect(Object.keys(answer!['data'].orders.nodes[0].container)).toEqual(['name', 'id']);
    expect((await importing(await manifestOf('relay'))).json!['data'].importTemplateIds.known).toHaveLength(3);
  });

  it('is imported whole or not at all, and every reason is told by name', async () => {
    const { text } = await templateFile('revoked', dir);
    const printed = `${text}\n# one more`;
    const good = `sha256:${createHash('sha256').update(printed).digest('hex')}`;
    const { status, json } = await importing(
      JSON.stringify({ [good]: printed, [`sha256:${'0'.repeat(64)}`]: text, revoked: text }),
    );
    expect(status).toBe(400);
    expect(json!.errors![0]!.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      problems: [{ code: 'ID_DOES_NOT_FIT' }, { code: 'ID_IS_A_NAME' }],
    });
    expect((await gateway.post({ documentId: good }, { headers: { accept: graphqlType } })).status).toBe(404);
  });

  it('gives drafts of what is no template, and keeps none by itself', async () => {
    const { json } = await importing(await manifestOf('apollo'), true, 'sre');
    expect(json!['data'].importTemplateIds.drafts).toMatchObject([{ name: 'with-fragments', version: 1 }]);
  });
});

describe('two templates', () => {
  it('are told apart with their costs and expected calls', async () => {
    const query =
      '{ templateDiff(from: "revoked", to: "wildcards") { from to breaking changes { part path kind from to } } }';
    const { templateDiff } = (await gateway.post({ query })).json!['data'];
    expect(templateDiff).toMatchObject({ from: 'revoked@1', to: 'wildcards@1', breaking: true });
    expect(templateDiff.changes).toEqual(
      expect.arrayContaining([
        { part: 'state', path: '', kind: 'CHANGED', from: 'approved', to: 'deprecated' },
        expect.objectContaining({ part: 'field', path: 'orders.nodes.certificate.wildcardNames', kind: 'ADDED' }),
        expect.objectContaining({ part: 'cost' }),
      ]),
    );
  });
});

describe('use', () => {
  it('is counted by key, and a key that may not publish sees its own', async () => {
    const [one, other] = [await gateway.makeKey(), await gateway.makeKey()];
    const { id } = await templateFile('expiring-soon', dir);
    await gateway.post({ documentId: id, variables: { first: 1 } }, { key: one.secret });
    await gateway.ask('/r/expiring-soon.json?first=1', { key: one.secret });
    await gateway.ask('/r/expiring-soon.json?first=0', { key: other.secret });
    const query = '{ template(ref: "expiring-soon") { usedBy { keyId runs } } }';
    let seen: { usedBy: { keyId: string; runs: number }[] } = { usedBy: [] };
    for (let turn = 0; turn < 60 && (seen.usedBy[0]?.runs ?? 0) < 2; turn += 1) {
      await wait(250);
      seen = (await gateway.post({ query })).json!['data'].template;
    }
    expect(seen.usedBy).toEqual([{ keyId: one.id, runs: 2 }]);
    const own = { query: '{ template(ref: "expiring-soon") { usedBy { keyId } } }' };
    const open = { level: 'OPEN', scopes: ['templates:run'] } as const;
    const curious = await gateway.makeKey(open);
    expect((await gateway.post(own, { key: curious.secret })).json!['data'].template).toEqual({ usedBy: [] });
  });
});

describe('a deprecated template', () => {
  it('tells its callers in the same shape at every door', async () => {
    const told = [{ template: 'wildcards@1', reason: 'Template wildcards@1 is deprecated.' }];
    const report = await gateway.ask('/r/wildcards.json?first=1');
    expect(report.json!['extensions'].certfolio.deprecated).toEqual(told);
    const { id } = await templateFile('wildcards', dir);
    const answer = await gateway.post(
      { documentId: id, variables: { first: 1 } },
      { headers: { 'certfolio-extensions': '1' } },
    );
    expect(answer.json!['extensions'].certfolio.deprecated).toEqual(told);
    expect((await gateway.ask('/r/revoked.json?first=1')).json!['extensions'].certfolio).not.toHaveProperty(
      'deprecated',
    );
  });
});
