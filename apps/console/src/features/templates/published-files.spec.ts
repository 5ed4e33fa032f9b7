import { expect, it } from '@jest/globals';
import { problemsOf, textOf } from './published-files.ts';

const file = (bytes: number[]) => ({ name: 'a.graphql', arrayBuffer: async () => new Uint8Array(bytes).buffer });

it('keeps every byte of a file, the mark at its beginning included', async () => {
  const bytes = [0xef, 0xbb, 0xbf, 0x7b, 0x0d, 0x0a, 0xc3, 0xa9, 0x7d];
  expect([...new TextEncoder().encode(await textOf(file(bytes)))]).toEqual(bytes);
});

it('names the file that is no UTF-8', async () => {
  await expect(textOf(file([0xff]))).rejects.toThrow('a.graphql is not UTF-8; save it as UTF-8.');
});

it('reads what a refusal says of files, and nothing else', () => {
  const problem = { file: 'a.yaml', where: 'owner', what: 'It is missing.', todo: 'Name one.' };
  expect(problemsOf([problem, null, 'x'])).toEqual([problem]);
  expect(problemsOf('x')).toEqual([]);
});
