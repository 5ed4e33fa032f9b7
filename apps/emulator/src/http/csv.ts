import { type CsvBody } from './answer.ts';

/** Every value is quoted, empty ones too; the header line is bare. Source: vendor page "Order report". */
export function csvRow(values: readonly (string | null)[]): string {
  return `${values.map((value) => `"${(value ?? '').replaceAll('"', '""')}"`).join(',')}\n`;
}

function flatten(value: unknown, path: string, into: Map<string, string>): void {
  if (typeof value !== 'object' || value === null) {
    into.set(path, String(value ?? ''));
  } else if (Array.isArray(value)) {
    into.set(path, value.map((part) => (typeof part === 'object' ? JSON.stringify(part) : String(part))).join(','));
  } else {
    for (const [name, part] of Object.entries(value)) flatten(part, path === '' ? name : `${path}_${name}`, into);
  }
}

/** A list as CSV for `Accept: text/csv`: the paths of its JSON items as columns (the vendor's columns are not known). */
export function itemsAsCsv(items: readonly unknown[]): CsvBody {
  const rows = items.map((item) => {
    const row = new Map<string, string>();
    flatten(item, '', row);
    return row;
  });
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  async function* batches() {
    yield rows.map((row) => csvRow(columns.map((column) => row.get(column) ?? null)));
  }
  return { header: `${columns.join(',')}\n`, rows: batches() };
}
