import type { Cell, Column, ColumnType, Row } from '@certfolio/templates';
import { factLines, rowsStatement, type ReportFacts } from './report-facts.ts';
import { textChunks } from './text-chunks.ts';
import { mainNamespace, styleOf, xmlHead } from './xlsx-parts.ts';
import { columnName, dayNumber, instantNumber, maxCellChars, shownText, xmlText } from './xlsx-values.ts';

export type XlsxColumn = Pick<Column, 'title' | 'type'>;

/** Rows that are looked at to choose widths, and held until they were. */
const sampledRows = 100;
const minWidth = 8;
const maxWidth = 60;
/** Characters beside each other on a printed page that can still be read. */
const pageWidth = 200;
/** A row is no higher; what is longer can be read in the cell itself. */
const maxLines = 8;
const linePoints = 15;
/** Cut cells that "About" names; the rest is counted. */
const maxNamedCuts = 20;

/** Cells whose text was too long. */
export class CutCells {
  readonly #named: string[] = [];
  #count = 0;

  add(place: string): void {
    this.#count += 1;
    if (this.#named.length < maxNamedCuts) this.#named.push(place);
  }

  /** A line for "About"; none when nothing was cut. */
  lines(): readonly (readonly [label: string, value: string])[] {
    if (this.#count === 0) return [];
    const more = this.#count > this.#named.length ? ' and others' : '';
    return [
      [
        'Cells cut',
        `${this.#count}, at ${maxCellChars} characters: ${this.#named.join(', ')}${more}; whole as CSV, NDJSON, JSON and Parquet`,
      ],
    ];
  }
}

/** @param facts asked for after the last row */
export async function* reportSheet({
  name,
  columns,
  rows,
  facts,
  cut,
}: {
  readonly name: string;
  readonly columns: readonly XlsxColumn[];
  readonly rows: AsyncGenerator<Row>;
  readonly facts: () => ReportFacts;
  readonly cut: CutCells;
}): AsyncGenerator<string> {
  const sample: Row[] = [];
  while (sample.length < sampledRows) {
    const next = await rows.next();
    if (next.done === true) break;
    sample.push(next.value);
  }
  const lengths = columns.map((column, index) => lengthOf(column, sample, index));
  const widths = lengths.map((length) => Math.min(maxWidth, Math.max(minWidth, length)));
  const totalWidth = widths.reduce((sum, width) => sum + width, 0);
  const cols = widths.map(
    (width, index) => `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`,
  );
  // What is wider than its column would run over the next one, or end at it unseen.
  const textStyles = lengths.map((length) => (length > maxWidth ? styleOf.wrapped : styleOf.plain));
  const wrapped = textStyles.flatMap((style, index) => (style === styleOf.wrapped ? [index] : []));
  const noteCut = (place: string) => cut.add(`${name}!${place}`);
  const header = columns
    .map(({ title, type }, index) => textCell(`${columnName(index)}1`, title, headerStyle(type), noteCut))
    .join('');
  const begin =
    `${xmlHead}<worksheet xmlns="${mainNamespace}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>` +
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>' +
    `<cols>${cols.join('')}</cols><sheetData><row r="1">${header}</row>`;

  const letters = columns.map((_, index) => columnName(index));
  let line = 1;
  const rowXml = (row: Row): string => {
    line += 1;
    let cells = '';
    for (let index = 0; index < letters.length; index += 1) {
      const place = `${letters[index]}${line}`;
      cells += cellXml(place, row[index] ?? null, columns[index]!.type, textStyles[index]!, noteCut);
    }
    const lines = wrapped.length === 0 ? 1 : linesOf(row, wrapped);
    return `<row r="${line}"${lines === 1 ? '' : ` ht="${lines * linePoints}" customHeight="1"`}>${cells}</row>`;
  };
  async function* all(): AsyncGenerator<Row> {
    yield* sample;
    yield* rows;
  }
  yield* textChunks(all(), rowXml, begin);
  yield `</sheetData><autoFilter ref="A1:${columnName(columns.length - 1)}${line}"/>${printSetup(facts(), 'landscape', Math.ceil(totalWidth / pageWidth))}</worksheet>`;
}

const headerStyle = (type: ColumnType) =>
  type === 'integer' || type === 'decimal' ? styleOf.headerOfNumbers : styleOf.header;

export async function* aboutSheet(facts: ReportFacts, cut: CutCells): AsyncGenerator<string> {
  const lines = [...factLines(facts), ...cut.lines(), ['Times', 'UTC'] as const];
  const noteCut = () => undefined;
  const rows = lines.map(
    ([label, value], index) =>
      `<row r="${index + 1}">${textCell(`A${index + 1}`, label, styleOf.label, noteCut)}${textCell(`B${index + 1}`, value, styleOf.wrapped, noteCut)}</row>`,
  );
  yield `${xmlHead}<worksheet xmlns="${mainNamespace}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><cols><col min="1" max="1" width="22" customWidth="1"/><col min="2" max="2" width="90" customWidth="1"/></cols><sheetData>${rows.join('')}</sheetData>${printSetup(facts, 'portrait', 1)}</worksheet>`;
}

/** Columns on as few pages as can be read, and below them what the report is, whether it is whole, and which page this is. */
function printSetup(facts: ReportFacts, orientation: 'landscape' | 'portrait', pagesWide: number): string {
  const literal = (text: string) => text.replaceAll('&', '&&');
  // A footer takes 255 characters.
  const title = literal(facts.title.slice(0, 80));
  const part = facts.reads.truncated ? `&C${literal(rowsStatement(facts))}` : '';
  const footer = xmlText(`&L${title}${part}&R&P / &N`);
  return (
    '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/>' +
    `<pageSetup paperSize="9" orientation="${orientation}" fitToWidth="${pagesWide}" fitToHeight="0"/>` +
    `<headerFooter><oddFooter>${footer}</oddFooter></headerFooter>`
  );
}

type NoteCut = (place: string) => void;

function cellXml(place: string, cell: Cell, type: ColumnType, textStyle: number, noteCut: NoteCut): string {
  if (cell === null) return '';
  if (typeof cell === 'boolean') return `<c r="${place}" t="b"${styled(styleOf.flag)}><v>${cell ? 1 : 0}</v></c>`;
  if (typeof cell === 'number') {
    // What a column of days has that is only a number is none of them.
    return Number.isFinite(cell) ? valueCell(place, cell, type === 'decimal' ? type : 'integer') : '';
  }
  if (typeof cell !== 'string') return textCell(place, cell.join(','), textStyle, noteCut);
  const value = type === 'text' || type === 'texts' ? null : valueOf(cell, type);
  return value === null ? textCell(place, cell, textStyle, noteCut) : valueCell(place, value, type);
}

function valueCell(place: string, value: number | string, type: ColumnType): string {
  const style = type === 'date' || type === 'timestamp' || type === 'decimal' ? styleOf[type] : styleOf.plain;
  return `<c r="${place}"${styled(style)}><v>${value}</v></c>`;
}

/** The number that Excel shows as this; null when it is none. Numbers of more than 15 digits would lose some. */
function valueOf(text: string, type: ColumnType): number | string | null {
  if (type === 'date') return dayNumber(text);
  if (type === 'timestamp') return instantNumber(text);
  const isNumber = /^-?\d+(\.\d+)?$/.test(text) && text.replace(/\D/g, '').length <= 15;
  return (type === 'decimal' || type === 'integer') && isNumber ? text : null;
}

function textCell(place: string, text: string, style: number, noteCut: NoteCut): string {
  const { shown, isCut } = shownText(text);
  if (isCut) noteCut(place);
  return `<c r="${place}" t="inlineStr"${styled(style)}><is><t xml:space="preserve">${xmlText(shown)}</t></is></c>`;
}

const styled = (style: number) => (style === styleOf.plain ? '' : ` s="${style}"`);

/** How many lines the wrapped cells of a row take; not every program finds out when it opens a file. */
function linesOf(row: Row, wrapped: readonly number[]): number {
  let lines = 1;
  for (const index of wrapped) lines = Math.max(lines, Math.ceil(shownLength(row[index] ?? null, 'text') / maxWidth));
  return Math.min(lines, maxLines);
}

/** Characters that a column has to show. */
function lengthOf({ title, type }: XlsxColumn, sample: readonly Row[], index: number): number {
  const typical = type === 'timestamp' ? 19 : type === 'date' ? 10 : 0;
  const longest = sample.reduce((most, row) => Math.max(most, shownLength(row[index] ?? null, type)), typical);
  // Bold, and the filter's button covers about three characters of the title.
  return Math.max(Math.ceil(title.length * 1.1) + 3, longest + 1);
}

function shownLength(cell: Cell, type: ColumnType): number {
  if (cell === null) return 0;
  const length = Array.isArray(cell) ? cell.join(',').length : String(cell).length;
  // Groups of three digits are set apart, and two places are always shown.
  if (type === 'decimal') return length + Math.ceil(length / 3) + 2;
  // Widths count digits; letters are wider.
  return type === 'text' || type === 'texts' ? Math.ceil(length * 1.12) : length;
}
