import { chmod, lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { writeWhole } from './atomic-file.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'certfolio-file-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function* chunks(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}

it('writes all chunks and tells the bytes', async () => {
  expect(await writeWhole(join(dir, 'a'), chunks('é', 'b'))).toBe(3);
  expect(await readFile(join(dir, 'a'), 'utf8')).toBe('éb');
  expect(await readdir(dir)).toEqual(['a']);
});

it('keeps the old content and the folder clean when a chunk does not come', async () => {
  async function* broken() {
    yield Buffer.from('half');
    throw new Error('broke off');
  }
  await writeFile(join(dir, 'a'), 'old');
  await expect(writeWhole(join(dir, 'a'), broken())).rejects.toThrow('broke off');
  expect(await readdir(dir)).toEqual(['a']);
  expect(await readFile(join(dir, 'a'), 'utf8')).toBe('old');
});

it('replaces what a link points to, with the same permissions', async () => {
  await writeFile(join(dir, 'a'), 'old');
  await chmod(join(dir, 'a'), 0o600);
  await symlink('a', join(dir, 'link'));
  await writeWhole(join(dir, 'link'), chunks('new'));
  expect((await lstat(join(dir, 'link'))).isSymbolicLink()).toBe(true);
  expect(await readFile(join(dir, 'a'), 'utf8')).toBe('new');
  expect((await stat(join(dir, 'a'))).mode & 0o777).toBe(0o600);
});

it('does not replace a device', async () => {
  expect(await writeWhole('/dev/null', chunks('x'))).toBe(1);
  expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
});

it('says in a sentence what is in the way', async () => {
  await expect(writeWhole(join(dir, 'none', 'a'), chunks('x'))).rejects.toMatchObject({
    code: 'FILE',
    message: expect.stringContaining('cannot be written'),
  });
  await expect(writeWhole(dir, chunks('x'))).rejects.toMatchObject({ message: `${dir} is a folder.` });
});
