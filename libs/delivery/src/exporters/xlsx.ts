import { Readable } from 'node:stream';
import type { Cell, Column, ColumnType, Row } from '@certfolio/templates';
import { ZipFile } from 'yazl';
import { factLines, type ReportFacts } from './report-facts.ts';
import { textChunks } from './text-chunks.ts';
import { columnName, dayNumber, instantNumber, xmlText } from './xlsx-values.ts';

export type XlsxColumn = Pick<Column, 'title' | 'type'>;

/** Of a sheet and of a cell. Source: "Excel specifications and limits", support.microsoft.com (read 2026-11). */
const maxSheetRows = 1_048_576;
const maxCellChars = 32_767;

/** Rows that are looked at to choose widths, and held until they were. */
const sampledRows = 100;
const minWidth = 8;
const maxWidth = 60;

/** The parts of the file all bear the first day that a ZIP can name. */
const zipTime = new Date(1980, 0, 1);

export interface XlsxOptions {
  /** Rows of a sheet, its header included; the rest goes to further sheets. Default Excel's own limit. */
  readonly sheetRows?: number;
}

/**
 * Writes rows as an Office Open XML workbook: sheet "Report" with a frozen header, a filter on every column, widths and
 * typed cells, and sheet "About" that says what the report is, how many rows it has and how old they are.
 *
 * - Days and instants (UTC) are dates, numbers are numbers, flags are booleans. Text is text, whatever it begins with, so
 *   no cell is ever a formula; so are ids, and what a typed column has that is not of its type.
 * - Lists are one cell with commas, as in CSV. Null is an empty cell.
 * - More rows than a sheet takes go on in "Report 2"; text longer than a cell takes is cut, ends in "…", and "About" counts it.
 *
 * Streams: holds the first 100 rows and a few compressed blocks, not the report.
 *
 * @param facts asked for after the last row
 */
export async function* xlsxChunks(
  columns: readonly XlsxColumn[],
  rows: AsyncIterable<Row> | Iterable<Row>,
  facts: () => ReportFacts,
  { sheetRows = maxSheetRows }: XlsxOptions = {},
): AsyncGenerator<Uint8Array> {
  const cut = { cells: 0 };
  const zip = new ZipFile();
  const sheets = new SheetRows(rows, sheetRows - 1);
  const writing = (async () => {
    const names: string[] = [];
    // A report without rows still has its sheet.
    do {
      names.push(names.length === 0 ? 'Report' : `Report ${names.length + 1}`);
      await addPart(zip, `xl/worksheets/sheet${names.length}.xml`, reportSheet(columns, sheets, cut));
    } while (await sheets.hasMore());
    names.push('About');
    await addPart(zip, `xl/worksheets/sheet${names.length}.xml`, aboutSheet(facts(), cut.cells));
    for (const [path, xml] of workbookParts(names))
      zip.addBuffer(Buffer.from(xml), path, { compress: true, mtime: zipTime });
    zip.end();
  })();
  // A failure of the rows reaches the reader of the file, and ends the file where it is.
  const output = zip.outputStream as Readable;
  writing.catch((error: Error) => output.destroy(error));
  try {
    for await (const chunk of output) yield chunk as Uint8Array;
    await writing;
  } finally {
    output.destroy();
    await sheets.close();
  }
}

/** Resolves when the part has been read to its end: the next one is begun then, since they share the rows. */
function addPart(zip: ZipFile, path: string, text: AsyncGenerator<string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const source = Readable.from(text, { objectMode: false, encoding: 'utf8' });
    source.once('end', resolve).once('error', reject);
    zip.addReadStreamLazy(path, { compress: true, mtime: zipTime }, (handOver) => handOver(null, source));
  });
}

/** Gives the rows of one sheet after the other. */
class SheetRows {
  readonly #rows: AsyncIterator<Row> | Iterator<Row>;
  readonly #perSheet: number;
  #next: IteratorResult<Row> | null = null;

  constructor(rows: AsyncIterable<Row> | Iterable<Row>, perSheet: number) {
    this.#rows = Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator]();
    this.#perSheet = perSheet;
  }

  async hasMore(): Promise<boolean> {
    this.#next ??= await this.#rows.next();
    return this.#next.done !== true;
  }

  async *ofSheet(): AsyncGenerator<Row> {
    for (let taken = 0; taken < this.#perSheet && (await this.hasMore()); taken += 1) {
      const { value } = this.#next!;
      this.#next = null;
      yield value as Row;
    }
  }

  async close(): Promise<void> {
    await this.#rows.return?.();
  }
}

const xmlHead = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const mainNamespace = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

/** Indexes of `cellXfs` in the style part. */
const styleOf = { plain: 0, header: 1, date: 2, timestamp: 3 } as const;

async function* reportSheet(
  columns: readonly XlsxColumn[],
  sheets: SheetRows,
  cut: { cells: number },
): AsyncGenerator<string> {
  const rows = sheets.ofSheet();
  const sample: Row[] = [];
  while (sample.length < sampledRows) {
    const next = await rows.next();
    if (next.done === true) break;
    sample.push(next.value);
  }
  const widths = columns.map((column, index) => widthOf(column, sample, index));
  const cols = widths.map(
    (width, index) => `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`,
  );
  const header = columns
    .map(({ title }, index) => textCell(`${columnName(index)}1`, title, styleOf.header, cut))
    .join('');
  const begin =
    `${xmlHead}<worksheet xmlns="${mainNamespace}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>` +
    `<cols>${cols.join('')}</cols><sheetData><row r="1">${header}</row>`;

  const letters = columns.map((_, index) => columnName(index));
  let line = 1;
  const rowXml = (row: Row): string => {
    line += 1;
    let cells = '';
    for (let index = 0; index < letters.length; index += 1)
      cells += cellXml(`${letters[index]}${line}`, row[index] ?? null, columns[index]!.type, cut);
    return `<row r="${line}">${cells}</row>`;
  };
  async function* all(): AsyncGenerator<Row> {
    yield* sample;
    yield* rows;
  }
  yield* textChunks(all(), rowXml, begin);
  yield `</sheetData><autoFilter ref="A1:${columnName(columns.length - 1)}${line}"/></worksheet>`;
}

