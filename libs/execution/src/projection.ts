import type { Condition, FieldShape, ObjectShape, ValueShape } from './answer-shape.ts';
import { OddAnswer } from './query-plan.ts';

/** Boolean variables of a run, defaults filled in. */
export type Flags = (variable: string) => boolean;

/** Makes the answer from what the subgraphs gave. Null when a null went all the way up. */
export type Projection = (data: Readonly<Record<string, unknown>>, flags: Flags) => Record<string, unknown> | null;

/** A null where the type allows none: the object or list around it becomes null in its place. */
const bubble = Symbol('null where none may be');

type Complete = (value: unknown, flags: Flags) => unknown;

interface CompiledField {
  readonly name: string;
  readonly conditions: readonly Condition[];
  readonly complete: Complete;
}

/**
 * Compiles value completion for a shape: fields in order, what was not asked for dropped, invalid values and nulls as
 * Apollo's gateway and the specification of GraphQL want them.
 *
 * The projection throws OddAnswer for a list, an object or a type name where the schema has something else.
 */
export function compileProjection(shape: ObjectShape): Projection {
  const complete = compileObject(shape);
  return (data, flags) => complete(data, flags) as Record<string, unknown> | null;
}

function compileObject({ typeName, fields, hasConditions }: ObjectShape): Complete {
  const compiled = fields.map(compileField);
  return (value, flags) => {
    if (value === null || value === undefined) return null;
    if (typeof value !== 'object' || Array.isArray(value)) throw new OddAnswer(`${typeName} is no object`);
    const source = value as Record<string, unknown>;
    const actualName = source['__typename'];
    if (actualName !== undefined && actualName !== typeName) throw new OddAnswer(`${typeName} has another type name`);
    const answer: Record<string, unknown> = {};
    for (const { name, conditions, complete } of compiled) {
      if (hasConditions && !holds(conditions, flags)) continue;
      const completed = complete(source[name], flags);
      if (completed === bubble) return null;
      answer[name] = completed;
    }
    return answer;
  };
}

const compileField = ({ responseName, conditions, value }: FieldShape): CompiledField => ({
  name: responseName,
  conditions,
  complete: compileValue(value),
});

function compileValue(value: ValueShape): Complete {
  if (value.kind === 'typename') return () => value.typeName;
  const complete = compileNullable(value);
  if (value.isNullable) return complete;
  return (given, flags) => complete(given, flags) ?? bubble;
}

function compileNullable(value: Exclude<ValueShape, { kind: 'typename' }>): Complete {
  switch (value.kind) {
    case 'object':
      return compileObject(value.shape);
    case 'list':
      return compileList(compileValue(value.element));
    case 'leaf': {
      const { isValid } = value;
      return (given) => (given !== null && given !== undefined && isValid(given) ? given : null);
    }
  }
}

function compileList(complete: Complete): Complete {
  return (value, flags) => {
    if (value === null || value === undefined) return null;
    if (!Array.isArray(value)) throw new OddAnswer('a list is none');
    const { length } = value;
    const completed = new Array<unknown>(length);
    let isNull = false;
    for (let index = 0; index < length; index += 1) {
      const element = complete(value[index], flags);
      if (element === bubble) isNull = true;
      else completed[index] = element;
    }
    return isNull ? null : completed;
  };
}

function holds(conditions: readonly Condition[], flags: Flags): boolean {
  for (const { variable, wanted } of conditions) if (flags(variable) !== wanted) return false;
  return true;
}
