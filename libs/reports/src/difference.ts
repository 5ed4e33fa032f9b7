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
 * What was added, removed and changed from one run to the next, by the key columns. Of rows that share a key, equal ones belong
 * together first, and the others one by one in their order. Holds a hash per row of both sides and reads each snapshot twice,
 * never the rows of either.
 *
 * @param key titles of the key columns
 * @throws NotComparable
 */
export async function differenceOf(before: Snapshot, after: Snapshot, key: readonly string[]): Promise<Difference> {
  const columns = after.columns;
  const keyBefore = indexesOf(before.columns, key);
  const keyAfter = indexesOf(columns, key);
  const groupsBefore = await groupsOf(before, keyBefore);
  const groupsAfter = await groupsOf(after, keyAfter);
  const { namesBefore, namesAfter } = namesOfTwins(groupsBefore, groupsAfter);
  const old = hashesByName(groupsBefore, namesBefore);
  const now = hashesByName(groupsAfter, namesAfter);
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
    for await (const [name, row] of named(before, keyBefore, namesBefore)) {
      const hash = now.get(name);
      if (hash === undefined)
        yield { kind: 'removed', key: shownKey(row, keyBefore), columns: [], before: row, after: null };
      else if (hash !== old.get(name)) changedBefore.set(name, row);
    }
    for await (const [name, row] of named(after, keyAfter, namesAfter)) {
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

/** By the cells of the key: the hashes of its rows in their order, one after the other in one text. */
type Groups = ReadonlyMap<string, string>;
/** Of keys that several rows share: a name for each of its rows in their order. */
type TwinNames = ReadonlyMap<string, readonly string[]>;

async function groupsOf(snapshot: Snapshot, key: readonly number[]): Promise<Groups> {
  const groups = new Map<string, string>();
  let rows = 0;
  for await (const row of snapshot.rows()) {
    if (rows === maxComparedRows) throw new NotComparable(`There are more than ${maxComparedRows} rows.`);
    rows += 1;
    const cells = keyOf(row, key);
    // Columns are part of the hash: a run of another version of the template has other rows.
    groups.set(cells, (groups.get(cells) ?? '') + hashOf([snapshot.columns, row]));
  }
  return groups;
}

/** Rows of one name, one on each side, are held against each other. */
function namesOfTwins(before: Groups, after: Groups): { namesBefore: TwinNames; namesAfter: TwinNames } {
  const namesBefore = new Map<string, readonly string[]>();
  const namesAfter = new Map<string, readonly string[]>();
  for (const cells of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before, after].map((groups) => split(groups.get(cells) ?? '')) as [string[], string[]];
    if (old.length < 2 && now.length < 2) continue;
    const inBoth = countsInBoth(old, now);
    namesBefore.set(cells, namesOf(cells, old, inBoth));
    namesAfter.set(cells, namesOf(cells, now, inBoth));
  }
  return { namesBefore, namesAfter };
}

const split = (hashes: string): string[] =>
  Array.from({ length: hashes.length / hashChars }, (_none, at) => hashes.slice(at * hashChars, (at + 1) * hashChars));

function countsInBoth(old: readonly string[], now: readonly string[]): ReadonlyMap<string, number> {
  const counts = countsOf(now);
  return new Map([...countsOf(old)].map(([hash, count]) => [hash, Math.min(count, counts.get(hash) ?? 0)]));
}

function countsOf(hashes: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const hash of hashes) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  return counts;
}

function namesOf(cells: string, hashes: readonly string[], inBoth: ReadonlyMap<string, number>): readonly string[] {
  const seen = new Map<string, number>();
  let others = 0;
  return hashes.map((hash) => {
    const before = seen.get(hash) ?? 0;
    seen.set(hash, before + 1);
    if (before < (inBoth.get(hash) ?? 0)) return `${cells}=${hash}=${before}`;
    others += 1;
    return `${cells}#${others}`;
  });
}

function hashesByName(groups: Groups, names: TwinNames): ReadonlyMap<string, string> {
  const hashes = new Map<string, string>();
  for (const [cells, joined] of groups) {
    const twins = names.get(cells);
    if (twins === undefined) hashes.set(cells, joined);
    else for (const [at, hash] of split(joined).entries()) hashes.set(twins[at]!, hash);
  }
  return hashes;
}

/** Rows with a name that is unlike any other of the same snapshot. */
async function* named(
  snapshot: Snapshot,
  key: readonly number[],
  names: TwinNames,
): AsyncGenerator<readonly [string, SnapshotRow]> {
  const places = new Map<string, number>();
  for await (const row of snapshot.rows()) {
    const cells = keyOf(row, key);
    const twins = names.get(cells);
    if (twins === undefined) {
      yield [cells, row];
      continue;
    }
    const place = places.get(cells) ?? 0;
    places.set(cells, place + 1);
    yield [twins[place]!, row];
  }
}

const hashChars = 22;
const hashOf = (value: unknown) =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, hashChars);

const keyOf = (row: SnapshotRow, key: readonly number[]) => hashOf(key.map((index) => row[index] ?? null));

const shownKey = (row: SnapshotRow, key: readonly number[]) =>
  key.map((index) => textOf(row[index] ?? null)).join(' / ');

const textOf = (cell: SnapshotCell) => (cell === null ? '' : typeof cell === 'object' ? cell.join(',') : String(cell));
