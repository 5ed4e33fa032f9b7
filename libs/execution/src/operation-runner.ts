import { ApolloServer } from '@apollo/server';
import { GraphQLError, type DocumentNode, type GraphQLFormattedError } from 'graphql';
import type { Logger, RequestContext } from '@certfolio/core';
import { formatError } from '@certfolio/graph-kit';
import { OddAnswer } from './query-plan.ts';
import type { PreparedPlan } from './prepared-plans.ts';
import type { Supergraph } from './supergraph.ts';

export interface ExecutionAnswer {
  readonly data: Record<string, unknown> | null;
  readonly errors: readonly GraphQLFormattedError[];
}

/** A document that was parsed and validated against the schema in place; made once per template, run for every request. */
export interface PreparedOperation {
  readonly document: DocumentNode;
  readonly source: string;
  /** Names the plan in the planner's cache; equal for equal documents. */
  readonly hash: string;
  readonly operationName: string | null;
}

export interface OperationRunner {
  /** Runs a document that is known to be valid, past Apollo Server's parsing and validation. */
  runPrepared(
    operation: PreparedOperation,
    variables: Record<string, unknown>,
    context: RequestContext,
  ): Promise<ExecutionAnswer>;
  /**
   * Runs a text as Apollo Server does: parse, validate, plan, execute, plugins. A text that comes again and again runs its
   * prepared plan instead, as it would by id.
   *
   * @param validated the text's document where it was parsed and validated before; that is not done again then
   */
  runText(
    source: string,
    operationName: string | null,
    variables: Record<string, unknown>,
    context: RequestContext,
    validated?: Pick<PreparedOperation, 'document' | 'hash'>,
  ): Promise<ExecutionAnswer>;
  stop(): Promise<void>;
}

/** A text is prepared when it comes so often; a template always comes again. */
const usesBeforePreparing = 3;

/** Hexadecimal digits of a SHA-256. */
const hashLength = 64;

/** Starts Apollo Server over the gateway and gives both ways to run an operation. */
export async function createOperationRunner(supergraph: Supergraph, logger: Logger): Promise<OperationRunner> {
  // Documents on their way through Apollo Server, by the SHA-256 of their text.
  const passing = new Map<string, DocumentNode>();
  const server = new ApolloServer<{ request: RequestContext }>({
    gateway: supergraph.gateway,
    documentStore: {
      get: async (key) => passing.get(key.slice(-hashLength)),
      set: async () => undefined,
      delete: async () => undefined,
    },
    // The pipeline decides who may introspect, before an operation comes here.
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    persistedQueries: false,
    allowBatchedHttpRequests: false,
    csrfPrevention: false,
    nodeEnv: 'production',
    logger: {
      debug() {},
      info() {},
      warn: (message) => logger.warn({ part: 'apollo-server' }, String(message)),
      error: (message) => logger.error({ part: 'apollo-server' }, String(message)),
    },
  });
  await server.start();
  const cache = server.cache;
  const onMasked = (context: RequestContext) => (error: GraphQLError) =>
    logger.error({ err: error, requestId: context.requestId }, 'An operation failed.');
  const formatAll = (errors: readonly (GraphQLError | GraphQLFormattedError)[] | undefined, context: RequestContext) =>
    (errors ?? []).map((error) => formatError(asGraphQLError(error), onMasked(context)));

  const runByApollo = async (
    { document, source, hash, operationName }: PreparedOperation,
    variables: Record<string, unknown>,
    context: RequestContext,
  ): Promise<ExecutionAnswer> => {
    // The members of a request that the gateway's executor looks at; Apollo Server's own has more.
    const request = { query: source, variables, ...(operationName === null ? {} : { operationName }) };
    const seen = {
      request,
      document,
      source,
      queryHash: hash,
      operationName,
      metrics: {},
      schema: supergraph.schema(),
      context: { request: context },
      cache,
    };
    const result = await supergraph.gateway.executor(seen as never);
    return {
      data: (result.data as Record<string, unknown> | null | undefined) ?? null,
      errors: formatAll(result.errors, context),
    };
  };

  const runPlan = async (
    plan: PreparedPlan,
    operation: PreparedOperation,
    variables: Record<string, unknown>,
    context: RequestContext,
  ): Promise<ExecutionAnswer> => {
    if (plan.kind === 'subgraph') {
      const { data, errors } = await plan.run(variables, context);
      return { data: data ?? null, errors: errors ?? [] };
    }
    try {
      const { data, errors } = await plan.run(variables, context);
      return { data, errors: formatAll(errors, context) };
    } catch (error) {
      if (!(error instanceof OddAnswer)) throw error;
      logger.warn({ reason: error.message, requestId: context.requestId }, 'An operation is run again by Apollo.');
      return runByApollo(operation, variables, context);
    }
  };

  return {
    async runPrepared(operation, variables, context) {
      const plan = supergraph.plans.find(operation.hash, operation.operationName);
      return plan === null ? runByApollo(operation, variables, context) : runPlan(plan, operation, variables, context);
    },
    async runText(source, operationName, variables, context, validated) {
      if (validated !== undefined) {
        const plan = supergraph.plans.find(validated.hash, operationName, usesBeforePreparing);
        if (plan !== null) return runPlan(plan, { ...validated, source, operationName }, variables, context);
        passing.set(validated.hash, validated.document);
      }
      const { body } = await server
        .executeOperation(
          { query: source, variables, ...(operationName === null ? {} : { operationName }) },
          { contextValue: { request: context } },
        )
        // Another request with the same text finds it parsed, or parses it itself.
        .finally(() => passing.delete(validated?.hash ?? ''));
      if (body.kind !== 'single') throw new GraphQLError('Incremental delivery is not supported.');
      const { data, errors } = body.singleResult;
      return { data: (data as Record<string, unknown> | null | undefined) ?? null, errors: formatAll(errors, context) };
    },
    stop: () => server.stop(),
  };
}

/** Errors of the gateway come as objects with extensions; the formatter wants the class. */
function asGraphQLError(error: GraphQLError | GraphQLFormattedError): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const { message, path, extensions } = error;
  return new GraphQLError(message, {
    ...(path === undefined ? {} : { path }),
    ...(extensions === undefined ? {} : { extensions }),
  });
}
