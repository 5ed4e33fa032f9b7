import { parse, type GraphQLSchema } from 'graphql';
import { estimateCost, resolveOperation, type Template } from '@certfolio/templates';
import { listSize } from './list-sizes.ts';

/** Estimated cost of a template with its default variables, for those who look at it; null for one that cannot run. */
export function templateCost(
  { text, operationName, state, variables, lifecycle }: Template,
  schema: GraphQLSchema,
): number | null {
  if (lifecycle?.problem != null || state === 'retired') return null;
  const document = parse(text);
  const defaults = Object.fromEntries(variables.map(({ name, default: value }) => [name, value]));
  return estimateCost(schema, document, resolveOperation(document, operationName), defaults, { listSize });
}
