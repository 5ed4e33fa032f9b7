import { AppError, type RequestContext } from '@certfolio/core';
import type { Pipeline } from '@certfolio/pipeline';
import type { Template } from '@certfolio/templates';

/**
 * Calls of CertCentral that a run of this version with its default variables would make for the caller now; null where that
 * cannot be told, as when a variable has to be given. Nothing is read, and a version that does not run yet is planned, too.
 */
export async function expectedCalls(
  pipeline: Pipeline,
  { text, operationName, variables }: Template,
  { principal, requestId, deadline, signal }: RequestContext,
): Promise<number | null> {
  const defaults = Object.fromEntries(variables.map(({ name, default: value }) => [name, value]));
  try {
    const ready = pipeline.ready({
      principal: { ...principal, level: 'open', templates: 'all' },
      document: { kind: 'text', text, id: null },
      operationName,
      variables: defaults,
      isAutomatic: false,
      isGet: true,
    });
    const { reads } = await pipeline.run(ready, {
      requestId,
      deadline,
      signal,
      maxAgeMs: null,
      planOnly: true,
      run: null,
    });
    return reads.expectedCalls;
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}
