import {
  astFromValue,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  typeFromAST,
  valueFromASTUntyped,
  type GraphQLInputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';

type Variables = Record<string, unknown>;
type Fill = (value: unknown) => unknown;

/**
 * Makes a function that adds to variables the defaults of input fields that were left out, as the wire would have
 * carried them, and the defaults of variables whose type is non-null. graphql-jit 0.8.9 does not: it takes what is left
 * out for missing where its type is non-null, and a field for undefined elsewhere.
 *
 * @returns null when no variable of the operation can lack anything
 */
export function createDefaultsFiller(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
): ((variables: Variables) => Variables) | null {
  const fillers = new Map<string, Fill>();
  const defaults: [string, unknown][] = [];
  for (const { variable, type, defaultValue } of variableDefinitions) {
    const inputType = typeFromAST(schema, type as never) as GraphQLInputType | undefined;
    const fill = inputType === undefined ? null : fillerFor(inputType, new Map());
    if (fill !== null) fillers.set(variable.name.value, fill);
    if (defaultValue === undefined || type.kind !== Kind.NON_NULL_TYPE) continue;
    const value = valueFromASTUntyped(defaultValue);
    defaults.push([variable.name.value, fill?.(value) ?? value]);
  }
  if (fillers.size === 0 && defaults.length === 0) return null;
  return (variables) => {
    const given = Object.entries(variables).filter(([, value]) => value !== undefined);
    return Object.fromEntries([
      ...defaults,
      ...given.map(([name, value]) => [name, fillers.get(name)?.(value) ?? value] as const),
    ]);
  };
}

/** @param known fillers of the input objects on the way here, which may contain themselves */
function fillerFor(type: GraphQLInputType, known: Map<GraphQLInputType, Fill>): Fill | null {
  if (isNonNullType(type)) return fillerFor(type.ofType, known);
  if (isListType(type)) {
    const fill = fillerFor(type.ofType, known);
    // A single value stands for a list of one.
    return fill === null ? null : (value) => (Array.isArray(value) ? value.map(fill) : fill(value));
  }
  if (!isInputObjectType(type)) return null;
  const met = known.get(type);
  if (met !== undefined) return met;

  const defaults: [string, unknown][] = [];
  const nested = new Map<string, Fill>();
  const fill: Fill = (value) => {
    if (typeof value !== 'object' || value === null) return value;
    const given = Object.entries(value).filter(([, member]) => member !== undefined);
    const filled = given.map(([name, member]) => [name, nested.get(name)?.(member) ?? member] as const);
    return { ...Object.fromEntries(defaults), ...Object.fromEntries(filled) };
  };
  known.set(type, fill);
  for (const field of Object.values(type.getFields())) {
    const inner = fillerFor(field.type, known);
    if (inner !== null) nested.set(field.name, inner);
    if (field.defaultValue === undefined) continue;
    const ast = astFromValue(field.defaultValue, field.type);
    const value = ast == null ? null : valueFromASTUntyped(ast);
    defaults.push([field.name, inner?.(value) ?? value]);
  }
  return defaults.length === 0 && nested.size === 0 ? null : fill;
}
