import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway';
import type { GraphQLSchema } from 'graphql';
import type { Logger, RequestContext } from '@certfolio/core';
import type { LocalSubgraph } from './local-subgraph.ts';
import { createPreparedPlans, noSubgraph, type PreparedPlans } from './prepared-plans.ts';
import type { QueryPlan } from './query-plan.ts';

/** Something that answers a sub-query of the plan. */
export interface SubgraphRunner {
  run(
    query: string,
    variables: Record<string, unknown>,
    operationName: string | undefined,
    context: RequestContext,
  ): ReturnType<LocalSubgraph['run']>;
}

export interface SupergraphOptions {
  readonly supergraphSdl: string;
  /** Runner of each subgraph by name; local ones compile queries, remote ones speak HTTP. */
  readonly runners: ReadonlyMap<string, SubgraphRunner>;
  readonly logger: Logger;
}

/** The gateway with its schema; executes prepared documents and lets Apollo Server take part as its host. */
export interface Supergraph {
  readonly gateway: ApolloGateway;
  readonly schema: () => GraphQLSchema;
  /** Puts a new schema in place. @throws when it cannot be used; the one in place stays. */
  update(supergraphSdl: string, runners: ReadonlyMap<string, SubgraphRunner>): Promise<void>;
  onChange(listener: () => void): void;
  readonly plans: PreparedPlans;
}

interface ContextValue {
  readonly request: RequestContext;
}

/** Plans by @apollo/gateway; every fetch of a plan goes to the runner of its subgraph, in this process or over HTTP. */
export function createSupergraph(options: SupergraphOptions): Supergraph {
  let runners = options.runners;
  let pushUpdate: ((supergraphSdl: string) => void) | null = null;
  const listeners: (() => void)[] = [];

  const dataSourceOf = (name: string): GraphQLDataSource => ({
    async process({ request, context }) {
      const runner = runners.get(name);
      if (runner === undefined) return noSubgraph(name) as never;
      return (await runner.run(
        request.query!,
        request.variables ?? {},
        request.operationName,
        (context as unknown as ContextValue).request,
      )) as never;
    },
  });

  const schema = () => {
    if (gateway.schema === undefined) throw new Error('The gateway has not loaded its schema yet.');
    return gateway.schema;
  };
  const plans = createPreparedPlans(schema, (name) => runners.get(name), options.logger);

  const gateway = new ApolloGateway({
    supergraphSdl: async ({ update }) => {
      pushUpdate = update;
      return { supergraphSdl: options.supergraphSdl };
    },
    buildService: ({ name }) => dataSourceOf(name),
    logger: gatewayLogger(options.logger),
    experimental_didResolveQueryPlan: ({ queryPlan, requestContext: { queryHash, source, request, document } }) =>
      plans.notePlan({
        hash: queryHash,
        source,
        operationName: request.operationName ?? null,
        document,
        plan: queryPlan as QueryPlan,
      }),
  });
  gateway.onSchemaLoadOrUpdate(() => {
    plans.clear();
    listeners.forEach((listener) => listener());
  });

  return {
    gateway,
    plans,
    schema,
    async update(supergraphSdl, nextRunners) {
      if (pushUpdate === null) throw new Error('The gateway has not loaded its schema yet.');
      const before = runners;
      // The new runners know the old queries too, so they are in place before the first plan of the new schema.
      runners = nextRunners;
      try {
        pushUpdate(supergraphSdl);
      } catch (error) {
        runners = before;
        throw error;
      }
    },
    onChange: (listener) => void listeners.push(listener),
  };
}

/** @apollo/gateway logs texts; its info is our debug. */
function gatewayLogger(logger: Logger) {
  return {
    debug: () => undefined,
    info: (message?: unknown) => logger.debug({ part: 'gateway' }, String(message)),
    warn: (message?: unknown) => logger.warn({ part: 'gateway' }, String(message)),
    error: (message?: unknown) => logger.error({ part: 'gateway' }, String(message)),
  };
}
