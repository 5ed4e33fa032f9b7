import type { Cell, Column, ColumnType, Row } from '@certfolio/templates';
import { textChunks } from './text-chunks.ts';

export type CsvColumn = Pick<Column, 'title' | 'type'>;

export interface CsvOptions {
  /** Begins the file with U+FEFF, by which spreadsheets on Windows know UTF-8. */
  readonly byteOrderMark?: boolean;
}

/**
 * Writes rows as CSV after RFC 4180: a header of titles, commas, CRLF after every line, quotes only where needed, UTF-8.
 *
 * - Text that a spreadsheet would run as a formula, because it begins with `=`, `+`, `-`, `@`, tab, carriage return or the
 *   full-width forms of the four, gets an apostrophe in front; so does one with U+0000 before these, which some programs
 *   drop. Only text does: numbers, days and instants stay as they are and −0.02 remains a number. What a numeric column has
 *   that is no number counts as text.
 * - Lists are one cell with commas and no space between, as CertCentral writes them.
 * - Null is an empty cell, flags are `true` and `false`. Every other character stays as it is, line ends and U+0000 too.
 *
 * Yields chunks of about 64 KB; holds no more than one.
 */
export function csvChunks(
  columns: readonly CsvColumn[],
  rows: Iterable<Row> | AsyncIterable<Row>,
  { byteOrderMark = false }: CsvOptions = {},
): AsyncGenerator<string> {
  const types = columns.map(({ type }) => type);
  const lineOf = (row: Row): string => {
    let line = '';
    for (let index = 0; index < types.length; index += 1) {
      if (index > 0) line += ',';
      line += csvCell(row[index] ?? null, types[index]!);
    }
    // A lone empty cell would read as an empty line, which readers skip.
    return line === '' ? '""\r\n' : `${line}\r\n`;
  };
  const header = columns.map(({ title }) => csvCell(title, 'text')).join(',');
  return textChunks(rows, lineOf, `${byteOrderMark ? '\uFEFF' : ''}${header}\r\n`);
}

function csvCell(cell: Cell, type: ColumnType): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : '';
  if (typeof cell === 'boolean') return cell ? 'true' : 'false';
  const text = typeof cell === 'string' ? cell : cell.join(',');
  if (harmless.test(text)) return text;
  const safe = startsFormula.test(text) && !isPlainNumber(text, type) ? `'${text}` : text;
  return needsQuotes.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const startsFormula = /^\0*[=+\-@\t\r＝＋－＠]/;
const needsQuotes = /[",\r\n\t\0]|^ | $/;
/** What most cells are made of: nothing to escape, and nothing at the beginning that starts a formula. */
const harmless = /^[\w.:/*][\w.:/*@+-]*$/;

/** Numbers that arrive as text, such as `-238.00`; a day never begins like a formula. */
function isPlainNumber(text: string, type: ColumnType): boolean {
  return (type === 'integer' || type === 'decimal') && /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text);
}
