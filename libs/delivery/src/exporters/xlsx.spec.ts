import { describe, expect, it } from '@jest/globals';
import type { Cell, ColumnType, Row } from '@certfolio/templates';
import fc from 'fast-check';
import { strFromU8, unzipSync } from 'fflate';
import { cutOff, factsOfReport } from '../../test/a-report.ts';
import { allOf } from '../../test/all-of.ts';
import { columnName, dayNumber, instantNumber, xmlText } from './xlsx-values.ts';
import { xlsxChunks, type XlsxOptions } from './xlsx.ts';

async function partsOf(
  types: readonly ColumnType[],
  rows: readonly Row[],
  options: XlsxOptions = {},
  facts = factsOfReport(),
) {
  const columns = types.map((type, index) => ({ type, title: `c${index}` }));
  const file = Buffer.concat(await allOf(xlsxChunks(columns, rows, () => facts, options)));
  return new Map(Object.entries(unzipSync(file)).map(([path, bytes]) => [path, strFromU8(bytes)]));
}

interface ReadCell {
  readonly kind: 'text' | 'number' | 'flag';
  readonly style: string;
  readonly value: string;
}

/** Cells by place, as a strict reader of the format takes them. */
function cellsOf(sheet: string): ReadonlyMap<string, ReadCell> {
  const found = [...sheet.matchAll(/<c r="([A-Z]+\d+)"(?: t="(\w+)")?(?: s="(\d)")?>(.*?)<\/c>/gs)];
  return new Map(
    found.map(([, place, type, style = '0', content]) => {
      const kind = type === 'inlineStr' ? 'text' : type === 'b' ? 'flag' : 'number';
      const inner = /<(?:t xml:space="preserve"|v)>(.*?)<\/[tv]>/s.exec(content!)![1]!;
      return [place!, { kind, style, value: kind === 'text' ? readText(inner) : inner }];
    }),
  );
}

const readText = (xml: string) =>
  xml
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));

