import type { FieldNotes } from './walk-json.ts';

/** Rows of a CSV text as RFC 4180 has it; a quote that never closes ends with the text. */
export function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /("(?:[^"]|"")*"?|[^,\r\n]*)(,|\r\n|\n|\r|$)/y;
  const start = text.startsWith('\ufeff') ? 1 : 0;
  cell.lastIndex = start;
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    if (found === null) return rows;
    const [, content, end] = found as unknown as readonly [string, string, string]; // both groups always take part
    row.push(content.startsWith('"') ? content.slice(1).replace(/"$/, '').replaceAll('""', '"') : content);
    if (end === ',') {
      if (cell.lastIndex === text.length) row.push('');
      continue;
    }
    rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

/**
 * Compares two CSV texts column by column, by name; rows by the first column where it names each of them once, else by
 * position. Texts of equal cells that are not byte-equal (line ends, quotes, a byte order mark) differ in `csv#bytes`.
 */
export function walkCsv(legacy: string, graph: string, notes: FieldNotes): void {
  notes.seen('csv#bytes');
  let isDifferent = false;
  const inner: FieldNotes = {
    seen: (field) => notes.seen(field),
    differs(field, place, left, right) {
      isDifferent = true;
      notes.differs(field, place, left, right);
    },
  };
  const [left, right] = [csvRows(legacy), csvRows(graph)];
  const [leftNames, rightNames] = [namesOf(left[0] ?? []), namesOf(right[0] ?? [])];
  inner.seen('csv#columns');
  if (leftNames.join() !== rightNames.join())
    inner.differs('csv#columns', 'csv#columns', leftNames.join(', '), rightNames.join(', '));
  walkRows(left.slice(1), right.slice(1), [leftNames, rightNames], inner);
  if (!isDifferent && legacy !== graph) notes.differs('csv#bytes', 'csv#bytes', ...firstDifference(legacy, graph));
}

/** A name that comes again gets its number, so that each column has a name of its own. */
function namesOf(header: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return header.map((name) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  });
}

function walkRows(
  left: readonly (readonly string[])[],
  right: readonly (readonly string[])[],
  [leftNames, rightNames]: readonly [readonly string[], readonly string[]],
  notes: FieldNotes,
): void {
  notes.seen('csv[*]');
  const isNamed = [left, right].every((rows) => new Set(rows.map(([first]) => first)).size === rows.length);
  const keyed = (rows: readonly (readonly string[])[]) =>
    new Map(rows.map((row, at) => [isNamed ? (row[0] ?? '') : String(at), row] as const));
  const [leftRows, rightRows] = [keyed(left), keyed(right)];
  const column = new Map(rightNames.map((name, at) => [name, at]));
  const pairs = leftNames.map((name, at) => [`csv[*].${name}`, name, at, column.get(name)] as const);
  for (const [field] of pairs) notes.seen(field);
  for (const [key, row] of leftRows) {
    const other = rightRows.get(key);
    if (other === undefined) {
      notes.differs('csv[*]', `csv[${key}]`, key, undefined);
      continue;
    }
    for (const [field, name, at, otherAt] of pairs)
      if (otherAt !== undefined && row[at] !== other[otherAt])
        notes.differs(field, `csv[${key}].${name}`, row[at], other[otherAt]);
  }
  for (const key of rightRows.keys()) if (!leftRows.has(key)) notes.differs('csv[*]', `csv[${key}]`, undefined, key);
  const [leftOrder, rightOrder] = [[...leftRows.keys()], [...rightRows.keys()]];
  const first = leftOrder.findIndex((key, at) => key !== rightOrder[at]);
  const isSameSet = leftOrder.length === rightOrder.length && leftOrder.every((key) => rightRows.has(key));
  if (isSameSet && first !== -1) notes.differs('csv[*]#order', `csv[${first}]`, leftOrder[first], rightOrder[first]);
}

/** Where two texts part, as a few characters of each. */
function firstDifference(legacy: string, graph: string): readonly [string, string] {
  let at = 0;
  while (legacy[at] === graph[at]) at += 1;
  const around = (text: string) => text.slice(Math.max(0, at - 10), at + 10);
  return [around(legacy), around(graph)];
}
