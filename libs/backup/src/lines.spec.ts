import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { BackupUnusable } from './errors.ts';
import { defaultUnpackLimits, unpackedLines } from './lines.ts';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Buffer, { size = 7, limits = {} }: { size?: number; limits?: object } = {}) {
  const texts: string[] = [];
  let sha256 = '';
  for await (const line of unpackedLines(inPieces(bytes, size), { ...defaultUnpackLimits, ...limits })) {
    texts.push(line.text);
    sha256 = line.sha256Before();
  }
  return { texts, sha256 };
}

describe('lines', () => {
  it('are the same however they arrive, with the SHA-256 of those before', async () => {
    const text = 'one\ntwo – ü\n\nfour\n';
    const packed = gzipSync(text);
    for (const size of [1, 3, 1_000])
      expect((await read(packed, { size })).texts).toEqual(['one', 'two – ü', '', 'four']);
    const expected = createHash('sha256').update('one\ntwo – ü\n\n').digest('hex');
    expect((await read(packed)).sha256).toBe(expected);
  });

  const packed = gzipSync(`${randomBytes(2_000).toString('hex')}\nend\n`);
  it.each([
    ['nothing of gzip', Buffer.from('PK not a backup'), /no gzip file/],
    [
      'an altered byte',
      Buffer.concat([packed.subarray(0, 500), Buffer.from([packed[500]! ^ 0xff]), packed.subarray(501)]),
      /no gzip file|altered/,
    ],
    ['a cut end', packed.subarray(0, -300), /ends early/],
    ['no line end', gzipSync('one\ntwo'), /ends inside a line/],
  ])('are refused with %s', async (_what, bytes, message) => {
    const reading = read(bytes);
    await expect(reading).rejects.toThrow(BackupUnusable);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toThrow(/Nothing was changed/);
  });

  it('end where a file is made to fill memory or disk', async () => {
    const bomb = gzipSync(Buffer.alloc(3_000_000, 'x'));
    await expect(read(bomb, { limits: { lineBytes: 1_000_000 } })).rejects.toThrow(/line of more than 1000000 bytes/);
    const lines = gzipSync('a\n'.repeat(2_000_000));
    await expect(read(lines, { size: 1_000, limits: { ratioFromBytes: 1_000_000 } })).rejects.toThrow(
      /more than 200 times its size/,
    );
  });

  it('pass on what their source throws', async () => {
    const broken = (async function* () {
      yield packed.subarray(0, 100);
      throw new Error('the upload broke off');
    })();
    const reading = unpackedLines(broken).next();
    await expect(reading).rejects.toThrow('the upload broke off');
  });
});
