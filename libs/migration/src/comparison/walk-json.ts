import { itemOf, memberOf } from './field-pattern.ts';

/** Takes down which fields there are, and where they differ. */
export interface FieldNotes {
  /** A field that either side has. */
  seen(field: string): void;
  /** `undefined` for a side that does not have it. */
  differs(field: string, place: string, legacy: unknown, graph: unknown): void;
}

interface Place {
  readonly field: string;
  readonly place: string;
}

/** What nests deeper is compared as one value. */
const maxDepth = 32;
/** Members that name a row; the first that all rows of both sides have. */
const rowIds = ['id', 'order_id', 'certificate_id', 'domain_id', 'organization_id', 'container_id', 'name_id'];

type Row = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Compares two parsed values. Objects by name, whatever their order; lists of rows with an id by that, so that one row more is
 * one difference and not one for every row after it; other lists by position.
 */
export function walkJson(legacy: unknown, graph: unknown, notes: FieldNotes): void {
  walk(legacy, graph, { field: '', place: '' }, 0, notes);
}

function walk(legacy: unknown, graph: unknown, at: Place, depth: number, notes: FieldNotes): void {
  if (depth < maxDepth && Array.isArray(legacy) && Array.isArray(graph))
    return walkLists(legacy, graph, at, depth, notes);
  if (depth < maxDepth && isObject(legacy) && isObject(graph)) return walkObjects(legacy, graph, at, depth, notes);
  const named = at.field === '' ? { field: '$', place: '$' } : at;
  notes.seen(named.field);
  if (legacy !== graph && !isSameTree(legacy, graph)) notes.differs(named.field, named.place, legacy, graph);
}

/** Beyond the depth that is walked; equal values of other kinds are equal already. */
function isSameTree(legacy: unknown, graph: unknown): boolean {
  if (typeof legacy !== 'object' || typeof graph !== 'object') return false;
  return JSON.stringify(legacy) === JSON.stringify(graph);
}

function walkObjects(legacy: Row, graph: Row, at: Place, depth: number, notes: FieldNotes): void {
  for (const name of Object.keys(legacy)) member(name);
  for (const name of Object.keys(graph)) if (!Object.hasOwn(legacy, name)) member(name);

  function member(name: string): void {
    const inner = { field: memberOf(at.field, name), place: memberOf(at.place, name) };
    const [left, right] = [ownOf(legacy, name), ownOf(graph, name)];
    walk(left, right, inner, depth + 1, notes);
  }
}

const ownOf = (row: Row, name: string): unknown => (Object.hasOwn(row, name) ? row[name] : undefined);

function walkLists(legacy: readonly unknown[], graph: readonly unknown[], at: Place, depth: number, notes: FieldNotes) {
  const field = itemOf(at.field, '*');
  notes.seen(field);
  const id = rowIds.find((name) => isIdOf(name, legacy) && isIdOf(name, graph));
  if (id !== undefined && legacy.length + graph.length > 0)
    return walkRows(legacy as readonly Row[], graph as readonly Row[], id, at, depth, notes);
  for (let index = 0; index < Math.max(legacy.length, graph.length); index += 1) {
    const place = itemOf(at.place, index);
    const isOnBoth = index < legacy.length && index < graph.length;
    if (isOnBoth) walk(legacy[index], graph[index], { field, place }, depth + 1, notes);
    else notes.differs(field, place, legacy[index], graph[index]);
  }
}

function isIdOf(name: string, rows: readonly unknown[]): boolean {
  const ids = new Set<unknown>();
  for (const row of rows) {
    const id = isObject(row) ? ownOf(row, name) : undefined;
    if (typeof id !== 'number' && typeof id !== 'string') return false;
    ids.add(id);
  }
  return ids.size === rows.length;
}

function walkRows(
  legacy: readonly Row[],
  graph: readonly Row[],
  id: string,
  at: Place,
  depth: number,
  notes: FieldNotes,
): void {
  const field = itemOf(at.field, '*');
  const byId = new Map(graph.map((row) => [row[id], row]));
  const ofLegacy = new Set(legacy.map((row) => row[id]));
  legacy.forEach((row, index) => {
    const other = byId.get(row[id]);
    const place = itemOf(at.place, index);
    if (other === undefined) notes.differs(field, place, { [id]: row[id] }, undefined);
    else walk(row, other, { field, place }, depth + 1, notes);
  });
  graph.forEach((row, index) => {
    if (!ofLegacy.has(row[id])) notes.differs(field, itemOf(at.place, index), undefined, { [id]: row[id] });
  });
  const order = `${field}#order`;
  notes.seen(order);
  const common = legacy.map((row) => row[id]).filter((each) => byId.has(each));
  const others = graph.map((row) => row[id]).filter((each) => ofLegacy.has(each));
  const first = common.findIndex((each, index) => each !== others[index]);
  if (first !== -1) notes.differs(order, itemOf(at.place, first), common[first], others[first]);
}
