import type { Column, Template } from './template.ts';

/** A cell's value: text, number, flag, list of texts, or nothing. Days, instants and decimals are text. */
export type Cell = string | number | boolean | readonly string[] | null;

/** The cells of a row, in the order of the columns. */
export type Row = readonly Cell[];

/**
 * The rows of an answer, each as cells in the order of the template's columns: the one source of every export format.
 *
 * @param data the `data` of an answer to any variant of the template's document
 */
export function* rowsOf(data: unknown, { rows, columns }: Pick<Template, 'rows' | 'columns'>): Generator<Row> {
  for (const object of rowObjects(data, rows)) yield columns.map((column) => cellOf(object, column));
}

/** The objects at the row path, through lists and past nulls, as the answer has them. */
export function* rowObjects(data: unknown, path: readonly string[]): Generator<object> {
  if (data === null || typeof data !== 'object') return;
  if (Array.isArray(data)) {
    for (const element of data) yield* rowObjects(element, path);
    return;
  }
  const [key, ...rest] = path;
  if (key === undefined) yield data;
  else yield* rowObjects(member(data, key), rest);
}

export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
}

/** Where the next page of an answer begins; null when the answer has no page information. */
export function pageInfoOf(data: unknown, path: readonly string[]): PageInfo | null {
  let value = data;
  for (const key of path) value = member(value, key);
  if (value === null || typeof value !== 'object') return null;
  const endCursor = member(value, 'endCursor');
  return {
    hasNextPage: member(value, 'hasNextPage') === true,
    endCursor: typeof endCursor === 'string' ? endCursor : null,
  };
}

/** A column that passes through a list of objects holds their values as `texts`. */
function cellOf(row: object, { path, type }: Column): Cell {
  const value = valueAt(row, path, 0);
  if (value === null || value === undefined) return null;
  if (type === 'texts')
    return (Array.isArray(value) ? value.flat(9) : [value]).filter((element) => element != null).map(textOf);
  if (Array.isArray(value)) return value.map(textOf);
  if (type === 'integer') return numberOf(value, /^-?\d{1,15}$/);
  if (type === 'flag') return flagOf(value);
  if (type === 'decimal') return typeof value === 'number' ? value : textOf(value);
  return textOf(value);
}

function valueAt(value: unknown, path: readonly string[], depth: number): unknown {
  if (depth === path.length || value === null || value === undefined) return value;
  if (Array.isArray(value)) return value.map((element) => valueAt(element, path, depth));
  return valueAt(member(value, path[depth]!), path, depth + 1);
}

function member(value: unknown, key: string): unknown {
  if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}

/** The compatible queries give numbers as text; what is no number stays the text it is. */
function numberOf(value: unknown, pattern: RegExp): Cell {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && pattern.test(value) ? Number(value) : textOf(value);
}

/** The compatible queries give flags as "0" and "1". */
function flagOf(value: unknown): Cell {
  if (typeof value === 'boolean') return value;
  if (value === '1' || value === 1) return true;
  if (value === '0' || value === 0) return false;
  return textOf(value);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
}
