import type { Cell, Chart, Column, ColumnType, Row } from '@certfolio/templates';
import { captionOf } from './chart-caption.ts';
import { ChartCounter } from './chart-data.ts';
import { chartSvg } from './chart-svg.ts';
import { htmlText } from './html-text.ts';
import { factLines, type ReportFacts } from './report-facts.ts';
import { textChunks } from './text-chunks.ts';

export type HtmlColumn = Pick<Column, 'title' | 'type'>;

/**
 * Writes rows as one HTML page for reading, mail and print: what the report is, a chart drawn as SVG, and the table. No
 * script, nothing from elsewhere.
 *
 * Streams: the table goes out as rows come, the chart and the facts, which need all of them, follow it in the document and
 * are placed above it by style. Without style they stand below.
 *
 * @param facts asked for before the first row and after the last one
 */
export async function* htmlChunks(
  columns: readonly HtmlColumn[],
  rows: AsyncIterable<Row> | Iterable<Row>,
  facts: () => ReportFacts,
  chart: Chart | null,
): AsyncGenerator<string> {
  const { title, question } = facts();
  const counter = chart === null ? null : new ChartCounter(chart, columns);
  const header = columns.map(({ title: text, type }) => `<th scope="col"${classOf(type)}>${headingHtml(text)}</th>`);
  const size = columns.length > wideTable ? ' class="wide"' : '';
  const head = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${htmlText(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${htmlText(title)}</h1>
<p class="question">${htmlText(question)}</p>
<div class="table" role="region" aria-label="Rows" tabindex="0">
<table${size}>
<thead><tr>${header.join('')}</tr></thead>
<tbody>
`;
  const lineOf = (row: Row): string => {
    counter?.add(row);
    const cells = columns.map(({ type }, index) => cellHtml(row[index] ?? null, type));
    return `<tr>${cells.join('')}</tr>\n`;
  };
  yield* textChunks(rows, lineOf, head);
  const told = facts();
  const data = counter?.data() ?? null;
  const svg = data === null ? '' : chartSvg(data, title);
  const leftOut =
    data === null || data.rowsLeftOut === 0
      ? ''
      : ` ${data.rowsLeftOut} rows without "${data.chart.by}" are not in it.`;
  const figure =
    svg === '' ? '' : `<figure>${svg}<figcaption>${htmlText(captionOf(chart!) + leftOut)}</figcaption></figure>\n`;
  // Title and question stand above the table already.
  const list = factLines(told)
    .slice(2)
    .map(([label, value]) => `<dt>${htmlText(label)}</dt><dd>${htmlText(value)}</dd>`);
  const empty = told.rows === 0 ? '<p class="empty">No rows.</p>\n' : '';
  yield `</tbody>
</table>
</div>
${empty}${figure}<dl${told.reads.truncated || told.reads.stale ? ' class="warning"' : ''}>${list.join('')}</dl>
</main>
</body>
</html>
`;
}

const classes: Readonly<Partial<Record<ColumnType, string>>> = {
  integer: ' class="number"',
  decimal: ' class="number"',
  date: ' class="day"',
  timestamp: ' class="day"',
};
const classOf = (type: ColumnType) => classes[type] ?? '';

/** More columns than that are printed smaller. */
const wideTable = 9;
/** Characters from which on a text may be broken anywhere on paper, so that those beside it need not be. */
const longText = 18;

/** A name of a column may break after each of its words. */
const headingHtml = (title: string): string => htmlText(title).replaceAll('_', '_<wbr>');

function cellHtml(cell: Cell, type: ColumnType): string {
  if (cell === null) return '<td></td>';
  if (typeof cell === 'boolean') return `<td>${cell ? 'yes' : 'no'}</td>`;
  // A list may break between its members, on a screen never inside one.
  if (typeof cell === 'object') return `<td class="long">${membersHtml(cell)}</td>`;
  const text = type === 'decimal' ? grouped(String(cell)) : String(cell);
  const ofType = classOf(type);
  return `<td${ofType === '' && text.length > longText ? ' class="long"' : ofType}>${htmlText(text)}</td>`;
}

/** Each comma belongs to what it follows, wherever the line breaks. */
const membersHtml = (members: readonly string[]): string =>
  members.map((member, index) => `<span>${htmlText(member)}${index < members.length - 1 ? ',' : ''}</span>`).join(' ');

/** `1,234,567.50`: thousands set apart; a text that is no plain number stays as it is. */
function grouped(text: string): string {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(\.\d+)?$/.exec(text) ?? [];
  return whole === undefined ? text : `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${fraction}`;
}

const style = `
:root{color-scheme:light dark}
body{margin:0;font:14px/1.45 system-ui,sans-serif;background:Canvas;color:CanvasText}
main{display:flex;flex-direction:column;gap:12px;padding:24px}
h1{margin:0;font-size:22px}.question{margin:0}
h1,.question{order:-4}dl{order:-3}figure{order:-2}.empty{order:-1}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:0;overflow-wrap:anywhere}dt{font-weight:600}dd{margin:0}
dl.warning{border-left:4px solid #b45309;padding:6px 12px;background:#b453091a}
figure{margin:0;overflow-x:auto}figure svg{max-width:100%;height:auto;background:#fff}figcaption{font-size:12px}
.table{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;width:max-content}
th,td{padding:4px 10px;text-align:left;vertical-align:top;border-bottom:1px solid #8884;max-width:48ch;overflow-wrap:break-word}
th{white-space:nowrap;position:sticky;top:0;background:Canvas;border-bottom-color:currentColor}
th.number,td.number{text-align:right}.number,.day{white-space:nowrap}td span{display:inline-block;max-width:100%}
tbody tr:nth-child(even){background:#8881}
@page{size:landscape;margin:12mm}
@media print{main{padding:0}.table{overflow:visible}table{width:100%;font-size:8pt}.wide{font-size:6.5pt}thead{display:table-header-group}tr{break-inside:avoid}th,td{padding:2px 5px}.long{overflow-wrap:anywhere}th{position:static;white-space:normal}.day{white-space:nowrap}figure{break-inside:avoid}}
`.replaceAll('\n', '');
