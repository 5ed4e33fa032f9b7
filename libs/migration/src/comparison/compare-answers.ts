import { bodyOf, headerOf, type ComparableAnswer, type ComparableBody } from './comparable-body.ts';
import { isByDesign } from './design-rules.ts';
import { walkCsv } from './walk-csv.ts';
import { walkJson, type FieldNotes } from './walk-json.ts';

/** The first place at which a field differs, and in how many it does. */
export interface FieldDifference {
  /** Pattern, `orders[*].status`, `csv[*].status`, `header:content-type`, `status`, `body`. */
  readonly field: string;
  /** `orders[3].status` */
  readonly place: string;
  /** As parsed; undefined where the side does not have it. */
  readonly legacy: unknown;
  readonly graph: unknown;
  readonly places: number;
}

export interface Comparison {
  /** Fields of either side; at most `maxFields`. */
  readonly fields: ReadonlySet<string>;
  readonly differences: ReadonlyMap<string, FieldDifference>;
}

/** Headers that clients act on. Others, such as dates and request ids, are of the answer and not of what it says. */
export const comparedHeaders = ['content-type', 'content-disposition', 'location'] as const;

/** Fields of one answer that are told apart; what is beyond counts as this one. */
export const maxFields = 400;
export const otherFields = '(other fields)';
/** Of a body, once it is decoded; a page of 1,000 orders has about 1.5 MB. */
export const maxBodyBytes = 4_000_000;

/** Compares what two sides answered to the same call, but for what differs by design. Answers of different status are compared no further. */
export function compareAnswers(legacy: ComparableAnswer, graph: ComparableAnswer): Comparison {
  const fields = new Set<string>();
  const differences = new Map<string, FieldDifference>();
  const known = (field: string) => (fields.has(field) || fields.size < maxFields ? field : otherFields);
  const times = { legacyMs: legacy.atMs, graphMs: graph.atMs };
  const notes: FieldNotes = {
    seen: (field) => void fields.add(known(field)),
    differs(field, place, left, right) {
      const name = known(field);
      fields.add(name);
      if (isByDesign(field, left, right, times)) return;
      const before = differences.get(name);
      if (before === undefined) differences.set(name, { field: name, place, legacy: left, graph: right, places: 1 });
      else differences.set(name, { ...before, places: before.places + 1 });
    },
  };

  notes.seen('status');
  if (legacy.status !== graph.status) notes.differs('status', 'status', legacy.status, graph.status);
  else {
    compareHeaders(legacy, graph, notes);
    compareBodies(bodyOf(legacy, maxBodyBytes), bodyOf(graph, maxBodyBytes), notes);
  }
  return { fields, differences };
}

function compareHeaders(legacy: ComparableAnswer, graph: ComparableAnswer, notes: FieldNotes): void {
  for (const name of comparedHeaders) {
    const [left, right] = [headerOf(legacy.headers, name), headerOf(graph.headers, name)];
    if (left === null && right === null) continue;
    const field = `header:${name}`;
    notes.seen(field);
    if (normalHeader(left) !== normalHeader(right)) notes.differs(field, field, left ?? undefined, right ?? undefined);
  }
}

/** By rule `header-spelling`. */
const normalHeader = (value: string | null): string | null =>
  value === null
    ? null
    : value
        .toLowerCase()
        .replace(/\s*;\s*/g, ';')
        .trim();

function compareBodies(legacy: ComparableBody, graph: ComparableBody, notes: FieldNotes): void {
  if (legacy.kind === 'json' && graph.kind === 'json') return walkJson(legacy.value, graph.value, notes);
  if (legacy.kind === 'csv' && graph.kind === 'csv') return walkCsv(legacy.text, graph.text, notes);
  notes.seen('body');
  if (legacy.kind === 'bytes' && graph.kind === 'bytes' && legacy.bytes.equals(graph.bytes)) return;
  if (legacy.kind === 'empty' && graph.kind === 'empty') return;
  notes.differs('body', 'body', describeBody(legacy), describeBody(graph));
}

function describeBody(body: ComparableBody): string {
  if (body.kind === 'bytes') return `${body.bytes.length} bytes`;
  return body.kind === 'broken' ? body.why : body.kind;
}
