type Data = Record<string, unknown>;

/** A step of a response path; `@` stands for every element of a list. */
export type PathElement = string | number;

/** What stands at a path below a value; lists on the way are flattened into one. Undefined where nothing is. */
export function entitiesAt(value: unknown, path: readonly PathElement[], from = 0): unknown {
  if (from === path.length || value === null || value === undefined) return value;
  const element = path[from]!;
  if (element !== '@') return entitiesAt((value as Data)[element], path, from + 1);
  const found: unknown[] = [];
  for (const each of value as readonly unknown[]) {
    const below = entitiesAt(each, path, from + 1);
    if (Array.isArray(below)) for (const entity of below) found.push(entity);
    else found.push(below);
  }
  return found;
}

/** The paths of the entities that `entitiesAt` finds at a path from the root, without those that are null. */
export function hydratedPaths(path: readonly PathElement[], data: unknown): readonly (readonly PathElement[])[] {
  const found: PathElement[][] = [];
  const walk = (value: unknown, from: number, above: readonly PathElement[]): void => {
    if (value === null || value === undefined) return;
    if (Array.isArray(value)) {
      const below = path[from] === '@' ? from + 1 : from;
      for (const [index, each] of value.entries()) walk(each, below, [...above, index]);
    } else if (from === path.length) {
      found.push([...above]);
    } else {
      walk((value as Data)[path[from]!], from + 1, [...above, path[from]!]);
    }
  };
  walk(data, 0, []);
  return found;
}

/** Adds a subgraph's data to what others gave. Objects and lists of one length are merged, anything else is replaced. */
export function deepMerge(target: Data, source: Data): void {
  for (const key of Object.keys(source)) {
    const value = source[key];
    if (value === undefined) continue;
    const known = target[key];
    if (isPlain(known) && isPlain(value)) deepMerge(known, value);
    else if (Array.isArray(known) && Array.isArray(value) && known.length === value.length) mergeLists(known, value);
    else target[key] = value;
  }
}

function mergeLists(target: unknown[], source: readonly unknown[]): void {
  for (const [index, value] of source.entries()) {
    const known = target[index];
    if (isPlain(known) && isPlain(value)) deepMerge(known, value);
    else target[index] = value;
  }
}

const isPlain = (value: unknown): value is Data => typeof value === 'object' && value !== null && !Array.isArray(value);
