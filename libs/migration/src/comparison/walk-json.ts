import { itemOf, memberOf } from './field-pattern.ts';

/** Takes down which fields there are, and where they differ. */
export interface FieldNotes {
  /** A field that either side has. */
  seen(field: string): void;
  /** `undefined` for a side that does not have it. */
  differs(field: string, place: string, legacy: unknown, graph: unknown): void;
}

/** A field and those within it, named once for all its places. */
class Field {
  readonly name: string;
  #isSeen = false;
  #members: Map<string, Field> | null = null;
  #items: Field | null = null;
  #order: Field | null = null;

  constructor(name: string) {
    this.name = name;
  }

  member(name: string): Field {
    this.#members ??= new Map();
    let field = this.#members.get(name);
    if (field === undefined) this.#members.set(name, (field = new Field(memberOf(this.name, name))));
    return field;
  }

  items(): Field {
    return (this.#items ??= new Field(itemOf(this.name, '*')));
  }

  /** The order of its rows. */
  order(): Field {
    return (this.#order ??= new Field(`${this.name}#order`));
  }

  seen(notes: FieldNotes): void {
    if (this.#isSeen) return;
    this.#isSeen = true;
    notes.seen(this.name);
  }
}

/** Members and positions on the way to a place; its name is only wanted where something differs. */
type Path = (string | number)[];

const placeOf = (path: Path): string =>
  path.reduce<string>((place, step) => (typeof step === 'number' ? itemOf(place, step) : memberOf(place, step)), '');

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
  new JsonWalk(notes).values(legacy, graph, new Field(''), 0);
}

class JsonWalk {
  readonly #notes: FieldNotes;
  readonly #path: Path = [];

  constructor(notes: FieldNotes) {
    this.#notes = notes;
  }

  values(legacy: unknown, graph: unknown, field: Field, depth: number): void {
    if (depth < maxDepth && typeof legacy === 'object' && typeof graph === 'object') {
      if (Array.isArray(legacy) && Array.isArray(graph)) return this.#lists(legacy, graph, field.items(), depth);
      if (isObject(legacy) && isObject(graph)) return this.#objects(legacy, graph, field, depth);
    }
    if (field.name === '') this.#notes.seen('$');
    else field.seen(this.#notes);
    if (legacy !== graph && !isSameTree(legacy, graph)) this.#differs(field, legacy, graph);
  }

  #objects(legacy: Row, graph: Row, field: Field, depth: number): void {
    for (const name of Object.keys(legacy)) this.#member(name, legacy, graph, field, depth);
    for (const name of Object.keys(graph))
      if (!Object.hasOwn(legacy, name)) this.#member(name, legacy, graph, field, depth);
  }

  #member(name: string, legacy: Row, graph: Row, field: Field, depth: number): void {
    this.#path.push(name);
    this.values(ownOf(legacy, name), ownOf(graph, name), field.member(name), depth + 1);
    this.#path.pop();
  }

  #lists(legacy: readonly unknown[], graph: readonly unknown[], field: Field, depth: number): void {
    field.seen(this.#notes);
    const id = rowIds.find((name) => isIdOf(name, legacy) && isIdOf(name, graph));
    if (id !== undefined && legacy.length + graph.length > 0)
      return this.#rows(legacy as readonly Row[], graph as readonly Row[], id, field, depth);
    for (let index = 0; index < Math.max(legacy.length, graph.length); index += 1) {
      this.#path.push(index);
      const isOnBoth = index < legacy.length && index < graph.length;
      if (isOnBoth) this.values(legacy[index], graph[index], field, depth + 1);
      else this.#differs(field, legacy[index], graph[index]);
      this.#path.pop();
    }
  }

  #rows(legacy: readonly Row[], graph: readonly Row[], id: string, field: Field, depth: number): void {
    const byId = new Map(graph.map((row) => [row[id], row]));
    const ofLegacy = new Set(legacy.map((row) => row[id]));
    legacy.forEach((row, index) => {
      this.#path.push(index);
      const other = byId.get(row[id]);
      if (other === undefined) this.#differs(field, { [id]: row[id] }, undefined);
      else this.values(row, other, field, depth + 1);
      this.#path.pop();
    });
    graph.forEach((row, index) => {
      if (ofLegacy.has(row[id])) return;
      this.#path.push(index);
      this.#differs(field, undefined, { [id]: row[id] });
      this.#path.pop();
    });
    this.#orders(legacy, graph, id, field, { byId, ofLegacy });
  }

  #orders(
    legacy: readonly Row[],
    graph: readonly Row[],
    id: string,
    field: Field,
    { byId, ofLegacy }: { readonly byId: ReadonlyMap<unknown, Row>; readonly ofLegacy: ReadonlySet<unknown> },
  ): void {
    const order = field.order();
    order.seen(this.#notes);
    const common = legacy.map((row) => row[id]).filter((each) => byId.has(each));
    const others = graph.map((row) => row[id]).filter((each) => ofLegacy.has(each));
    const first = common.findIndex((each, index) => each !== others[index]);
    if (first === -1) return;
    this.#path.push(first);
    this.#differs(order, common[first], others[first]);
    this.#path.pop();
  }

  #differs({ name }: Field, legacy: unknown, graph: unknown): void {
    if (name === '') this.#notes.differs('$', '$', legacy, graph);
    else this.#notes.differs(name, placeOf(this.#path), legacy, graph);
  }
}

/** Beyond the depth that is walked; equal values of other kinds are equal already. */
function isSameTree(legacy: unknown, graph: unknown): boolean {
  if (typeof legacy !== 'object' || typeof graph !== 'object') return false;
  return JSON.stringify(legacy) === JSON.stringify(graph);
}

const ownOf = (row: Row, name: string): unknown => (Object.hasOwn(row, name) ? row[name] : undefined);

function isIdOf(name: string, rows: readonly unknown[]): boolean {
  const ids = new Set<unknown>();
  for (const row of rows) {
    const id = isObject(row) ? ownOf(row, name) : undefined;
    if (typeof id !== 'number' && typeof id !== 'string') return false;
    ids.add(id);
  }
  return ids.size === rows.length;
}
