import { describe, expect, it } from '@jest/globals';
import type { ColumnType, Row } from '@certfolio/templates';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { cutOff, factsOfReport } from '../../test/a-report.ts';
import { allOf } from '../../test/all-of.ts';
import { parquetChunks } from './parquet.ts';

async function written(
  types: readonly ColumnType[],
  rows: Iterable<Row>,
  facts = factsOfReport(),
): Promise<ArrayBuffer> {
  const columns = types.map((type, index) => ({ type, title: `c${index}` }));
  const file = Buffer.concat(await allOf(parquetChunks(columns, rows, () => facts)));
  return file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
}

describe('parquetChunks', () => {
  it('writes every type, and nothing as null', async () => {
    const types: ColumnType[] = ['text', 'integer', 'decimal', 'flag', 'date', 'timestamp', 'texts'];
    const file = await written(types, [
      ['=1+1', 9_007_199_254_740_991, '238.00', true, '2026-11-23', '2026-11-23T12:00:00.500Z', ['a', 'b']],
      [null, null, null, null, null, null, null],
      ['', -5, -0.02, false, '1969-12-31', '1969-12-31T23:59:59+00:00', []],
    ]);
    expect(await parquetReadObjects({ file })).toEqual([
      {
        c0: '=1+1',
        c1: 9_007_199_254_740_991n,
        c2: 238,
        c3: true,
        c4: new Date('2026-11-23'),
        c5: new Date('2026-11-23T12:00:00.500Z'),
        c6: ['a', 'b'],
      },
      { c0: null, c1: null, c2: null, c3: null, c4: null, c5: null, c6: undefined },
      {
        c0: '',
        c1: -5n,
        c2: -0.02,
        c3: false,
        c4: new Date('1969-12-31'),
        c5: new Date('1969-12-31T23:59:59Z'),
        c6: [],
      },
    ]);
  });

  it('writes 25,000 rows in groups, all of them and in order', async () => {
    function* rows(): Generator<Row> {
      for (let index = 0; index < 25_000; index += 1) yield [index];
    }
    const file = await written(['integer'], rows());
    const read = await parquetReadObjects({ file });
    expect(read.map(({ c0 }) => Number(c0))).toEqual(Array.from({ length: 25_000 }, (_, index) => index));
    expect(parquetMetadata(file).row_groups.map((group) => Number(group.num_rows))).toEqual(
      Array.from({ length: 25 }, () => 1_000),
    );
  });

  it('is a file with its columns when there are no rows', async () => {
    const metadata = parquetMetadata(await written(['text', 'date'], []));
    expect(Number(metadata.num_rows)).toBe(0);
    expect(metadata.schema.map(({ name }) => name)).toEqual(['report', 'c0', 'c1']);
  });

  it('tells what it is in its metadata', async () => {
    const facts = factsOfReport({ rows: 1, totalRows: 25, reads: cutOff });
    const { key_value_metadata: pairs } = parquetMetadata(await written(['text'], [['a']], facts));
    const told = new Map(pairs?.map(({ key, value }) => [key, value]));
    expect(told.get('certfolio.rows')).toBe('1 of 25 rows');
    expect(told.get('certfolio.complete')).toBe('no, cut off at the row limit');
    expect(told.get('certfolio.template')).toBe('expiring-soon@2');
  });

  it.each<[ColumnType, string | boolean]>([
    ['integer', 'n/a'],
    ['integer', '12345678901234567890'],
    ['decimal', '1.2345678'],
    ['decimal', 'free'],
    ['date', '2026-02-30'],
    ['timestamp', '2026-11-23 12:00'],
    ['flag', 'maybe'],
    ['date', true],
  ])('refuses a cell of the type %s that is %j, naming the column', async (type, cell) => {
    await expect(written([type], [[cell]])).rejects.toMatchObject({
      code: 'EXPORT_FAILED',
      message: expect.stringContaining(`"c0" has ${JSON.stringify(cell)}`),
    });
  });
});
