import { expect, it } from '@jest/globals';
import { framed, readFramed } from './framed-message.ts';

async function* pieces(...texts: readonly (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}
const textOf = async (body: AsyncIterable<Buffer>) => {
  let text = '';
  for await (const piece of body) text += piece.toString();
  return text;
};
const bytesOf = async (stream: AsyncIterable<Buffer>) => {
  const all: Buffer[] = [];
  for await (const piece of stream) all.push(piece);
  return Buffer.concat(all);
};

it('gives back head and body, however the bytes are cut', async () => {
  const sent = await bytesOf(framed({ path: '/ä' }, pieces('one ', 'two')));
  for (let size = 1; size <= sent.length; size += 1) {
    const cut = Array.from({ length: Math.ceil(sent.length / size) }, (_each, at) =>
      sent.subarray(at * size, (at + 1) * size),
    );
    const { head, body } = await readFramed(pieces(...cut));
    expect([head, await textOf(body)]).toEqual([{ path: '/ä' }, 'one two']);
  }
});

it('has an empty body where there is none', async () => {
  const { body } = await readFramed(framed({}, null));
  expect(await textOf(body)).toBe('');
});

it.each([
  ['nothing', pieces()],
  ['less than its head', pieces(Buffer.from([0, 0, 0, 9]), '{}')],
  ['a head without end', pieces(Buffer.from([0xff, 0, 0, 0]), '{}')],
  ['a head that is no JSON', pieces(Buffer.from([0, 0, 0, 2]), 'no')],
])('refuses %s', async (_name, stream) => {
  await expect(readFramed(stream)).rejects.toThrow(TypeError);
});