describe('xlsxChunks', () => {
  it('writes cells of their types', async () => {
    const parts = await partsOf(
      ['text', 'integer', 'decimal', 'flag', 'date', 'timestamp', 'texts'],
      [
        ['00123', 5, '238.00', true, '2026-11-23', '2026-11-23T12:00:00Z', ['a', 'b']],
        [null, null, -0.02, false, null, null, []],
      ],
    );
    const cells = cellsOf(parts.get('xl/worksheets/sheet1.xml')!);
    expect(cells.get('A1')).toEqual({ kind: 'text', style: '1', value: 'c0' });
    expect(cells.get('A2')).toEqual({ kind: 'text', style: '0', value: '00123' });
    expect(cells.get('B2')).toEqual({ kind: 'number', style: '0', value: '5' });
    expect(cells.get('C2')).toEqual({ kind: 'number', style: '4', value: '238.00' });
    expect(cells.get('D2')).toEqual({ kind: 'flag', style: '8', value: '1' });
    // 2026-11-23 is day 46349 of Excel.
    expect(cells.get('E2')).toEqual({ kind: 'number', style: '2', value: '46349' });
    expect(cells.get('F2')).toEqual({ kind: 'number', style: '3', value: '46349.5' });
    expect(cells.get('G2')).toEqual({ kind: 'text', style: '0', value: 'a,b' });
    expect(cells.has('A3')).toBe(false);
    expect(cells.get('C3')).toEqual({ kind: 'number', style: '4', value: '-0.02' });
  });

  it('keeps as text what a typed column has that is not of its type, and numbers that would lose digits', async () => {
    const rows: Row[] = [['n/a', 'soon', '1234567890.1234567']];
    const cells = cellsOf((await partsOf(['integer', 'date', 'decimal'], rows)).get('xl/worksheets/sheet1.xml')!);
    for (const [place, value] of [
      ['A2', 'n/a'],
      ['B2', 'soon'],
      ['C2', '1234567890.1234567'],
    ] as const)
      expect(cells.get(place)).toEqual({ kind: 'text', style: '0', value });
  });

  it('freezes the header, filters every column and widens those that need it', async () => {
    const sheet = (
      await partsOf(
        ['text', 'date'],
        [
          ['x'.repeat(200), null],
          ['y', null],
        ],
      )
    ).get('xl/worksheets/sheet1.xml')!;
    expect(sheet).toContain('<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>');
    expect(sheet).toContain('<autoFilter ref="A1:B3"/>');
    expect(sheet).toContain('<col min="1" max="1" width="60" customWidth="1"/><col min="2" max="2" width="11"');
  });

  it('says beside the rows what the report is, with how many rows of how many', async () => {
    const facts = factsOfReport({ rows: 1_000, totalRows: 25_000, reads: cutOff });
    const about = cellsOf((await partsOf(['text'], [], {}, facts)).get('xl/worksheets/sheet2.xml')!);
    const told = new Map(
      [...about]
        .filter(([place]) => place.startsWith('A'))
        .map(([place, { value }]) => [value, about.get(place.replace('A', 'B'))!.value]),
    );
    expect(told.get('Report')).toBe('Expiring & co');
    expect(told.get('Rows')).toBe('1,000 of 25,000 rows');
    expect(told.get('Complete')).toBe('no, cut off at the row limit');
    expect(told.get('Template')).toBe('expiring-soon@2');
    expect(told.get('Data as of')).toBe('2026-11-23T12:00:00.000Z');
    expect(told.get('Variable statuses')).toBe('issued');
    expect(told.has('Variable nameLike')).toBe(false);
  });

  it('goes on in another sheet where one is full', async () => {
    const parts = await partsOf(['integer'], [[1], [2], [3], [4], [5]], { sheetRows: 3 });
    const names = [...parts.get('xl/workbook.xml')!.matchAll(/sheet name="([^"]+)"/g)].map(([, name]) => name);
    expect(names).toEqual(['Report', 'Report 2', 'Report 3', 'About']);
    const valuesOf = (sheet: number) =>
      [...cellsOf(parts.get(`xl/worksheets/sheet${sheet}.xml`)!).values()].map(({ value }) => value);
    expect([1, 2, 3].map(valuesOf)).toEqual([
      ['c0', '1', '2'],
      ['c0', '3', '4'],
      ['c0', '5'],
    ]);
  });

  it('cuts text that no cell takes and counts it', async () => {
    const parts = await partsOf(['text'], [['x'.repeat(40_000)]]);
    const { value } = cellsOf(parts.get('xl/worksheets/sheet1.xml')!).get('A2')!;
    expect(value).toHaveLength(32_767);
    expect(value.endsWith('x… [cut, 40000 characters; whole as CSV, NDJSON, JSON and Parquet]')).toBe(true);
    expect(parts.get('xl/worksheets/sheet2.xml')).toContain('1, at 32767 characters: Report!A2; whole as');
  });

  it('is the same bytes for the same rows, and every cell is read back as it was', async () => {
    const hostile = fc.string({
      unit: fc.constantFrom(
        '=',
        '+',
        '@',
        '\t',
        '\r',
        '\n',
        '\0',
        '\x1f',
        '<',
        '&',
        '"',
        ']]>',
        '_x0041_',
        '_',
        'é',
        '😀',
        '\ufffe',
        ' ',
      ),
    });
    const cell: fc.Arbitrary<Cell> = fc.oneof(
      hostile,
      fc.string({ unit: 'grapheme' }),
      fc.constant(null),
      fc.integer(),
      fc.boolean(),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell), { maxLength: 5 }), async (rows) => {
        const columns = [
          { title: 'a', type: 'text' },
          { title: 'b', type: 'decimal' },
        ] as const;
        const write = async () => Buffer.concat(await allOf(xlsxChunks(columns, rows, () => factsOfReport())));
        const file = await write();
        expect((await write()).equals(file)).toBe(true);
        const sheet = strFromU8(unzipSync(file)['xl/worksheets/sheet1.xml']!);
        const cells = cellsOf(sheet);
        rows.forEach((row, y) =>
          row.forEach((given, x) => {
            const got = cells.get(`${'AB'[x]}${y + 2}`);
            if (given === null) expect(got).toBeUndefined();
            else if (typeof given === 'string' && got!.kind === 'text') expect(got!.value).toBe(given.toWellFormed());
            else expect(got!.value).toBe(typeof given === 'boolean' ? String(Number(given)) : String(given));
          }),
        );
        expect(sheet).not.toContain('<f>');
      }),
      { numRuns: 100 },
    );
  });

  it('passes on the failure of its rows and lets them go when nobody reads on', async () => {
    let isClosed = false;
    async function* rows(): AsyncGenerator<Row> {
      try {
        yield ['a'];
        throw new Error('gone');
      } finally {
        isClosed = true;
      }
    }
    const columns = [{ title: 'a', type: 'text' }] as const;
    await expect(allOf(xlsxChunks(columns, rows(), () => factsOfReport()))).rejects.toThrow('gone');
    expect(isClosed).toBe(true);
  });

  it('reads no further ahead than it writes', async () => {
    let taken = 0;
    async function* rows(): AsyncGenerator<Row> {
      for (; taken < 200_000; taken += 1) yield [`${Math.imul(taken, 2_654_435_761)}-${taken}`];
    }
    const columns = [{ title: 'a', type: 'text' }] as const;
    const chunks = xlsxChunks(columns, rows(), () => factsOfReport());
    for (let read = 0; read < 3; read += 1) await chunks.next();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(taken).toBeLessThan(100_000);
    await chunks.return(undefined);
  });
});

