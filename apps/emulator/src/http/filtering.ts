import { DAY_MS, isoDay, parseDate, SECOND_MS } from '../dates.ts';
import { type Filter, type Query } from './query.ts';

type Value = string | number | boolean | readonly string[] | undefined;

/** How a property of a listed item is read and compared. */
export interface Property<T> {
  /** `day` values are `yyyy-MM-dd`, `instant` values UTC milliseconds, `names` match when one of them does. */
  readonly kind: 'text' | 'number' | 'flag' | 'day' | 'instant' | 'names';
  readonly read: (item: T, nowMs: number) => Value;
  /** Replaces the comparison with one value; made once per filter. */
  readonly test?: (wanted: string, nowMs: number) => (item: T) => boolean;
}

export type Properties<T> = ReadonlyMap<string, Property<T>>;

type Test<T> = (item: T) => boolean;

/** Exact, or contains when the wanted text starts with `%`; letter case does not matter, as in the service's database. */
export function textTest(wanted: string): (text: string) => boolean {
  const lower = wanted.toLowerCase();
  if (!lower.startsWith('%')) return (text) => text.length === lower.length && text.toLowerCase() === lower;
  const part = lower.replace(/^%+|%+$/g, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  // Lower-casing 300,000 names costs more than everything else in a filtered page.
  const expression = new RegExp(part, 'iu');
  return (text) => expression.test(text);
}

function comparable(kind: Property<unknown>['kind'], value: Value): number | string | undefined {
  if (value === undefined || Array.isArray(value)) return undefined;
  if (kind === 'day') return String(value);
  if (kind === 'number' || kind === 'instant' || kind === 'flag') return Number(value);
  return String(value).toLowerCase();
}

function bound(kind: Property<unknown>['kind'], text: string): number | string | undefined {
  if (kind === 'day' || kind === 'instant') {
    const atMs = parseDate(text.trim())?.atMs;
    return kind === 'day' && atMs !== undefined ? isoDay(atMs) : atMs;
  }
  if (kind === 'number') return text.trim() === '' || Number.isNaN(Number(text)) ? undefined : Number(text);
  return text.toLowerCase();
}

interface Bounds {
  readonly above?: number | string;
  readonly from?: number | string;
  readonly to?: number | string;
  readonly below?: number | string;
}

function parseBounds(kind: Property<unknown>['kind'], value: string): Bounds | undefined | 'invalid' {
  const range = /^(.*?)\.\.\.(.*)$/.exec(value);
  const texts = range ? [range[1] ?? '', range[2] ?? ''] : [value.slice(1)];
  if (range === null && !value.startsWith('>') && !value.startsWith('<')) return undefined;
  const [first, second] = texts.map((text) => bound(kind, text));
  if (range) return first === undefined || second === undefined ? 'invalid' : { from: first, to: second };
  if (first === undefined) return 'invalid';
  return value.startsWith('>') ? { above: first } : { below: first };
}

function isWithin(value: number | string, { above, from, to, below }: Bounds): boolean {
  if (above !== undefined && !(value > above)) return false;
  if (from !== undefined && !(value >= from)) return false;
  if (to !== undefined && !(value <= to)) return false;
  return below === undefined || value < below;
}

function equalsTest<T>({ kind, read }: Property<T>, wanted: string, nowMs: number): Test<T> {
  if (kind === 'number') return (item) => read(item, nowMs) === Number(wanted);
  if (kind === 'flag') return (item) => read(item, nowMs) === (wanted === '1' || wanted === 'true');
  if (kind === 'text' || kind === 'names') {
    const isMatch = textTest(wanted);
    return (item) => {
      const value = read(item, nowMs);
      return Array.isArray(value) ? value.some(isMatch) : value !== undefined && isMatch(String(value));
    };
  }
  const date = parseDate(wanted.trim());
  if (date === undefined) return () => false;
  if (kind === 'day') return (item) => read(item, nowMs) === isoDay(date.atMs);
  const endMs = date.atMs + (date.hasTime ? SECOND_MS : DAY_MS);
  return (item) => {
    const value = Number(read(item, nowMs));
    return value >= date.atMs && value < endMs;
  };
}

function testOf<T>(property: Property<T>, { value }: Filter, nowMs: number): Test<T> {
  const bounds = parseBounds(property.kind, value);
  if (bounds === 'invalid') return () => false;
  if (bounds !== undefined) {
    return (item) => {
      const found = comparable(property.kind, property.read(item, nowMs));
      return found !== undefined && isWithin(found, bounds);
    };
  }
  return property.test?.(value, nowMs) ?? equalsTest(property, value, nowMs);
}

/** Items that pass every filter; filters on properties that are not known are ignored. */
export function filterItems<T>(
  items: readonly T[],
  filters: readonly Filter[],
  properties: Properties<T>,
  nowMs: number,
): readonly T[] {
  const tests = filters.flatMap((filter) => {
    const property = properties.get(filter.property);
    return property === undefined ? [] : [testOf(property, filter, nowMs)];
  });
  if (tests.length === 0) return items;
  return items.filter((item) => tests.every((passes) => passes(item)));
}

/** `null` for a missing value: unlike undefined, sorting does not move it to the end by itself. */
type SortKey = number | string | null;

function compareKeys(one: SortKey, other: SortKey): number {
  if (one === other) return 0;
  if (one === null) return -1;
  if (other === null) return 1;
  return one < other ? -1 : 1;
}

interface SortStep<T> {
  readonly property: Property<T>;
  readonly sign: 1 | -1;
}

const isStrictlyAscending = (keys: readonly SortKey[]) =>
  keys.every((key, at) => at === 0 || compareKeys(keys[at - 1] ?? null, key) < 0);

/** Groups by the first key, orders the groups, then sorts inside each: few days and divisions make few groups. */
function sortBySteps<T>(items: readonly T[], [step, ...rest]: readonly SortStep<T>[], nowMs: number): readonly T[] {
  if (step === undefined || items.length < 2) return items;
  const { property, sign } = step;
  const keys = items.map((item) => comparable(property.kind, property.read(item, nowMs)) ?? null);
  // Ids and creation times come in this order.
  if (isStrictlyAscending(keys)) return sign > 0 ? items : items.toReversed();

  const groups = new Map<SortKey, T[]>();
  for (const [at, item] of items.entries()) {
    const key = keys[at] ?? null;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  const ordered = [...groups].sort(([one], [other]) => compareKeys(one, other) * sign);
  return ordered.flatMap(([, group]) => sortBySteps(group, rest, nowMs));
}

/** Stable; missing values come first when ascending; names that are not known are ignored. */
export function sortItems<T>(
  items: readonly T[],
  sort: readonly string[],
  properties: Properties<T>,
  nowMs: number,
): readonly T[] {
  const steps = sort.flatMap((name): SortStep<T>[] => {
    const isDescending = name.startsWith('-');
    const property = properties.get(isDescending ? name.slice(1) : name);
    return property === undefined ? [] : [{ property, sign: isDescending ? -1 : 1 }];
  });
  return sortBySteps(items, steps, nowMs);
}

export function selectItems<T>(
  items: readonly T[],
  query: Query,
  properties: Properties<T>,
  nowMs: number,
): readonly T[] {
  return sortItems(filterItems(items, query.filters, properties, nowMs), query.sort, properties, nowMs);
}
