import { validate, visit, type DocumentNode, type GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Logger } from '@certfolio/core';
import type { LocalSubgraph, RunSubquery } from './local-subgraph.ts';
import { preparePlan, type Ask, type RunPlan } from './plan-executor.ts';
import { BeyondUs, type FetchNode, type QueryPlan } from './query-plan.ts';
import type { SubgraphRunner } from './supergraph.ts';

/** How an operation is run past Apollo's executor. */
export type PreparedPlan =
  /** Its plan is one fetch, and the subgraph answers the operation as it stands. */
  | { readonly kind: 'subgraph'; readonly name: string; readonly run: RunSubquery }
  | { readonly kind: 'plan'; readonly run: RunPlan };

/** Plans that Apollo's planner made, prepared once for the runs that follow. */
export interface PreparedPlans {
  /** Told of every plan; looks at each operation once. */
  notePlan(operation: PlannedOperation): void;
  /**
   * Null for an operation that is Apollo's to run, or whose plan was not seen yet.
   *
   * @param fromUse so many uses are left to Apollo: to prepare takes longer than to run once, and most texts come once
   */
  find(hash: string, operationName: string | null, fromUse?: number): PreparedPlan | null;
  /** Forgets everything: the schema has changed. */
  clear(): void;
}

export interface PlannedOperation {
  /** Of the text. */
  readonly hash: string;
  readonly source: string;
  readonly operationName: string | null;
  readonly document: DocumentNode;
  readonly plan: QueryPlan;
}

const maxKnown = 5_000;

/** @param runnerOf the subgraph of that name, in this process or elsewhere; undefined when there is none */
export function createPreparedPlans(
  schema: () => GraphQLSchema,
  runnerOf: (name: string) => SubgraphRunner | undefined,
  logger: Logger,
): PreparedPlans {
  /** Prepared when it is asked for; `uses` counts runs, the one that told the plan included. */
  const known = new LRUCache<
    string,
    { readonly planned: PlannedOperation; uses: number; prepared?: PreparedPlan | null }
  >({ max: maxKnown });
  const keyOf = (hash: string, operationName: string | null) =>
    operationName === null ? hash : `${hash} ${operationName}`;

  const askOf = (fetch: FetchNode): Ask => {
    const { serviceName, operation, operationName } = fetch;
    let asked: SubgraphRunner | undefined;
    let run: Ask | undefined;
    return (variables, context) => {
      const runner = runnerOf(serviceName);
      if (runner === undefined) return Promise.resolve(noSubgraph(serviceName));
      if (run === undefined || runner !== asked) {
        asked = runner;
        run = isLocal(runner)
          ? runner.prepare(operation, operationName)
          : (given, caller) => runner.run(operation, given, operationName, caller);
      }
      return run(variables, context);
    };
  };

  const prepare = ({ source, operationName, document, plan, hash }: PlannedOperation): PreparedPlan | null => {
    const answering = subgraphOf(plan, document);
    if (answering !== null)
      return { kind: 'subgraph', name: answering.name, run: answering.prepare(source, operationName ?? undefined) };
    try {
      return { kind: 'plan', run: preparePlan({ schema: schema(), document, operationName, plan, askOf }) };
    } catch (error) {
      if (!(error instanceof BeyondUs)) throw error;
      logger.debug({ documentHash: hash, reason: error.message }, 'A plan is not prepared.');
      return null;
    }
  };

  /**
   * A plan that is one fetch asks a subgraph for what was asked of the gateway, in other words. Asking in the words of the
   * operation gives the answer in its own shape, so that nothing has to be shaped again. It must be valid there as it stands.
   */
  const subgraphOf = ({ node }: QueryPlan, document: DocumentNode): LocalSubgraph | null => {
    if (node?.kind !== 'Fetch') return null;
    if (node.requires !== undefined || node.inputRewrites !== undefined || node.outputRewrites !== undefined)
      return null;
    const runner = runnerOf(node.serviceName);
    if (runner === undefined || !isLocal(runner)) return null;
    // The schema that a caller may ask about is the gateway's, not the subgraph's.
    if (asksForSchema(document)) return null;
    return validate(runner.schema, document).length === 0 ? runner : null;
  };

  return {
    notePlan(operation) {
      const key = keyOf(operation.hash, operation.operationName);
      if (!known.has(key)) known.set(key, { planned: operation, uses: 1 });
    },
    find(hash, operationName, fromUse = 0) {
      const found = known.get(keyOf(hash, operationName));
      if (found === undefined) return null;
      found.uses += 1;
      if (found.prepared === undefined && found.uses < fromUse) return null;
      if (found.prepared === undefined) found.prepared = prepare(found.planned);
      return found.prepared;
    },
    clear: () => known.clear(),
  };
}

function asksForSchema(document: DocumentNode): boolean {
  let asks = false;
  visit(document, { Field: ({ name }) => void (asks ||= name.value === '__schema' || name.value === '__type') });
  return asks;
}

const isLocal = (runner: SubgraphRunner): runner is LocalSubgraph => 'prepare' in runner;

/** What is told of a subgraph that the schema knows and this gateway does not. */
export const noSubgraph = (name: string) => ({
  errors: [{ message: `No subgraph "${name}" is configured.`, extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }],
});
