import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { graphqlText, rules, yamlText } from '../test/orders-schema.ts';
import { readTemplateFolder, watchTemplateFolder } from './template-folder.fs.ts';
import { formatTemplateProblem } from './template-problem.ts';
import type { StoredVersion } from './template-store.ts';
import { buildStoredVersion } from './testing.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'certfolio-templates-'));
});
afterEach(() => rm(dir, { recursive: true }));

const put = (name: string, text: string | Uint8Array) => writeFile(join(dir, name), text);
const putTemplate = async (base: string, yaml = yamlText, graphql = graphqlText) => {
  await put(`${base}.graphql`, graphql);
  await put(`${base}.yaml`, yaml);
};
const read = async (stored?: Parameters<typeof readTemplateFolder>[2]) =>
  (await readTemplateFolder(dir, rules, stored))!;
const problemsOf = async (stored?: Parameters<typeof readTemplateFolder>[2]) =>
  (await read(stored)).problems.map(formatTemplateProblem).join('\n');
/** What the store would hold of the folder as it is. */
const stored = async (overrides: Partial<StoredVersion> = {}) =>
  (await read()).versions.map((version) =>
    buildStoredVersion({ ...version, fileState: version.state, source: 'folder', ...overrides }),
  );

describe('readTemplateFolder', () => {
  it('tells a missing folder from an empty one', async () => {
    expect(await readTemplateFolder(join(dir, 'none'), rules)).toBeNull();
    expect(await read()).toEqual({ templates: [], versions: [], problems: [] });
  });

  it('keeps every byte of a version, and its metadata as it was written', async () => {
    await putTemplate('expiring-soon', `# kept\n${yamlText}`, `\uFEFF${graphqlText}`);
    const [version] = (await read()).versions;
    expect(Buffer.from(version!.document).toString()).toBe(`\uFEFF${graphqlText}`);
    expect(version!.metadata).toBe(`# kept\n${yamlText}`);
  });

  it('reads no folder of thousands of files', async () => {
    await Promise.all(Array.from({ length: 2_001 }, (_, index) => put(`t${index}.graphql`, '{ a }')));
    expect(await problemsOf()).toBe(
      '(all files): There are 2001 files; at most 2000 are taken at once. Leave out those of retired versions.',
    );
  });

  it('reads templates and older versions beside them, and leaves other files alone', async () => {
    await putTemplate('expiring-soon', yamlText.replace('version: 1', 'version: 2'));
    await putTemplate('expiring-soon@1', yamlText.replace('approved', 'deprecated'));
    await put('README.md', '# Templates');
    await put('.expiring-soon.graphql.swp', 'x');
    await mkdir(join(dir, 'folder.graphql'));
    const { templates, problems } = await read();
    expect(problems).toEqual([]);
    expect(templates.map(({ name, version, state }) => [name, version, state])).toEqual([
      ['expiring-soon', 2, 'approved'],
      ['expiring-soon', 1, 'deprecated'],
    ]);
  });

  it('names files without their other half, of other endings, and too large ones', async () => {
    await put('a.graphql', '{ __typename }');
    await put('b.yaml', 'name: b');
    await put('c.yml', 'name: c');
    await put('d.graphql', 'x'.repeat(1_000_001));
    expect(await problemsOf()).toMatch(
      /d\.graphql: The file has more[^]*c\.yml: [^]*a\.graphql: There is no "a\.yaml"[^]*b\.yaml: There is no "b\.graphql"/,
    );
  });

  it('refuses the same version twice and an old version in the current file', async () => {
    await putTemplate('expiring-soon');
    await putTemplate('expiring-soon@1');
    expect(await problemsOf()).toMatch('Version 1 of "expiring-soon" exists twice.');
    await rm(join(dir, 'expiring-soon@1.yaml'));
    await rename(join(dir, 'expiring-soon@1.graphql'), join(dir, 'expiring-soon@2.graphql'));
    await put('expiring-soon@2.yaml', yamlText.replace('version: 1', 'version: 2'));
    expect(await problemsOf()).toMatch('"expiring-soon.yaml" has version 1, which is older.');
  });

  it('refuses a changed text under an approved version, and nothing else', async () => {
    await putTemplate('expiring-soon');
    const previous = await stored();
    expect(await problemsOf(previous)).toBe('');
    await put('expiring-soon.graphql', `${graphqlText}\n`);
    expect(await problemsOf(previous)).toMatch('expiring-soon@1 changed after its approval');
    await put('expiring-soon.yaml', yamlText.replace('version: 1', 'version: 2'));
    expect(await problemsOf(previous)).toBe('');
    await putTemplate('expiring-soon', yamlText.replace('approved', 'draft'));
    expect(await problemsOf(previous)).toMatch('cannot become a draft again');
    const drafts = await stored();
    await putTemplate('expiring-soon', yamlText, `${graphqlText}\n`);
    expect(await problemsOf(drafts)).toBe('');
  });

  it('refuses another text under a version that came through the API, also a draft', async () => {
    await putTemplate('expiring-soon', yamlText.replace('approved', 'draft'));
    const published = await stored({ source: 'api', fileState: null });
    expect(await problemsOf(published)).toBe('');
    await put('expiring-soon.graphql', `${graphqlText}\n`);
    expect(await problemsOf(published)).toMatch('expiring-soon@1 was published through the API with another text');
  });

  it('lets a file stay a draft when the API approved it', async () => {
    await putTemplate('expiring-soon', yamlText.replace('approved', 'draft'));
    const approved = await stored({ state: 'approved', isFrozen: true });
    expect(await problemsOf(approved)).toBe('');
    await put('expiring-soon.graphql', `${graphqlText}\n`);
    expect(await problemsOf(approved)).toMatch('changed after its approval');
  });
});

describe('watchTemplateFolder', () => {
  async function changes(pollMs: number, target: string, change: () => Promise<void>): Promise<number> {
    let count = 0;
    const folder = watchTemplateFolder(target, () => (count += 1), { debounceMs: 30, pollMs });
    await wait(100);
    await change();
    for (let turn = 0; turn < 100 && count === 0; turn += 1) await wait(20);
    await wait(150);
    folder.close();
    return count;
  }

  it('tells changes close together once', async () => {
    expect(await changes(60_000, dir, () => putTemplate('expiring-soon'))).toBe(1);
  });

  it('looks at thousands of files that change at once without holding the process up', async () => {
    const before = process.memoryUsage().heapUsed;
    let most = 0;
    const watching = setInterval(() => (most = Math.max(most, process.memoryUsage().heapUsed - before)), 20);
    const count = await changes(60_000, dir, async () => {
      for (let index = 0; index < 3_000; index += 1) await put(`t${index}.graphql`, '{ a }');
    });
    clearInterval(watching);
    expect(count).toBeGreaterThan(0);
    expect(most).toBeLessThan(200_000_000);
  });

  it('tells that a folder appeared', async () => {
    const target = join(dir, 'later');
    const change = async () => {
      await mkdir(target);
      await writeFile(join(target, 'a.graphql'), '{ a }');
    };
    expect(await changes(20, target, change)).toBe(1);
  });
});
