import { getVariableValues, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import { BadUserInput } from '@certfolio/core';

/** Errors that are named before the rest is only counted. */
const maxErrors = 10;

/** @throws BadUserInput naming every variable that is missing or has a value its type does not take */
export function assertVariables(
  schema: GraphQLSchema,
  { variableDefinitions }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): void {
  const { errors } = getVariableValues(schema, variableDefinitions ?? [], variables, {
    maxErrors,
    hideSuggestions: true,
  });
  if (errors !== undefined && errors.length > 0) throw new BadUserInput(errors.map(({ message }) => message).join(' '));
}
