import { renderTable } from '../../output/table.ts';
import type { Terminal } from '../../terminal.ts';
import type { JsonAnswer } from './json-answer.ts';

/** The rows as a table, columns in the order of the first row that has them. */
export function answerTable({ rows }: JsonAnswer, terminal: Pick<Terminal, 'columns' | 'paint'>): string {
  const titles = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  return renderTable(
    titles,
    rows.map((row) => titles.map((title) => cellText(row.get(title)))),
    terminal,
  );
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(cellText).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
