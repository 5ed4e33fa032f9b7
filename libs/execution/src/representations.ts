import { isObjectType, type GraphQLSchema } from 'graphql';
import { BeyondUs, type RequiredSelection } from './query-plan.ts';

type Entity = Record<string, unknown>;

/** What a subgraph is sent of an entity; null when the entity lacks a part of it, and then it is not asked for. */
export type Represent = (entity: Entity) => Entity | null;

/** Representations to send, each once, and which entities each stands for. */
export interface Representations {
  readonly distinct: readonly Entity[];
  /** Positions in the entities, of each of `distinct`. */
  readonly standsFor: readonly (readonly number[])[];
}

/** @throws BeyondUs for what is required of an abstract type */
export function compileRepresent(schema: GraphQLSchema, requires: readonly RequiredSelection[]): Represent {
  const copy = compileSelections(schema, requires);
  return (entity) => {
    const representation = copy(entity);
    return representation?.['__typename'] ? representation : null;
  };
}

/** Equal representations are one entity, so a subgraph is asked for it once. */
export function representationsOf(entities: readonly Entity[], represent: Represent): Representations {
  const distinct: Entity[] = [];
  const standsFor: number[][] = [];
  const indexOf = new Map<string, number>();
  for (let at = 0; at < entities.length; at += 1) {
    const representation = represent(entities[at]!);
    if (representation === null) continue;
    // Built in one order of members, so that equal ones have equal texts.
    const key = JSON.stringify(representation);
    const known = indexOf.get(key);
    if (known !== undefined) {
      standsFor[known]!.push(at);
      continue;
    }
    indexOf.set(key, distinct.length);
    distinct.push(representation);
    standsFor.push([at]);
  }
  return { distinct, standsFor };
}

type Copy = (source: Entity) => Entity | null;

function compileSelections(schema: GraphQLSchema, selections: readonly RequiredSelection[]): Copy {
  const types = selections.flatMap((selection) => (selection.kind === 'Field' ? [] : [selection.typeCondition]));
  if (new Set(types).size < types.length) throw new BeyondUs('a key is in parts');
  const steps = selections.map((selection) => compileSelection(schema, selection));
  return (source) => {
    const copy: Entity = {};
    for (const step of steps) if (!step(source, copy)) return null;
    return copy;
  };
}

/** Adds to the copy; false when something is missing. */
type Step = (source: Entity, copy: Entity) => boolean;

function compileSelection(schema: GraphQLSchema, selection: RequiredSelection): Step {
  if (selection.kind === 'InlineFragment') {
    const { typeCondition, selections } = selection;
    if (typeCondition === undefined) return () => true;
    if (!isObjectType(schema.getType(typeCondition))) throw new BeyondUs('a key is of an abstract type');
    const inner = compileSelections(schema, selections);
    return (source, copy) => {
      if (source['__typename'] === typeCondition) Object.assign(copy, inner(source));
      return true;
    };
  }
  const name = selection.alias ?? selection.name;
  if (name in Object.prototype) throw new BeyondUs(`a field is called ${name}`);
  const inner = selection.selections === undefined ? null : compileSelections(schema, selection.selections);
  const copied = (value: unknown): unknown => {
    if (inner === null || value === null) return value;
    return Array.isArray(value) ? value.map(copied) : inner(value as Entity);
  };
  return (source, copy) => {
    const value = source[name];
    if (value === undefined) return false;
    copy[name] = copied(value);
    return true;
  };
}
