import { BadUserInput, dayIn, type Clock } from '@certfolio/core';
import { reportRun, type Pipeline } from '@certfolio/pipeline';
import { variablesFromJson, type OperationAnalyser, type Template } from '@certfolio/templates';
import type { GraphQLSchema } from 'graphql';

/** Looks at a template by the steps that its run will go through, before anyone may run it. */
export function createOperationAnalyser(
  pipeline: () => Pipeline,
  schema: () => GraphQLSchema,
  clock: Clock,
): OperationAnalyser {
  /** A run reads pages of the size that the template says. */
  const pageOf = ({ paging }: Template) => (paging === null ? {} : { [paging.first]: paging.pageSize });
  return {
    examine(template, principal) {
      const { text, operationName } = template;
      const defaults = template.variables.flatMap(({ name, default: value }) =>
        value === undefined ? [] : [[name, value] as const],
      );
      const variables = { ...Object.fromEntries(defaults), ...pageOf(template) };
      return pipeline().examine({ principal, text, operationName, variables }).mostPoints;
    },
    async expectedCalls(template, { requestId, principal, deadline, signal }) {
      const { text, operationName, paging, maxAgeSeconds } = template;
      const today = dayIn('UTC', clock.nowMs());
      const variables = variablesFromJson(template, pageOf(template), { schema: schema(), today });
      const ready = pipeline().examine({ principal, text, operationName, variables });
      const run = paging === null ? null : reportRun(requestId, principal, clock.nowMs());
      const maxAgeMs = maxAgeSeconds === null ? null : maxAgeSeconds * 1_000;
      const { reads, errors } = await pipeline().plan(ready, { requestId, deadline, signal, maxAgeMs, run });
      const [first] = errors;
      if (first !== undefined) throw new BadUserInput(first.message);
      return reads.expectedCalls;
    },
  };
}
