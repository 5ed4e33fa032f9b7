import Table from 'cli-table3';
import type { Terminal } from '../terminal.ts';
import { printableLine } from './printable.ts';

const gap = 2;
/** A cell of a table that goes to a file or pipe, where no line is too long, is cut only here. */
const widestCell = 80;
const narrowestCell = 8;

/** Columns side by side without borders, cells cut with `…` so that a row stays on one line of the terminal. */
export function renderTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  terminal: Pick<Terminal, 'columns' | 'paint'>,
): string {
  const heads = titles.map(printableLine);
  const cells = rows.map((row) => row.map(printableLine));
  const natural = heads.map((head, column) =>
    Math.min(
      widestCell,
      cells.reduce((widest, row) => Math.max(widest, textWidth(row[column] ?? '')), textWidth(head)),
    ),
  );
  const widths = terminal.columns === null ? natural : fitWidths(natural, terminal.columns - gap * heads.length);
  const table = new Table({
    head: heads.map((head) => terminal.paint('bold', head)),
    colWidths: widths.map((width) => width + gap),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': gap },
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '',
    },
  });
  for (const row of cells) table.push([...row]);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Takes from the widest columns first until the sum fits; below eight characters a column is of no use and is left. */
export function fitWidths(natural: readonly number[], available: number): number[] {
  const widths = [...natural];
  let over = widths.reduce((sum, width) => sum + width, 0) - available;
  while (over > 0) {
    const widest = Math.max(...widths);
    if (widest <= narrowestCell) break;
    widths[widths.indexOf(widest)] = widest - 1;
    over -= 1;
  }
  return widths;
}

const wide = /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}]/u;

/** Places a text takes in a terminal, near enough to choose widths; the table itself cuts exactly. */
function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += wide.test(character) ? 2 : 1;
  return width;
}
