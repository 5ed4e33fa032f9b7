import { createHash } from 'node:crypto';

/** A cell as a snapshot holds it. */
export type SnapshotCell = string | number | boolean | readonly string[] | null;
export type SnapshotRow = readonly SnapshotCell[];

export interface ChangedRow {
  readonly kind: 'added' | 'removed' | 'changed';
  /** The cells that tell the row from others, joined by " / ". */
  readonly key: string;
  /** Titles of the columns that differ; empty unless changed. */
  readonly columns: readonly string[];
  readonly before: SnapshotRow | null;
  readonly after: SnapshotRow | null;
}

export interface Difference {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly rows: AsyncIterable<ChangedRow>;
}

export interface Snapshot {
  readonly columns: readonly string[];
  rows(): AsyncIterable<SnapshotRow>;
}

/** Rows whose hashes are compared; more are counted by nobody and the difference is refused. */
export const maxComparedRows = 500_000;

/** The two runs have too many rows, or rows of different columns, to be compared. */
export class NotComparable extends Error {}

/**
 * What was added, removed and changed from one run to the next, by the key columns. Rows of one key are told apart by their
 * order. Holds a hash per row of both sides and reads the earlier snapshot twice, never the rows of either.
 *
 * @param key titles of the key columns
 * @throws NotComparable
 */
export async function differenceOf(before: Snapshot, after: Snapshot, key: readonly string[]): Promise<Difference> {
  const columns = after.columns;
  const keyBefore = indexesOf(before.columns, key);
  const keyAfter = indexesOf(columns, key);
  const old = await hashesOf(before, keyBefore);
  const now = await hashesOf(after, keyAfter);
  let added = 0;
  let changed = 0;
  for (const [name, hash] of now) {
    const former = old.get(name);
    if (former === undefined) added += 1;
    else if (former !== hash) changed += 1;
  }
  const removed = old.size - (now.size - added);

  async function* rows(): AsyncGenerator<ChangedRow> {
    // Of the earlier rows only those are held that changed.
    const changedBefore = new Map<string, SnapshotRow>();
    for await (const [name, row] of named(before, keyBefore)) {
      const hash = now.get(name);
      if (hash === undefined)
        yield { kind: 'removed', key: shownKey(row, keyBefore), columns: [], before: row, after: null };
      else if (hash !== old.get(name)) changedBefore.set(name, row);
    }
    for await (const [name, row] of named(after, keyAfter)) {
      if (!old.has(name)) yield { kind: 'added', key: shownKey(row, keyAfter), columns: [], before: null, after: row };
      const former = changedBefore.get(name);
      if (former === undefined) continue;
      const differing = columns.filter((title, index) => {
        const at = before.columns.indexOf(title);
        return JSON.stringify(row[index] ?? null) !== JSON.stringify(at < 0 ? null : (former[at] ?? null));
      });
      yield { kind: 'changed', key: shownKey(row, keyAfter), columns: differing, before: former, after: row };
    }
  }
  return { added, removed, changed, rows: { [Symbol.asyncIterator]: rows } };
}

function indexesOf(columns: readonly string[], key: readonly string[]): readonly number[] {
  return key.map((title) => {
    const index = columns.indexOf(title);
    if (index < 0) throw new NotComparable(`There is no column "${title}" in both runs.`);
    return index;
  });
}

async function hashesOf(snapshot: Snapshot, key: readonly number[]): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  // Columns are part of the hash: a run of another version of the template has other rows.
  for await (const [name, row] of named(snapshot, key)) {
    if (hashes.size === maxComparedRows) throw new NotComparable(`There are more than ${maxComparedRows} rows.`);
    hashes.set(name, hashOf([snapshot.columns, row]));
  }
  return hashes;
}

/** Rows with a name that is unlike any other of the same snapshot. */
async function* named(snapshot: Snapshot, key: readonly number[]): AsyncGenerator<readonly [string, SnapshotRow]> {
  const twins = new Map<string, number>();
  for await (const row of snapshot.rows()) {
    const cells = hashOf(key.map((index) => row[index] ?? null));
    const twin = twins.get(cells) ?? 0;
    twins.set(cells, twin + 1);
    yield [twin === 0 ? cells : `${cells}#${twin}`, row];
  }
}

const hashOf = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);

const shownKey = (row: SnapshotRow, key: readonly number[]) =>
  key.map((index) => textOf(row[index] ?? null)).join(' / ');

const textOf = (cell: SnapshotCell) => (cell === null ? '' : typeof cell === 'object' ? cell.join(',') : String(cell));
