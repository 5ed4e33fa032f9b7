import { describe, expect, it } from '@jest/globals';
import { differenceOf, NotComparable, type ChangedRow, type Snapshot, type SnapshotRow } from './difference.ts';

const snapshot = (rows: readonly SnapshotRow[], columns = ['id', 'name', 'cost']): Snapshot => ({
  columns,
  async *rows() {
    yield* rows;
  },
});
async function compare(before: readonly SnapshotRow[], after: readonly SnapshotRow[], key = ['id']) {
  const { rows, ...counts } = await differenceOf(snapshot(before), snapshot(after), key);
  const all: ChangedRow[] = [];
  for await (const row of rows) all.push(row);
  return { counts, rows: all };
}

describe('differenceOf', () => {
  it('names what was added, removed and changed, and in which columns', async () => {
    const { counts, rows } = await compare(
      [
        ['1', 'a', 5],
        ['2', 'b', 5],
        ['3', 'c', null],
      ],
      [
        ['3', 'c', 7],
        ['1', 'a', 5],
        ['4', 'd', 1],
      ],
    );
    expect(counts).toEqual({ added: 1, removed: 1, changed: 1 });
    expect(rows).toEqual([
      { kind: 'removed', key: '2', columns: [], before: ['2', 'b', 5], after: null },
      { kind: 'changed', key: '3', columns: ['cost'], before: ['3', 'c', null], after: ['3', 'c', 7] },
      { kind: 'added', key: '4', columns: [], before: null, after: ['4', 'd', 1] },
    ]);
  });

  it('is empty for the same rows in another order', async () => {
    const { counts, rows } = await compare(
      [
        ['1', 'a', 1],
        ['2', 'b', 2],
      ],
      [
        ['2', 'b', 2],
        ['1', 'a', 1],
      ],
    );
    expect(counts).toEqual({ added: 0, removed: 0, changed: 0 });
    expect(rows).toEqual([]);
  });

  it('takes rows of one key one by one', async () => {
    const { counts } = await compare(
      [
        ['1', 'a', 1],
        ['1', 'b', 2],
      ],
      [['1', 'a', 1]],
    );
    expect(counts).toEqual({ added: 0, removed: 1, changed: 0 });
  });

  it('lists what differs and nothing else where rows share a key, whatever comes before them', async () => {
    const { counts, rows } = await compare(
      [
        ['1', 'a', 1],
        ['1', 'b', 2],
        ['1', 'c', 3],
      ],
      [
        ['1', 'new', 0],
        ['1', 'a', 1],
        ['1', 'b', 4],
        ['1', 'c', 3],
      ],
    );
    expect(counts).toEqual({ added: 1, removed: 0, changed: 1 });
    expect(rows.map(({ kind, before, after }) => [kind, before?.[1] ?? null, after?.[1] ?? null])).toEqual([
      ['changed', 'b', 'new'],
      ['added', null, 'b'],
    ]);
  });

  it('takes keys of several columns, whatever stands in them', async () => {
    const { rows } = await compare([['a/b', 'c', 1]], [['a', 'b/c', 1]], ['id', 'name']);
    expect(rows.map(({ kind, key }) => [kind, key])).toEqual([
      ['removed', 'a/b / c'],
      ['added', 'a / b/c'],
    ]);
  });

  it('refuses a key that one of the runs does not have', async () => {
    const other = snapshot([], ['id']);
    await expect(differenceOf(other, snapshot([]), ['name'])).rejects.toThrow(NotComparable);
  });

  it('calls a row changed when a column came', async () => {
    const before = snapshot([['1']], ['id']);
    const { changed, rows } = await differenceOf(before, snapshot([['1', 'a', null]]), ['id']);
    expect(changed).toBe(1);
    for await (const row of rows) expect(row.columns).toEqual(['name']);
  });
});
