import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  execute,
  getOperationAST,
  parse,
  validate,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import { compileQuery, isCompiledQuery, type CompiledQuery } from 'graphql-jit';
import { LRUCache } from 'lru-cache';
import type { Logger, RequestContext } from '@certfolio/core';
import { formatError, type Subgraph } from '@certfolio/graph-kit';
import { createDefaultsFiller } from './input-defaults.ts';
import { hasRecursiveInput } from './recursive-input.ts';

export interface SubgraphAnswer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

/** Runs one operation that was compiled before; errors stand in the answer, it never rejects. */
export type RunSubquery = (variables: Record<string, unknown>, context: RequestContext) => Promise<SubgraphAnswer>;

/** A subgraph that answers in this process. */
export interface LocalSubgraph {
  readonly name: string;
  readonly typeDefs: DocumentNode;
  readonly schema: GraphQLSchema;
  /** An operation to be run many times. */
  prepare(query: string, operationName: string | undefined): RunSubquery;
  /** Runs one operation; errors stand in the answer, it never rejects. */
  run(
    query: string,
    variables: Record<string, unknown>,
    operationName: string | undefined,
    context: RequestContext,
  ): Promise<SubgraphAnswer>;
}

/** Distinct sub-queries that one subgraph keeps compiled. The planner writes the same text for the same plan. */
const maxCompiled = 2_000;

type Compiled =
  | { readonly run: CompiledQuery['query'] | null; readonly document: DocumentNode }
  | { readonly errors: readonly GraphQLFormattedError[] };

/** Makes a subgraph executable. A query text is parsed, validated and compiled the first time it is seen, and never again. */
export function createLocalSubgraph(subgraph: Subgraph, logger: Logger): LocalSubgraph {
  const schema = buildSubgraphSchema([{ typeDefs: subgraph.typeDefs, resolvers: subgraph.resolvers as never }]);
  const compiled = new LRUCache<string, Compiled>({ max: maxCompiled });
  const onMasked = (context: RequestContext) => (error: Error) =>
    logger.error({ err: error, subgraph: subgraph.name, requestId: context.requestId }, 'A resolver failed.');

  const compile = (query: string, operationName: string | undefined): Compiled => {
    const document = parse(query, { noLocation: true });
    const errors = validate(schema, document);
    if (errors.length > 0)
      return {
        errors: errors.map(({ message, locations }) => ({
          message,
          ...(locations === undefined ? {} : { locations }),
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
        })),
      };
    const operation = getOperationAST(document, operationName);
    if (operation != null && hasRecursiveInput(schema, operation)) return { document, run: null };
    const result = compileQuery(schema, document, operationName, { disablingCapturingStackErrors: true });
    // What the compiler cannot do, the interpreter can.
    if (!isCompiledQuery(result)) return { document, run: null };
    const fillDefaults = operation == null ? null : createDefaultsFiller(schema, operation);
    if (fillDefaults === null) return { document, run: result.query };
    return { document, run: (root, context, variables) => result.query(root, context, fillDefaults(variables ?? {})) };
  };

  const compiledOnce = (query: string, operationName: string | undefined): Compiled => {
    const key = `${operationName ?? ''}\n${query}`;
    let known = compiled.get(key);
    if (known === undefined) {
      try {
        known = compile(query, operationName);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return { errors: [{ message, extensions: { code: 'GRAPHQL_PARSE_FAILED' } }] };
      }
      compiled.set(key, known);
    }
    return known;
  };

  const runCompiled = async (
    known: Compiled,
    operationName: string | undefined,
    variables: Record<string, unknown>,
    context: RequestContext,
  ): Promise<SubgraphAnswer> => {
    if ('errors' in known) return known;
    const result = (await (known.run === null
      ? execute({ schema, document: known.document, variableValues: variables, operationName, contextValue: context })
      : known.run(undefined, context, variables))) as ExecutionResult<Record<string, unknown>>;
    if (result.errors === undefined || result.errors.length === 0) return { data: result.data ?? null };
    return { data: result.data ?? null, errors: result.errors.map((error) => formatError(error, onMasked(context))) };
  };

  return {
    name: subgraph.name,
    typeDefs: subgraph.typeDefs,
    schema,
    prepare(query, operationName) {
      const known = compiledOnce(query, operationName);
      return (variables, context) => runCompiled(known, operationName, variables, context);
    },
    run: async (query, variables, operationName, context) =>
      runCompiled(compiledOnce(query, operationName), operationName, variables, context),
  };
}
