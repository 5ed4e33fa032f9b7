import { countAt, type JsonShape, type JsonType } from './json-shape.ts';

export interface ExpectedMember {
  /** Types that its documentation and recorded answers show. */
  readonly types: ReadonlySet<JsonType>;
  readonly isOptional: boolean;
}

/** What the product assumes of an answer, by place. */
export type ExpectedShape = ReadonlyMap<string, ExpectedMember>;

const typeNames: ReadonlySet<string> = new Set<JsonType>(['flag', 'integer', 'number', 'text', 'list', 'object']);

/**
 * Reads a shape that is written down as a text: lines `name type`, `name type|type?` when it may be absent; members of an object
 * are indented by two spaces more, items of a list are named `[]`.
 *
 * @throws TypeError for a line that cannot be read: a fault of ours
 */
export function expectedShape(text: string): ExpectedShape {
  const places: string[] = [];
  const members = new Map<string, ExpectedMember>();
  for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
    const [, indent, name, types, mark] = /^((?: {2})*)(\S+) ([a-z|]+)(\??)$/.exec(line) ?? [];
    const all = types?.split('|') ?? [];
    if (indent === undefined || name === undefined || !all.every((type) => typeNames.has(type)))
      throw new TypeError(`"${line}" is no line of a shape.`);
    const depth = indent.length / 2;
    const parent = depth === 0 ? '' : places[depth - 1]!;
    const place = name === '[]' || parent === '' ? `${parent}${name}` : `${parent}.${name}`;
    places.length = depth;
    places.push(place);
    members.set(place, { types: new Set(all as JsonType[]), isOptional: mark === '?' });
  }
  return members;
}

export interface ShapeDifferences {
  /** `orders[].status in 3 of 50`. */
  readonly missing: readonly string[];
  /** `orders[].id is text in 50 of 50, not integer`. */
  readonly otherTypes: readonly string[];
  /** Members of known objects that nobody documents. */
  readonly unknown: readonly string[];
}

/** Compares what was answered with what is assumed. Nothing is said of what stands below something unknown or absent. */
export function compareShape(shape: JsonShape, expected: ExpectedShape): ShapeDifferences {
  const missing: string[] = [];
  const otherTypes: string[] = [];
  for (const [place, { types, isOptional }] of expected) {
    const count = countAt(shape, place);
    const isItem = place.endsWith('[]');
    const expectedCount = isItem ? count : countAt(shape, parentOf(place), 'object');
    if (!isOptional && count < expectedCount) missing.push(`${place} in ${expectedCount - count} of ${expectedCount}`);
    const others = [...(shape.get(place) ?? [])].filter(
      ([type]) => !types.has(type) && !(type === 'integer' && types.has('number')),
    );
    for (const [type, often] of others)
      otherTypes.push(`${place} is ${type} in ${often} of ${count}, not ${[...types].join(' or ')}`);
  }
  const unknown = [...shape.keys()].filter(
    (place) => place !== '' && !place.endsWith('[]') && !expected.has(place) && isDescribed(parentOf(place), expected),
  );
  return { missing, otherTypes, unknown };
}

/** An object without members here may have any. */
const isDescribed = (place: string, expected: ExpectedShape) =>
  place === '' ||
  (expected.get(place)?.types.has('object') === true &&
    [...expected.keys()].some((other) => other.startsWith(`${place}.`)));

function parentOf(place: string): string {
  const dot = place.lastIndexOf('.');
  return dot < 0 ? '' : place.slice(0, dot);
}
