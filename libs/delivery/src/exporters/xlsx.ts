import { Readable } from 'node:stream';
import type { Chart, Row } from '@certfolio/templates';
import { ZipFile } from 'yazl';
import { ChartCounter } from './chart-data.ts';
import type { ReportFacts } from './report-facts.ts';
import { chartOverrides, chartParts } from './xlsx-chart.ts';
import { workbookParts, type SheetEntry } from './xlsx-parts.ts';
import { aboutSheet, CutCells, reportSheet, type XlsxColumn } from './xlsx-sheets.ts';

export type { XlsxColumn } from './xlsx-sheets.ts';

/** Of a sheet. Source: "Excel specifications and limits", support.microsoft.com (read 2026-11). */
const maxSheetRows = 1_048_576;

/** The parts of the file all bear the first day that a ZIP can name. */
const zipTime = new Date(1980, 0, 1);

export interface XlsxOptions {
  /** Rows of a sheet, its header included; the rest goes to further sheets. Default Excel's own limit. */
  readonly sheetRows?: number;
  /** What sheet "Chart" draws; without one there is no such sheet. */
  readonly chart?: Chart | null;
}

/**
 * Writes rows as an Office Open XML workbook: sheet "Report" with a frozen header, a filter on every column, widths and
 * typed cells, sheet "Chart" where the template has one, and sheet "About" that says what the report is, how many rows it has
 * and how old they are.
 *
 * - Days from March 1900 on and instants (UTC) are dates, numbers are numbers, flags are booleans. Text is text, whatever it
 *   begins with, so no cell is ever a formula; so are ids, and what a typed column has that is not of its type.
 * - Lists are one cell with commas, as in CSV. Null is an empty cell.
 * - Characters that XML cannot hold are `_xHHHH_`, as Excel writes and reads them.
 * - More rows than a sheet takes go on in "Report 2". Text longer than a cell takes is cut, ends by saying so, and "About"
 *   counts and names such cells.
 *
 * Streams: holds the first 100 rows and a few compressed blocks, not the report.
 *
 * @param facts asked for after the last row
 */
export async function* xlsxChunks(
  columns: readonly XlsxColumn[],
  rows: AsyncIterable<Row> | Iterable<Row>,
  facts: () => ReportFacts,
  { sheetRows = maxSheetRows, chart = null }: XlsxOptions = {},
): AsyncGenerator<Uint8Array> {
  const cut = new CutCells();
  const zip = new ZipFile();
  const counter = chart === null ? null : new ChartCounter(chart, columns);
  const sheets = new SheetRows(rows, sheetRows - 1, counter);
  const writing = (async () => {
    const entries: SheetEntry[] = [];
    // A report without rows still has its sheet.
    do {
      const name = entries.length === 0 ? 'Report' : `Report ${entries.length + 1}`;
      entries.push({ name, isTable: true });
      const sheet = reportSheet({ name, columns, rows: sheets.ofSheet(), facts, cut });
      await addPart(zip, `xl/worksheets/sheet${entries.length}.xml`, sheet);
    } while (await sheets.hasMore());
    const data = counter?.data() ?? null;
    const drawn = data === null || data.categories.length === 0 ? [] : chartParts(data, entries.length + 1);
    if (drawn.length > 0) entries.push({ name: 'Chart', isTable: false });
    entries.push({ name: 'About', isTable: false });
    await addPart(zip, `xl/worksheets/sheet${entries.length}.xml`, aboutSheet(facts(), cut));
    for (const [path, xml] of [...drawn, ...workbookParts(entries, drawn.length === 0 ? '' : chartOverrides)])
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

/** Gives the rows of one sheet after the other, and counts them for the chart. */
class SheetRows {
  readonly #rows: AsyncIterator<Row> | Iterator<Row>;
  readonly #perSheet: number;
  readonly #counter: ChartCounter | null;
  #next: IteratorResult<Row> | null = null;

  constructor(rows: AsyncIterable<Row> | Iterable<Row>, perSheet: number, counter: ChartCounter | null) {
    this.#counter = counter;
    this.#rows = Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator]();
    this.#perSheet = perSheet;
  }

  async hasMore(): Promise<boolean> {
    this.#next ??= await this.#rows.next();
    return this.#next.done !== true;
  }

  async *ofSheet(): AsyncGenerator<Row> {
    for (let taken = 0; taken < this.#perSheet && (await this.hasMore()); taken += 1) {
      const row = this.#next!.value as Row;
      this.#next = null;
      this.#counter?.add(row);
      yield row;
    }
  }

  async close(): Promise<void> {
    await this.#rows.return?.();
  }
}
