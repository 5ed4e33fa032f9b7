import { describe, expect, it } from '@jest/globals';
import type { Cell, ColumnType, Row } from '@certfolio/templates';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { allOf } from '../../test/all-of.ts';
import { csvChunks, type CsvOptions } from './csv.ts';

const column = (type: ColumnType, title: string = type) => ({ title, type });
async function csv(
  types: readonly ColumnType[],
  rows: Iterable<Row> | AsyncIterable<Row>,
  options?: CsvOptions,
): Promise<string> {
  const columns = types.map((type, index) => column(type, `c${index}`));
  return (await allOf(csvChunks(columns, rows, options))).join('');
}
const cell = async (type: ColumnType, value: Cell) =>
  (await csv([type, 'text'], [[value, 'x']])).slice('c0,c1\r\n'.length, -',x\r\n'.length);

describe('csvChunks', () => {
  it('writes a header and lines that end in CRLF', async () => {
    const columns = [
      column('text', 'Name'),
      column('texts', 'DNS, all'),
      column('flag'),
      column('decimal'),
      column('date'),
    ];
    const rows: Row[] = [
      ['a.example', ['a.example', '*.b.example'], true, '238.00', '2026-11-23'],
      [null, [], false, -0.02, null],
    ];
    const text = (await allOf(csvChunks(columns, rows))).join('');
    expect(text).toBe(
      'Name,"DNS, all",flag,decimal,date\r\n' +
        'a.example,"a.example,*.b.example",true,238.00,2026-11-23\r\n' +
        ',,false,-0.02,\r\n',
    );
  });

  it('writes the header alone when there are no rows, with a byte-order mark when asked', async () => {
    expect(await csv(['text'], [])).toBe('c0\r\n');
    expect(await csv(['text'], [], { byteOrderMark: true })).toBe('\uFEFFc0\r\n');
  });

  it('disarms text that would be a formula', async () => {
    expect(await cell('text', '=1+1')).toBe("'=1+1");
    expect(await cell('text', '+49 30 1')).toBe("'+49 30 1");
    expect(await cell('text', '-2')).toBe("'-2");
    expect(await cell('text', '@SUM(A1)')).toBe("'@SUM(A1)");
    expect(await cell('text', '\t=1')).toBe('"\'\t=1"');
    expect(await cell('text', '\r=1')).toBe('"\'\r=1"');
    expect(await cell('text', '=HYPERLINK("http://x","y")')).toBe(`"'=HYPERLINK(""http://x"",""y"")"`);
    expect(await cell('text', '\0=1')).toBe(`"'\0=1"`);
    expect(await cell('text', '＝1')).toBe("'＝1");
    expect(await cell('texts', ['=1', 'b'])).toBe(`"'=1,b"`);
    expect(await cell('integer', '=1')).toBe("'=1");
    expect(await cell('date', '-2+3')).toBe("'-2+3");
    expect(await cell('decimal', '-2+3')).toBe("'-2+3");
    expect((await allOf(csvChunks([column('text', '=cmd')], []))).join('')).toBe("'=cmd\r\n");
  });

  it('leaves numbers and days as they are', async () => {
    expect(await cell('decimal', -0.02)).toBe('-0.02');
    expect(await cell('decimal', '-238.00')).toBe('-238.00');
    expect(await cell('integer', -5)).toBe('-5');
    expect(await cell('timestamp', '2026-11-23T08:15:00Z')).toBe('2026-11-23T08:15:00Z');
    expect(await cell('text', '00123456789012345678')).toBe('00123456789012345678');
  });

  it('writes a lone empty cell so that it is no empty line', async () => {
    expect(await csv(['text'], [[null], ['']])).toBe('c0\r\n""\r\n""\r\n');
  });

  it('keeps line ends and quotes inside a cell', async () => {
    expect(await cell('text', 'a\nb\r\n"c"')).toBe('"a\nb\r\n""c"""');
    expect(await cell('text', ' padded ')).toBe('" padded "');
    expect(await cell('text', 'München 😀')).toBe('München 😀');
  });

  it('reads rows as they come and gives chunks of about 64 KB', async () => {
    async function* rows() {
      for (let index = 0; index < 10_000; index += 1) yield ['x'.repeat(50)];
    }
    const chunks = await allOf(csvChunks([column('text')], rows()));
    expect(chunks).toHaveLength(8);
    for (const chunk of chunks) expect(chunk.length).toBeLessThan(66_000);
    expect(chunks.join('').split('\r\n')).toHaveLength(10_002);
  });

  it('passes on the failure of its rows', async () => {
    function* rows(): Generator<Row> {
      yield ['a'];
      throw new Error('gone');
    }
    await expect(allOf(csvChunks([column('text')], rows()))).rejects.toThrow('gone');
  });

  it('is read back as it was by a strict reader, and no cell is a formula', async () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({
        unit: fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '"', ',', "'", ' ', '\0', 'a', '1', ';', '＝'),
      }),
    );
    const value: fc.Arbitrary<Cell> = fc.oneof(
      hostile,
      fc.constant(null),
      fc.integer(),
      fc.boolean(),
      fc.array(hostile, { maxLength: 3 }),
    );
    const table = fc.integer({ min: 1, max: 5 }).chain((width) =>
      fc.record({
        types: fc.array(
          fc.constantFrom<ColumnType>('text', 'texts', 'integer', 'decimal', 'flag', 'date', 'timestamp'),
          { minLength: width, maxLength: width },
        ),
        rows: fc.array(fc.array(value, { minLength: width, maxLength: width }), { maxLength: 5 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(table, fc.boolean(), async ({ types, rows }, byteOrderMark) => {
        const text = await csv(types, rows, { byteOrderMark });
        const [header, ...read] = parse(text, {
          bom: true,
          record_delimiter: '\r\n',
          relax_quotes: false,
          relax_column_count: false,
        }) as string[][];
        expect(header).toHaveLength(types.length);
        expect(read).toHaveLength(rows.length);
        rows.forEach((row, y) =>
          row.forEach((given, x) => {
            const got = read[y]![x]!;
            const meant = Array.isArray(given) ? given.join(',') : String(given ?? '');
            expect([meant, `'${meant}`]).toContain(got);
            if (typeof given === 'string' && types[x] === 'text') expect(got).not.toMatch(/^\0*[=+\-@\t\r]/);
            if (/^[=+\-@\t\r]/.test(got)) expect(got).toMatch(/^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/);
          }),
        );
      }),
      { numRuns: 500 },
    );
  });
});
