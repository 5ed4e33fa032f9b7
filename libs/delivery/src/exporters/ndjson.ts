import type { Cell, Column, Row } from '@certfolio/templates';
import { textChunks } from './text-chunks.ts';

export type NdjsonColumn = Pick<Column, 'title' | 'type'>;

/**
 * Writes rows as newline-delimited JSON: one object per line with the titles as members, in the order of the columns.
 * Every row has every member; what has no value is null. Decimals stay text, so that no amount is rounded.
 * Of columns with the same title the last one counts, as for any JSON object; checked templates have none.
 *
 * Yields chunks of about 64 KB; holds no more than one.
 */
export function ndjsonChunks(
  columns: readonly NdjsonColumn[],
  rows: Iterable<Row> | AsyncIterable<Row>,
): AsyncGenerator<string> {
  const members = columns.map(({ title }, index) => `${index === 0 ? '' : ','}${JSON.stringify(title)}:`);
  return textChunks(rows, (row) => {
    let line = '{';
    for (let index = 0; index < members.length; index += 1) line += members[index]! + jsonOf(row[index] ?? null);
    return `${line}}\n`;
  });
}

function jsonOf(cell: Cell): string {
  return typeof cell === 'number' && !Number.isFinite(cell) ? 'null' : JSON.stringify(cell);
}