describe('values', () => {
  it('names columns past Z', () => {
    expect([0, 25, 26, 701, 702].map(columnName)).toEqual(['A', 'Z', 'AA', 'ZZ', 'AAA']);
  });

  it('knows days and instants, and what is none', () => {
    expect(dayNumber('1900-03-01')).toBe(61);
    expect(dayNumber('1900-02-28')).toBeNull();
    expect(dayNumber('2026-02-30')).toBeNull();
    expect(instantNumber('2026-11-23T06:00:00+06:00')).toBe(46_349);
    expect(instantNumber('2026-11-23T06:00:00')).toBeNull();
    // With a time it would be number 60.25, a day of Excel that never was.
    expect(instantNumber('1900-02-28T06:00:00Z')).toBeNull();
  });

  it('writes what XML cannot hold so that a spreadsheet reads it back', () => {
    expect(xmlText('a\0_x0041_\r\ud800<')).toBe('a_x0000__x005F_x0041__x000D_\ufffd&lt;');
  });
});

describe('the chart of a workbook', () => {
  const columns = [
    { title: 'division', type: 'text' },
    { title: 'product', type: 'text' },
    { title: 'cost', type: 'decimal' },
  ] as const;
  const rows: Row[] = [
    ['North & South', 'a', '10.10'],
    ['North & South', 'b', '0.20'],
    ['East', 'a', '0.02'],
    [null, 'a', null],
  ];
  const chart = { kind: 'bars', by: 'division', unit: null, series: 'product', value: 'cost' } as const;
  const written = async (given: readonly Row[]) =>
    unzipSync(Buffer.concat(await allOf(xlsxChunks(columns, given, () => factsOfReport(), { chart }))));

  it('stands on a sheet of its own with the sums it is drawn of', async () => {
    const parts = await written(rows);
    expect(strFromU8(parts['xl/workbook.xml']!)).toContain('<sheet name="Chart" sheetId="2" r:id="rId2"/>');
    const cells = cellsOf(strFromU8(parts['xl/worksheets/sheet2.xml']!));
    const table = [18, 19, 20, 21].map((line) => ['A', 'B', 'C'].map((letter) => cells.get(`${letter}${line}`)!.value));
    expect(table).toEqual([
      ['division', 'a', 'b'],
      ['North & South', '10.1', '0.2'],
      ['East', '0.02', '0'],
      ['(none)', '0', '0'],
    ]);
    const drawn = strFromU8(parts['xl/charts/chart1.xml']!);
    expect(drawn).toContain('<c:f>Chart!$A$19:$A$21</c:f>');
    expect(drawn).toContain('<c:f>Chart!$C$19:$C$21</c:f>');
    expect(strFromU8(parts['[Content_Types].xml']!)).toContain('/xl/charts/chart1.xml');
  });

  it('is not there without rows', async () => {
    expect(Object.keys(await written([])).filter((path) => path.includes('chart'))).toEqual([]);
  });
});
