import { describe, expect, it } from '@jest/globals';
import type { Cell } from '@certfolio/templates';
import fc from 'fast-check';
import { allOf } from '../../test/all-of.ts';
import { ndjsonChunks } from './ndjson.ts';

const columns = [
  { title: 'id', type: 'text' },
  { title: 'a "b"', type: 'decimal' },
  { title: '__proto__', type: 'texts' },
] as const;

describe('ndjsonChunks', () => {
  it('writes an object per line, with every member', async () => {
    const chunks = await allOf(
      ndjsonChunks(columns, [
        ['1', '2.50', ['x', 'y']],
        [null, Number.NaN, null],
      ]),
    );
    expect(chunks.join('')).toBe(
      '{"id":"1","a \\"b\\"":"2.50","__proto__":["x","y"]}\n{"id":null,"a \\"b\\"":null,"__proto__":null}\n',
    );
  });

  it('is empty without rows', async () => {
    expect(await allOf(ndjsonChunks(columns, []))).toEqual([]);
  });

  it('is read back as it was', async () => {
    const text = fc.string({ unit: 'binary' });
    const cell: fc.Arbitrary<Cell> = fc.oneof(
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(text, { maxLength: 3 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell, cell)), async (rows) => {
        const lines = (await allOf(ndjsonChunks(columns, rows))).join('').split('\n');
        expect(lines.pop()).toBe('');
        expect(
          lines.map((line) => Object.entries(JSON.parse(line) as object).map(([, value]) => value as Cell)),
        ).toEqual(rows);
      }),
    );
  });
});