async function* aboutSheet(facts: ReportFacts, cutCells: number): AsyncGenerator<string> {
  const lines = [
    ...factLines(facts),
    ...(cutCells === 0 ? [] : ([['Cells cut', `${cutCells}, at ${maxCellChars} characters`]] as const)),
    ['Times', 'UTC'] as const,
  ];
  const cut = { cells: 0 };
  const rows = lines.map(
    ([label, value], index) =>
      `<row r="${index + 1}">${textCell(`A${index + 1}`, label, styleOf.header, cut)}${textCell(`B${index + 1}`, value, styleOf.plain, cut)}</row>`,
  );
  yield `${xmlHead}<worksheet xmlns="${mainNamespace}"><cols><col min="1" max="1" width="22" customWidth="1"/><col min="2" max="2" width="80" customWidth="1"/></cols><sheetData>${rows.join('')}</sheetData></worksheet>`;
}

function cellXml(place: string, cell: Cell, type: ColumnType, cut: { cells: number }): string {
  if (cell === null) return '';
  if (typeof cell === 'boolean') return `<c r="${place}" t="b"><v>${cell ? 1 : 0}</v></c>`;
  if (typeof cell === 'number') return Number.isFinite(cell) ? `<c r="${place}"><v>${cell}</v></c>` : '';
  if (typeof cell !== 'string') return textCell(place, cell.join(','), styleOf.plain, cut);
  const value = type === 'text' || type === 'texts' ? null : valueOf(cell, type);
  if (value === null) return textCell(place, cell, styleOf.plain, cut);
  const style = type === 'date' ? styleOf.date : type === 'timestamp' ? styleOf.timestamp : styleOf.plain;
  return `<c r="${place}"${style === styleOf.plain ? '' : ` s="${style}"`}><v>${value}</v></c>`;
}

/** The number that Excel shows as this; null when it is none. Numbers of more than 15 digits would lose some. */
function valueOf(text: string, type: ColumnType): number | string | null {
  if (type === 'date') return dayNumber(text);
  if (type === 'timestamp') return instantNumber(text);
  const isNumber = /^-?\d+(\.\d+)?$/.test(text) && text.replace(/\D/g, '').length <= 15;
  return (type === 'decimal' || type === 'integer') && isNumber ? text : null;
}

function textCell(place: string, text: string, style: number, cut: { cells: number }): string {
  let shown = text;
  if (text.length > maxCellChars) {
    cut.cells += 1;
    shown = `${text.slice(0, maxCellChars - 1)}…`;
  }
  const styled = style === styleOf.plain ? '' : ` s="${style}"`;
  return `<c r="${place}" t="inlineStr"${styled}><is><t xml:space="preserve">${xmlText(shown)}</t></is></c>`;
}

function widthOf({ title, type }: XlsxColumn, sample: readonly Row[], index: number): number {
  const typical = type === 'timestamp' ? 19 : type === 'date' ? 10 : 0;
  const longest = sample.reduce((most, row) => Math.max(most, shownLength(row[index] ?? null)), typical);
  // The filter's button covers about three characters of the title.
  return Math.min(maxWidth, Math.max(minWidth, title.length + 3, longest + 1));
}

function shownLength(cell: Cell): number {
  if (cell === null) return 0;
  return Array.isArray(cell) ? cell.join(',').length : String(cell).length;
}

function workbookParts(sheets: readonly string[]): readonly (readonly [path: string, xml: string])[] {
  const relationships = 'http://schemas.openxmlformats.org/package/2006/relationships';
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const types = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  const stylesId = sheets.length + 1;
  const overrides = sheets.map(
    (_, index) => `<Override PartName="/xl/worksheets/sheet${index + 1}.xml" ContentType="${types}.worksheet+xml"/>`,
  );
  const entries = sheets.map((name, index) => `<sheet name="${name}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`);
  const links = sheets.map(
    (_, index) =>
      `<Relationship Id="rId${index + 1}" Type="${office}/worksheet" Target="worksheets/sheet${index + 1}.xml"/>`,
  );
  return [
    [
      '[Content_Types].xml',
      `${xmlHead}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${types}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${types}.styles+xml"/>${overrides.join('')}</Types>`,
    ],
    [
      '_rels/.rels',
      `${xmlHead}<Relationships xmlns="${relationships}"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    ],
    [
      'xl/workbook.xml',
      `${xmlHead}<workbook xmlns="${mainNamespace}" xmlns:r="${office}"><sheets>${entries.join('')}</sheets></workbook>`,
    ],
    [
      'xl/_rels/workbook.xml.rels',
      `${xmlHead}<Relationships xmlns="${relationships}">${links.join('')}<Relationship Id="rId${stylesId}" Type="${office}/styles" Target="styles.xml"/></Relationships>`,
    ],
    ['xl/styles.xml', stylesXml],
  ];
}

/** In the order of `styleOf`: plain, bold, a day, an instant to the second. */
const stylesXml = `${xmlHead}<styleSheet xmlns="${mainNamespace}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;
