import {
  getNamedType,
  isCompositeType,
  isInputObjectType,
  isObjectType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';

/** Whole numbers from 0 up to, and without, `below`. */
export type Draw = (below: number) => number;

/** A small generator of numbers that is the same for the same seed (mulberry32). */
export function drawFrom(seed: number): Draw {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

export interface RandomOperation {
  readonly source: string;
  readonly variables: Record<string, unknown>;
}

/**
 * A valid query of any root fields that need no argument but `id`: aliases, fragments in place and by name, fields that are
 * there twice, `@skip` and `@include` on literals and variables.
 *
 * @param ids values that `id` arguments get
 */
export function randomOperation(schema: GraphQLSchema, draw: Draw, ids: readonly string[]): RandomOperation {
  const fragments: string[] = [];
  const chance = (percent: number) => draw(100) < percent;
  const pick = <T>(values: readonly T[]): T => values[draw(values.length)]!;
  const condition = () =>
    chance(94) ? '' : ` @${pick(['skip', 'include'])}(if: ${pick(['true', 'false', '$yes', '$no', '$unset'])})`;

  const selectionOf = (type: GraphQLObjectType, depth: number): string => {
    const fields = Object.values(type.getFields()).filter((field) => isSelectable(field, depth));
    if (fields.length === 0) return '{ __typename }';
    const count = 1 + draw(Math.min(fields.length, 5));
    const parts = Array.from({ length: count }, () => fieldText(pick(fields), depth));
    if (chance(20)) parts.push(`__typename${condition()}`);
    if (chance(8)) parts.push(pick(parts));
    if (chance(8)) parts.push(`... on ${type.name}${condition()} ${selectionOf(type, depth - 1)}`);
    if (chance(5)) parts.push(`...${condition()} ${selectionOf(type, depth - 1)}`);
    if (chance(8)) {
      const name = `part${fragments.length}`;
      fragments.push('');
      fragments[Number(name.slice(4))] = `fragment ${name} on ${type.name} ${selectionOf(type, depth - 1)}`;
      parts.push(`...${name}${condition()}`);
    }
    return `{ ${parts.join(' ')} }`;
  };

  let aliases = 0;
  const fieldText = (field: GraphQLField<unknown, unknown>, depth: number): string => {
    // Two fields of one name but different arguments or shapes do not merge, so what has either gets a name of its own.
    const type = getNamedType(field.type);
    const args = argumentsOf(field);
    const when = condition();
    const alias = chance(20) || args !== '' || when !== '' ? `a${(aliases += 1)}: ` : '';
    const below = isObjectType(type) ? ` ${selectionOf(type, depth - 1)}` : '';
    return `${alias}${field.name}${args}${when}${below}`;
  };

  const argumentsOf = (field: GraphQLField<unknown, unknown>): string => {
    const names = field.args.map(({ name }) => name);
    if (names.includes('id')) return `(id: ${pick(ids)})`;
    if (names.includes('first')) return `(first: ${1 + draw(8)})`;
    return names.includes('limit') ? `(limit: ${1 + draw(8)})` : '';
  };

  const root = schema.getQueryType()!;
  const body = selectionOf(root, 4);
  const used = [body, ...fragments].join('\n');
  const variables = ['yes', 'no', 'unset'].filter((name) => used.includes(`$${name}`));
  const types: Record<string, string> = { yes: '$yes: Boolean!', no: '$no: Boolean!', unset: '$unset: Boolean = true' };
  const definitions = variables.length === 0 ? '' : `(${variables.map((name) => types[name]).join(', ')})`;
  return { source: `query R${definitions} ${used}`, variables: { yes: true, no: false } };
}

function isSelectable(field: GraphQLField<unknown, unknown>, depth: number): boolean {
  const type = getNamedType(field.type);
  if (isCompositeType(type) && (!isObjectType(type) || depth <= 0)) return false;
  return field.args.every(
    ({ name, type: input }) => name === 'id' || !/!$/.test(String(input)) || isInputObjectType(input),
  );
}
