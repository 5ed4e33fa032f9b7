import {
  getNamedType,
  isInputObjectType,
  typeFromAST,
  type GraphQLInputObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';

/**
 * Whether a variable's type contains itself, as a filter with `anyOf` does. graphql-jit 0.8.9 writes code for every level
 * of a variable's type and for such a type never ends: it takes all memory and with it the process.
 */
export function hasRecursiveInput(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
): boolean {
  const finished = new Set<GraphQLInputObjectType>();
  const isRecursive = (type: GraphQLInputObjectType, above: ReadonlySet<GraphQLInputObjectType>): boolean => {
    if (above.has(type)) return true;
    if (finished.has(type)) return false;
    const below = new Set(above).add(type);
    const found = Object.values(type.getFields()).some((field) => {
      const inner = getNamedType(field.type);
      return isInputObjectType(inner) && isRecursive(inner, below);
    });
    finished.add(type);
    return found;
  };
  return variableDefinitions.some(({ type }) => {
    const named = getNamedType(typeFromAST(schema, type as never));
    return isInputObjectType(named) && isRecursive(named, new Set());
  });
}
