import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBDateValue, DuckDBInstance, DuckDBListValue, DuckDBTimestampValue } from '@duckdb/node-api';
import { read, utils, type CellObject } from '@e965/xlsx';
import { parse } from 'csv-parse/sync';

/** Files of reports as programs read them that share no code with the product. */
export type ReadCell = string | number | bigint | boolean | null | readonly string[];

export interface ReadTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly ReadCell[])[];
}

/** By csv-parse, which takes no line that RFC 4180 does not know. Every cell is text. */
export function readCsv(file: Uint8Array): ReadTable {
  const [columns = [], ...rows] = parse(Buffer.from(file), {
    bom: false,
    record_delimiter: '\r\n',
    relax_quotes: false,
    relax_column_count: false,
    skip_empty_lines: false,
  }) as string[][];
  return { columns, rows };
}

/** Line by line, each of them JSON with the same members in the same order. */
export function readNdjson(file: Uint8Array): ReadTable {
  const lines = Buffer.from(file).toString().split('\n');
  if (lines.pop() !== '') throw new Error('The last line does not end.');
  return tableOf(lines.map((line) => JSON.parse(line) as Readonly<Record<string, ReadCell>>));
}

export interface ReadJson extends ReadTable {
  readonly extensions: { readonly certfolio: Readonly<Record<string, unknown>> };
}

export function readJson(file: Uint8Array): ReadJson {
  const { rows, extensions } = JSON.parse(Buffer.from(file).toString()) as {
    readonly rows: readonly Readonly<Record<string, ReadCell>>[];
    readonly extensions: ReadJson['extensions'];
  };
  return { ...tableOf(rows), extensions };
}

function tableOf(objects: readonly Readonly<Record<string, ReadCell>>[]): ReadTable {
  const columns = Object.keys(objects[0] ?? {});
  return {
    columns,
    rows: objects.map((row) => {
      const cells = Object.entries(row);
      if (cells.length !== columns.length || cells.some(([title], at) => title !== columns[at]))
        throw new Error(`A row has other members than the first one: ${JSON.stringify(row).slice(0, 200)}`);
      return cells.map(([, cell]) => cell);
    }),
  };
}

export interface ReadWorkbook extends ReadTable {
  /** Of the sheet "About", label by label. */
  readonly about: ReadonlyMap<string, string>;
  readonly sheets: readonly string[];
}

/** By SheetJS. Days and instants are the text that the cell shows, everything else its value. */
export function readXlsx(file: Uint8Array): ReadWorkbook {
  const { Sheets, SheetNames } = read(file, { dense: true, cellNF: true, cellFormula: true });
  const [columns = [], ...rows] = SheetNames.filter((name) => /^Report( \d+)?$/.test(name)).flatMap((name, at) => {
    const sheet = Sheets[name]!;
    const width = utils.decode_range(sheet['!ref']!).e.c + 1;
    const lines = (sheet['!data'] ?? []).map((line) =>
      Array.from({ length: width }, (_, index) => valueOf(line?.[index])),
    );
    return at === 0 ? lines : lines.slice(1);
  });
  const about = utils.sheet_to_json<readonly unknown[]>(Sheets['About']!, { header: 1 });
  return {
    columns: columns.map(String),
    rows,
    about: new Map(about.map(([label, value]) => [String(label), String(value ?? '')])),
    sheets: SheetNames,
  };
}

function valueOf(cell: CellObject | undefined): ReadCell {
  if (cell === undefined) return null;
  if (cell.f !== undefined) throw new Error(`A cell is a formula: ${cell.f}`);
  if (cell.t === 'n') return /y/.test(String(cell.z)) ? String(cell.w) : (cell.v as number);
  return cell.v as string | boolean;
}

export interface ReadParquet extends ReadTable {
  /** As DuckDB names them, `DECIMAL(18,6)`. */
  readonly types: readonly string[];
  /** The key-value metadata of the file. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** By DuckDB. Days are `2026-11-23`, instants ISO 8601 in UTC, decimals text with all digits of their scale. */
export async function readParquet(file: Uint8Array): Promise<ReadParquet> {
  const folder = await mkdtemp(join(tmpdir(), 'certfolio-parquet-'));
  const path = join(folder, 'file.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await writeFile(path, file);
    const result = await connection.runAndReadAll(`select * from read_parquet('${path}')`);
    const metadata = await connection.runAndReadAll(
      `select decode(key), decode(value) from parquet_kv_metadata('${path}')`,
    );
    return {
      columns: result.columnNames(),
      types: result.columnTypes().map(String),
      rows: result.getRows().map((row) => row.map(parquetCell)),
      metadata: new Map(metadata.getRows().map(([key, value]) => [String(key), String(value)])),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

function parquetCell(value: unknown): ReadCell {
  if (value === null) return null;
  if (value instanceof DuckDBListValue) return value.items.map(String);
  if (value instanceof DuckDBTimestampValue) return new Date(Number(value.micros / 1_000n)).toISOString();
  if (value instanceof DuckDBDateValue) return value.toString();
  return typeof value === 'object' ? String(value) : (value as string | number | bigint | boolean);
}
