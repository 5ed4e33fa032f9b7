import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  Kind,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { selectionTree, type SelectedField } from './selection-tree.ts';

export interface CostOptions {
  /** Objects in a list whose size nothing says. */
  readonly assumedListSize?: number;
  /** Objects in a list field that takes no size, where more is known; null to assume. */
  readonly listSize?: (typeName: string, fieldName: string) => number | null;
}

const sizeArguments = ['first', 'last', 'limit'];

/**
 * Estimates what an operation can give, in points, before anything is read: every object is 1 point, scalars are free.
 *
 * - A list counts as many objects as its `first`, `last` or `limit` says: a literal, a variable's value or default, or the
 *   argument's default. A field that takes such an argument and is no list itself, as a connection is, passes the number on
 *   to the lists directly below it (`nodes`, `edges`).
 * - Any other list counts `listSize`, else `assumedListSize` (100) objects.
 * - What is selected twice under one response key counts once; fields of all possible types, and fields that `@skip` or
 *   `@include` may drop, count. Introspection is free.
 *
 * `orders(first: 10) { nodes { certificate { commonName } } }` is 1 + 10 × (1 + 1) = 21.
 *
 * @throws RangeError when more than 20,000 fields are selected with fragments spread out
 */
export function estimateCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  options: CostOptions = {},
): number {
  const { assumedListSize = 100, listSize = () => null } = options;
  const values = decidingValues(operation, variables);

  function costOf(field: SelectedField, sizeFromParent: number | null): number {
    if (field.fieldName.startsWith('__') || !isCompositeType(getNamedType(field.type))) return 0;
    const ownSize = sizeFrom(sizeSourcesOf(field), values);
    const isList = isListType(getNullableType(field.type));
    const objects = isList
      ? (ownSize ?? sizeFromParent ?? listSize(field.parentType, field.fieldName) ?? assumedListSize)
      : 1;
    const below = sum(field.children, isList ? null : ownSize);
    return Math.min(objects * (1 + below), Number.MAX_SAFE_INTEGER);
  }

  function sum(fields: ReadonlyMap<string, SelectedField>, size: number | null): number {
    let points = 0;
    for (const field of fields.values()) points += costOf(field, size);
    return Math.min(points, Number.MAX_SAFE_INTEGER);
  }

  return sum(selectionTree(schema, document, operation), null);
}

/** Values of the variables, with the defaults of those that may be sizes or decide what is selected. */
export function decidingValues(
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>(Object.entries(variables));
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (values.has(variable.name.value)) continue;
    if (defaultValue?.kind === Kind.INT) values.set(variable.name.value, Number(defaultValue.value));
    if (defaultValue?.kind === Kind.BOOLEAN) values.set(variable.name.value, defaultValue.value);
  }
  return values;
}

/** A field that can be told how many objects to give. */
export const takesSize = ({ definition }: SelectedField): boolean =>
  definition?.args.some(({ name }) => sizeArguments.includes(name)) ?? false;

/** A size argument: the variable that says it, and what holds without one. */
interface SizeSource {
  readonly variable: string | null;
  readonly otherwise: unknown;
}

/** Where the size arguments of a field have their values, as the document has it. */
export type SizeSources = readonly SizeSource[];

export function sizeSourcesOf({ node, definition }: SelectedField): SizeSources {
  const given = new Map((node.arguments ?? []).map((argument) => [argument.name.value, argument.value]));
  return (definition?.args ?? [])
    .filter(({ name }) => sizeArguments.includes(name))
    .map(({ name, defaultValue }) => {
      const value = given.get(name);
      if (value?.kind === Kind.INT) return { variable: null, otherwise: Number(value.value) };
      if (value?.kind === Kind.VARIABLE) return { variable: value.name.value, otherwise: defaultValue };
      return { variable: null, otherwise: value === undefined ? defaultValue : null };
    });
}

/** What the size arguments of a field say, the largest of several; null when they say nothing. */
export function sizeFrom(sources: SizeSources, variables: ReadonlyMap<string, unknown>): number | null {
  let largest: number | null = null;
  for (const { variable, otherwise } of sources) {
    const size = variable === null ? otherwise : (variables.get(variable) ?? otherwise);
    if (typeof size === 'number' && Number.isFinite(size)) largest = Math.max(0, size, largest ?? 0);
  }
  return largest;
}
