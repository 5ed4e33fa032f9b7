/**
 * Writes so many rows in a format, throws the file away and prints what it took: `node write-rows.ts xlsx 100000`. The rows are
 * made one by one, so that the memory is that of the exporter and of Node.
 */
import { readFileSync } from 'node:fs';
import type { Chart, ColumnType, Row } from '@certfolio/templates';
import { csvChunks, htmlChunks, ndjsonChunks, parquetChunks, xlsxChunks } from '../src/index.ts';
import { factsOfReport } from './a-report.ts';

const [format = 'xlsx', count = '100000'] = process.argv.slice(2);
const types: readonly ColumnType[] = ['text', 'date', 'timestamp', 'decimal', 'integer', 'flag', 'texts'];
const columns = Array.from({ length: 18 }, (_, index) => ({
  title: `column_${index}`,
  type: types[index % types.length]!,
}));
const chart: Chart = { kind: 'bars', by: 'column_1', unit: 'week', series: null, value: null };

async function* rows(): AsyncGenerator<Row> {
  for (let line = 0; line < Number(count); line += 1) {
    const id = Math.imul(line, 2_654_435_761) >>> 0;
    const valueOf = {
      text: `host-${id}.division-${id % 7}.example.test`,
      date: `2026-${String((id % 12) + 1).padStart(2, '0')}-${String((id % 28) + 1).padStart(2, '0')}`,
      timestamp: '2026-11-23T12:34:56.000Z',
      decimal: `${id % 5_000}.50`,
      integer: id,
      flag: id % 2 === 0,
      texts: [`www.host-${id}.example.test`, `api.host-${id}.example.test`],
    };
    yield columns.map(({ type }) => valueOf[type]);
  }
}

const facts = () => factsOfReport({ rows: Number(count), totalRows: Number(count) });
const writers = new Map<string, () => AsyncGenerator<string | Uint8Array>>([
  ['csv', () => csvChunks(columns, rows())],
  ['ndjson', () => ndjsonChunks(columns, rows())],
  ['html', () => htmlChunks(columns, rows(), facts, chart)],
  ['xlsx', () => xlsxChunks(columns, rows(), facts, { chart })],
  ['parquet', () => parquetChunks(columns, rows(), facts)],
]);
const beganMs = performance.now();
let bytes = 0;
for await (const chunk of writers.get(format)!()) bytes += chunk.length;
const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1];
console.log(
  JSON.stringify({
    format,
    rows: Number(count),
    bytes,
    peakMegabytes: Number(peak) / 1_024,
    ms: performance.now() - beganMs,
  }),
);
