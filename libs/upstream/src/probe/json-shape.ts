export type JsonType = 'null' | 'flag' | 'integer' | 'number' | 'text' | 'list' | 'object';

/** How often each type stands at each place: `orders[].certificate.id` → integer, 50 times. No value is kept. */
export type JsonShape = ReadonlyMap<string, ReadonlyMap<JsonType, number>>;

/** Names of members as CertCentral writes them. Another one may be a value used as a name, and is not shown. */
const memberName = /^[a-z][a-z0-9_]{0,39}$/;
const hiddenName = '(other)';

export function shapeOf(value: unknown): JsonShape {
  const shape = new Map<string, Map<JsonType, number>>();
  note(value, '', shape);
  return shape;
}

function note(value: unknown, place: string, shape: Map<string, Map<JsonType, number>>): void {
  const type = typeOf(value);
  const types = shape.get(place) ?? new Map<JsonType, number>();
  shape.set(place, types.set(type, (types.get(type) ?? 0) + 1));
  if (Array.isArray(value)) for (const item of value) note(item, `${place}[]`, shape);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      const shown = memberName.test(name) ? name : hiddenName;
      note(member, place === '' ? shown : `${place}.${shown}`, shape);
    }
  }
}

function typeOf(value: unknown): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'boolean') return 'flag';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number';
  return typeof value === 'string' ? 'text' : 'object';
}

/** How many objects, lists or values there are at a place. */
export function countAt(shape: JsonShape, place: string, type?: JsonType): number {
  const types = shape.get(place);
  if (types === undefined) return 0;
  return type === undefined ? [...types.values()].reduce((sum, count) => sum + count, 0) : (types.get(type) ?? 0);
}
