import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInputType,
  typeFromAST,
  type GraphQLInputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';

/**
 * Coordinates of the input fields and enum values that variables carry, `OrderFilter.cost` for one; a member that is null
 * asks for nothing. Of values that their type does not take there is nothing to say: they are refused elsewhere.
 */
export function inputsOfVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): ReadonlySet<string> {
  const asked = new Set<string>();
  const given = new Map(Object.entries(variables));
  for (const { variable, type } of variableDefinitions) {
    const inputType = typeFromAST(schema, type as never);
    if (inputType !== undefined && isInputType(inputType)) collect(inputType, given.get(variable.name.value), asked);
  }
  return asked;
}

function collect(type: GraphQLInputType, value: unknown, asked: Set<string>): void {
  if (value == null) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(type, item, asked);
    return;
  }
  const named = getNamedType(type);
  if (isEnumType(named)) asked.add(`${named.name}.${String(value)}`);
  if (!isInputObjectType(named) || typeof value !== 'object') return;
  const fields = new Map(Object.entries(named.getFields()));
  for (const [name, member] of Object.entries(value)) {
    const field = fields.get(name);
    if (field === undefined || member == null) continue;
    asked.add(`${named.name}.${name}`);
    collect(field.type, member, asked);
  }
}
