import { Kind, parse, type GraphQLSchema } from 'graphql';
import type { CostPolicy } from '@certfolio/pipeline';
import { estimateCost, type Template } from '@certfolio/templates';

/** Cost of a template with its default variables, for those who look at it. */
export function templateCost({ text, variables }: Template, schema: GraphQLSchema, policy: CostPolicy): number | null {
  const document = parse(text);
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) return null;
  return estimateCost(schema, document, operation, Object.fromEntries(variables.map(({ name, default: value }) => [name, value])), policy);
}
