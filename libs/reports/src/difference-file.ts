import type { ChangedRow, SnapshotRow } from './difference.ts';

export const differenceName = 'difference.csv';

/**
 * What changed as rows of a table: how, in which columns, then every column as it is now, or as it was for a row that is gone;
 * a changed row has a line for each side.
 */
export function differenceTable(
  columns: readonly string[],
  columnsBefore: readonly string[],
  rows: AsyncIterable<ChangedRow>,
): { readonly columns: readonly string[]; readonly rows: AsyncIterable<SnapshotRow> } {
  const cellsOf = (row: SnapshotRow, titles: readonly string[]) =>
    columns.map((title) => {
      const at = titles.indexOf(title);
      return at < 0 ? null : (row[at] ?? null);
    });
  async function* lines(): AsyncGenerator<SnapshotRow> {
    for await (const { kind, columns: changed, before, after } of rows) {
      if (kind !== 'changed')
        yield [kind, '', ...(after === null ? cellsOf(before!, columnsBefore) : cellsOf(after, columns))];
      else {
        yield ['before', changed.join(','), ...cellsOf(before!, columnsBefore)];
        yield ['after', changed.join(','), ...cellsOf(after!, columns)];
      }
    }
  }
  return { columns: ['change', 'changed_columns', ...columns], rows: { [Symbol.asyncIterator]: lines } };
}
