import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** One field as it appears in the answer; selections of the same response key are one node. */
export interface SelectedField {
  readonly key: string;
  readonly fieldName: string;
  /** Type that the field is selected on. */
  readonly parentType: string;
  readonly type: GraphQLOutputType;
  /** The first selection of this key; others have the same arguments, or validation refuses the document. */
  readonly node: FieldNode;
  /** Null for `__typename`. */
  readonly definition: GraphQLField<unknown, unknown> | null;
  /** What decides whether the field is in the answer; null where it always is. */
  readonly condition: SelectionCondition | null;
  /** Fields below, in the order of the answer; empty for scalars. */
  readonly children: ReadonlyMap<string, SelectedField>;
}

/** `@skip` and `@include` of each selection of a field, with those that it stands below: one of the selections must hold. */
export type SelectionCondition = readonly (readonly DirectiveNode[])[];

interface Growing extends SelectedField {
  condition: SelectionCondition | null;
  readonly children: Map<string, Growing>;
}

/** A document that selects more than this, with fragments spread out, is no report. */
const maxFields = 20_000;

/**
 * The answer of an operation as a tree, with fragments spread out. Fields unknown to the schema and fragment cycles are
 * left out: validation names them. Selections that `@skip` or `@include` may drop are part of it.
 *
 * @throws RangeError when the tree would have more than 20,000 fields
 */
export function selectionTree(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): ReadonlyMap<string, SelectedField> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  let visited = 0;

  function grow(
    into: Map<string, Growing>,
    set: SelectionSetNode,
    type: GraphQLCompositeType,
    open: ReadonlySet<string>,
    deciding: readonly DirectiveNode[],
  ): void {
    for (const selection of set.selections) {
      visited += 1;
      if (visited > maxFields) throw new RangeError(`The document selects more than ${maxFields} fields.`);
      const conditions = decidingOf(selection, deciding);
      if (selection.kind === Kind.FIELD) {
        const definition = fieldOf(schema, type, selection.name.value);
        if (definition === undefined) continue;
        const key = selection.alias?.value ?? selection.name.value;
        const fieldType = definition?.type ?? TypeNameMetaFieldDef.type;
        const named = getNamedType(fieldType);
        const known = into.get(key);
        const node: Growing = known ?? {
          key,
          fieldName: selection.name.value,
          parentType: type.name,
          type: fieldType,
          node: selection,
          definition,
          condition: conditions.length === 0 ? null : [conditions],
          children: new Map(),
        };
        if (known === undefined) into.set(key, node);
        else if (conditions.length === 0) node.condition = null;
        else if (node.condition !== null) node.condition = [...node.condition, conditions];
        if (selection.selectionSet !== undefined && isCompositeType(named))
          grow(node.children, selection.selectionSet, named, open, conditions);
        continue;
      }
      const spread = selection.kind === Kind.FRAGMENT_SPREAD ? selection.name.value : null;
      if (spread !== null && open.has(spread)) continue;
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
      if (fragment === undefined) continue;
      const condition = fragment.typeCondition === undefined ? type : schema.getType(fragment.typeCondition.name.value);
      if (!isCompositeType(condition)) continue;
      grow(into, fragment.selectionSet, condition, spread === null ? open : new Set([...open, spread]), conditions);
    }
  }

  const root = schema.getRootType(operation.operation);
  const tree = new Map<string, Growing>();
  if (root != null) grow(tree, operation.selectionSet, root, new Set(), []);
  return tree;
}

function decidingOf({ directives = [] }: SelectionNode, above: readonly DirectiveNode[]): readonly DirectiveNode[] {
  if (directives.length === 0) return above;
  return [...above, ...directives.filter(({ name }) => name.value === 'skip' || name.value === 'include')];
}

/** @param values of the variables, defaults included */
export function isSelected({ condition }: SelectedField, values: ReadonlyMap<string, unknown>): boolean {
  return condition === null || condition.some((directives) => directives.every((one) => letsThrough(one, values)));
}

function letsThrough({ name, arguments: given }: DirectiveNode, values: ReadonlyMap<string, unknown>): boolean {
  const value = given?.find((argument) => argument.name.value === 'if')?.value;
  const isTrue =
    value?.kind === Kind.VARIABLE ? values.get(value.name.value) : value?.kind === Kind.BOOLEAN && value.value;
  return name.value === 'include' ? isTrue !== false : isTrue !== true;
}

/** Null for `__typename`, undefined for what the type does not have. */
function fieldOf(
  schema: GraphQLSchema,
  type: GraphQLCompositeType,
  name: string,
): GraphQLField<unknown, unknown> | null | undefined {
  if (name === '__typename') return null;
  if (name === '__schema' && type === schema.getQueryType()) return SchemaMetaFieldDef;
  if (name === '__type' && type === schema.getQueryType()) return TypeMetaFieldDef;
  if (!isObjectType(type) && !isInterfaceType(type)) return undefined;
  return Object.hasOwn(type.getFields(), name) ? type.getFields()[name] : undefined;
}
