import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ReadTable } from '@certfolio/testing/report-readers';
import { parse } from 'csv-parse/sync';

const run = promisify(execFile);
const python = '/usr/bin/python3';
const soffice = '/usr/bin/soffice';

export const findOpenpyxl = () => spawnSync(python, ['-c', 'import openpyxl']).status === 0;
export const findSoffice = () => existsSync(soffice);

const script = `
import datetime, json, openpyxl, sys
from openpyxl.utils.escape import unescape
sheet = openpyxl.load_workbook(sys.argv[1])['Report']
def value(cell):
    v = cell.value
    if isinstance(v, datetime.datetime):
        return v.strftime('%Y-%m-%d %H:%M:%S') if 'h' in cell.number_format else '%04d-%02d-%02d' % (v.year, v.month, v.day)
    # openpyxl leaves the escapes of the format to its caller
    return unescape(v) if isinstance(v, str) else v
rows = [[value(cell) for cell in row] for row in sheet.iter_rows()]
formulas = sum(cell.data_type == 'f' for row in sheet.iter_rows() for cell in row)
json.dump({'columns': rows[0], 'rows': rows[1:], 'formulas': formulas}, sys.stdout)
`;

/** The sheet "Report" as openpyxl has it. */
export async function sheetByOpenpyxl(
  file: Uint8Array,
  folder: string,
): Promise<ReadTable & { readonly formulas: number }> {
  const path = join(folder, 'by-openpyxl.xlsx');
  await writeFile(path, file);
  const { stdout } = await run(python, ['-c', script, path], { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout) as ReadTable & { formulas: number };
}

/** The first sheet as LibreOffice shows it, saved as CSV. */
export async function sheetBySoffice(file: Uint8Array, folder: string): Promise<ReadTable> {
  const path = join(folder, 'by-soffice.xlsx');
  await writeFile(path, file);
  // Comma, double quote, UTF-8, from the first line, every text cell quoted.
  const filter = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true';
  await run(soffice, [
    `-env:UserInstallation=file://${folder}/soffice`,
    '--headless',
    '--convert-to',
    filter,
    '--outdir',
    folder,
    path,
  ]);
  const [columns = [], ...rows] = parse(await readFile(join(folder, 'by-soffice.csv')), {
    relax_column_count: false,
  }) as string[][];
  return { columns, rows };
}
