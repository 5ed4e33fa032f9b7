import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { parse } from 'csv-parse';

/** Rows of a report file with different ids, as a reader that is not ours finds them. */
export async function countRows(format: string, path: string): Promise<number> {
  const counts = readers.get(format);
  if (counts === undefined) throw new Error(`Nothing here reads ${format}.`);
  return counts(path);
}

const readers = new Map<string, (path: string) => Promise<number>>([
  [
    'csv',
    async (path) => {
      const ids = new Set<string>();
      for await (const line of createReadStream(path).pipe(parse({ columns: true })))
        ids.add((line as { order_id: string }).order_id);
      return ids.size;
    },
  ],
  [
    'ndjson',
    async (path) => {
      const ids = new Set<string>();
      for await (const line of createInterface({ input: createReadStream(path) }))
        ids.add((JSON.parse(line) as { order_id: string }).order_id);
      return ids.size;
    },
  ],
  [
    'json',
    async (path) => {
      const { rows } = JSON.parse(await readFile(path, 'utf8')) as { rows: { order_id: string }[] };
      return new Set(rows.map(({ order_id }) => order_id)).size;
    },
  ],
  [
    'parquet',
    async (path) => {
      const connection = await (await DuckDBInstance.create(':memory:')).connect();
      const result = await connection.runAndReadAll(
        `select count(distinct order_id) from read_parquet('${path.replaceAll("'", "''")}')`,
      );
      connection.closeSync();
      return Number(result.getRows()[0]![0]);
    },
  ],
  [
    'xlsx',
    async (path) => {
      // In a process of its own: a workbook of this size takes more memory to read at once than V8 has by default.
      const code = `const { readFile, utils } = require('@e965/xlsx');
        const { Sheets } = readFile(process.argv[1], { dense: true, sheets: ['Report'] });
        const rows = utils.sheet_to_json(Sheets.Report, { header: 1 });
        const at = rows[0].indexOf('order_id');
        console.log(new Set(rows.slice(1).map((row) => row[at])).size);`;
      const { stdout } = await promisify(execFile)(process.execPath, ['--max-old-space-size=6000', '-e', code, path], {
        cwd: import.meta.dirname,
      });
      return Number(stdout);
    },
  ],
]);
