import {
  type GraphQLSchema,
  Kind,
  getNullableType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { BeyondUs } from './query-plan.ts';

/** When a field is selected: all must hold. A literal that always holds is left out. */
export interface Condition {
  readonly variable: string;
  /** The value that the variable must have. */
  readonly wanted: boolean;
}

/** What an answer's object looks like, with everything about types decided. */
export interface ObjectShape {
  readonly typeName: string;
  readonly fields: readonly FieldShape[];
  /** Some field depends on a variable. */
  readonly hasConditions: boolean;
}

export interface FieldShape {
  readonly responseName: string;
  readonly conditions: readonly Condition[];
  readonly value: ValueShape;
}

export type ValueShape =
  | { readonly kind: 'typename'; readonly typeName: string }
  | { readonly kind: 'leaf'; readonly isNullable: boolean; readonly isValid: (value: unknown) => boolean }
  | { readonly kind: 'object'; readonly isNullable: boolean; readonly shape: ObjectShape }
  | { readonly kind: 'list'; readonly isNullable: boolean; readonly element: ValueShape };

/**
 * Works out the shape of an operation's answer: fields of fragments merged, in the order in which Apollo's executor writes
 * them.
 *
 * @throws BeyondUs for what this cannot know before the run, or where Apollo's order is its own
 */
export function answerShape(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): ObjectShape {
  const root = schema.getRootType(operation.operation);
  if (root == null) throw new BeyondUs(`the schema has no ${operation.operation}`);
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
  return shapeOf(root, [operation.selectionSet], { schema, fragments });
}

interface Known {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

interface Selected {
  readonly node: FieldNode;
  readonly conditions: readonly Condition[];
  readonly selectionSets: SelectionSetNode[];
}

function shapeOf(type: GraphQLObjectType, selectionSets: readonly SelectionSetNode[], known: Known): ObjectShape {
  const selected = new Map<string, Selected>();
  const spread = new Set<string>();
  for (const selectionSet of selectionSets) collect(type, selectionSet, [], selected, spread, known);
  const fields = [...selected].map(([responseName, { node, conditions, selectionSets: below }]) => ({
    responseName,
    conditions,
    value: valueOf(type, node, below, known),
  }));
  return { typeName: type.name, fields, hasConditions: fields.some(({ conditions }) => conditions.length > 0) };
}

function collect(
  type: GraphQLObjectType,
  { selections }: SelectionSetNode,
  outer: readonly Condition[],
  selected: Map<string, Selected>,
  spread: Set<string>,
  known: Known,
): void {
  for (const selection of selections) {
    const own = conditionsOf(selection.directives);
    if (own === 'never') continue;
    const conditions = own.length === 0 ? outer : [...outer, ...own];
    if (selection.kind === Kind.FIELD) {
      addField(selection, conditions, selected);
      continue;
    }
    const isInline = selection.kind === Kind.INLINE_FRAGMENT;
    const fragment = isInline ? selection : known.fragments.get(selection.name.value);
    if (fragment === undefined) throw new BeyondUs('a fragment is not in the document');
    const condition = fragment.typeCondition?.name.value;
    if (condition !== undefined && condition !== type.name) throw new BeyondUs('a fragment is on an abstract type');
    // Apollo puts the fields of equal fragments together, where graphql-js leaves each in its place.
    const key = isInline ? `on ${condition ?? ''}` : selection.name.value;
    if (spread.has(key)) throw new BeyondUs('a fragment is there twice');
    spread.add(key);
    collect(type, fragment.selectionSet, conditions, selected, new Set(), known);
  }
}

function addField(node: FieldNode, conditions: readonly Condition[], selected: Map<string, Selected>): void {
  const responseName = (node.alias ?? node.name).value;
  // Names that every JavaScript object has.
  if (responseName in Object.prototype) throw new BeyondUs(`a field is called ${responseName}`);
  const known = selected.get(responseName);
  const below = node.selectionSet === undefined ? [] : [node.selectionSet];
  if (known === undefined) {
    selected.set(responseName, { node, conditions, selectionSets: below });
    return;
  }
  if (known.conditions.length > 0 || conditions.length > 0)
    throw new BeyondUs('a field is there twice, under different conditions');
  known.selectionSets.push(...below);
}

function valueOf(
  parent: GraphQLObjectType,
  node: FieldNode,
  below: readonly SelectionSetNode[],
  known: Known,
): ValueShape {
  const name = node.name.value;
  if (name === '__typename') return { kind: 'typename', typeName: parent.name };
  const field = parent.getFields()[name];
  if (field === undefined) throw new BeyondUs(`${parent.name}.${name} is the schema's own`);
  return valueOfType(field.type, below, known);
}

function valueOfType(type: GraphQLOutputType, below: readonly SelectionSetNode[], known: Known): ValueShape {
  const isNullable = !isNonNullType(type);
  const nullable = getNullableType(type);
  if (isListType(nullable)) return { kind: 'list', isNullable, element: valueOfType(nullable.ofType, below, known) };
  if (isObjectType(nullable)) return { kind: 'object', isNullable, shape: shapeOf(nullable, below, known) };
  if (isEnumType(nullable)) {
    const values = new Set<unknown>(nullable.getValues().map(({ name }) => name));
    return { kind: 'leaf', isNullable, isValid: (value) => values.has(value) };
  }
  if (!isScalarType(nullable)) throw new BeyondUs(`${String(nullable)} is abstract`);
  return { kind: 'leaf', isNullable, isValid: isSpecifiedScalarType(nullable) ? validFor(nullable.name) : () => true };
}

/** What Apollo's gateway lets pass as a value of a built-in scalar. */
function validFor(scalar: string): (value: unknown) => boolean {
  switch (scalar) {
    case 'Boolean':
      return (value) => typeof value === 'boolean';
    case 'Int':
      return isWholeNumber;
    case 'Float':
      return (value) => typeof value === 'number' && Number.isFinite(value);
    case 'ID':
      return (value) => typeof value === 'string' || isWholeNumber(value);
    default:
      return (value) => typeof value === 'string';
  }
}

/** A number that is written without a fraction or an exponent. */
const isWholeNumber = (value: unknown): boolean =>
  typeof value === 'number' && (Number.isSafeInteger(value) || /^-?(0|[1-9]\d*)$/.test(String(value)));

/** Of `@skip` and `@include`; other directives change nothing. */
function conditionsOf(directives: readonly DirectiveNode[] | undefined): readonly Condition[] | 'never' {
  if (directives === undefined || directives.length === 0) return [];
  const conditions: Condition[] = [];
  for (const { name, arguments: given } of directives) {
    if (name.value !== 'skip' && name.value !== 'include') continue;
    const wanted = name.value === 'include';
    const value = given?.find((argument) => argument.name.value === 'if')?.value;
    if (value?.kind === Kind.VARIABLE) conditions.push({ variable: value.name.value, wanted });
    else if (value?.kind !== Kind.BOOLEAN) throw new BeyondUs(`@${name.value} has no Boolean`);
    else if (value.value !== wanted) return 'never';
  }
  return conditions;
}
