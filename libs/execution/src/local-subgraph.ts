import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  TypeInfo,
  execute,
  getNamedType,
  getOperationAST,
  isLeafType,
  parse,
  validate,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import { compileQuery, isCompiledQuery, type CompiledQuery } from 'graphql-jit';
import { LRUCache } from 'lru-cache';
import type { Logger, RequestContext } from '@certfolio/core';
import { formatError, type Subgraph } from '@certfolio/graph-kit';
import { hasConditionalFragments } from './conditional-fragments.ts';
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

/** Distinct sub-queries that one subgraph remembers. The planner writes the same text for the same plan. */
const maxKnown = 2_000;

/**
 * A text is compiled when it comes so often: to compile takes longer than to interpret once. Where several fields of an
 * object fail that must not be null, the compiled form names each of them, the interpreter one.
 */
const usesBeforeCompiling = 3;

type Known =
  | {
      readonly document: DocumentNode;
      uses: number;
      /** Undefined before it is compiled; null where the compiler cannot, and the interpreter goes on. */
      run: CompiledQuery['query'] | null | undefined;
    }
  | { readonly errors: readonly GraphQLFormattedError[] };

/** Makes a subgraph executable. A query text is parsed and validated the first time it is seen, compiled when it comes again, and never twice. */
export function createLocalSubgraph(
  subgraph: Subgraph,
  logger: Logger,
  compileAtUse = usesBeforeCompiling,
): LocalSubgraph {
  const schema = buildSubgraphSchema([{ typeDefs: subgraph.typeDefs, resolvers: subgraph.resolvers as never }]);
  const known = new LRUCache<string, Known>({ max: maxKnown });
  const onMasked = (context: RequestContext) => (error: Error) =>
    logger.error({ err: error, subgraph: subgraph.name, requestId: context.requestId }, 'A resolver failed.');

  const read = (query: string): Known => {
    let document: DocumentNode;
    try {
      document = parse(query, { noLocation: true });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { errors: [{ message, extensions: { code: 'GRAPHQL_PARSE_FAILED' } }] };
    }
    const errors = validate(schema, document);
    if (errors.length === 0) return { document, uses: 0, run: undefined };
    return {
      errors: errors.map(({ message, locations }) => ({
        message,
        ...(locations === undefined ? {} : { locations }),
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      })),
    };
  };

  const compile = (document: DocumentNode, operationName: string | undefined): CompiledQuery['query'] | null => {
    const operation = getOperationAST(document, operationName);
    if (operation != null && hasRecursiveInput(schema, operation)) return null;
    if (hasConditionalFragments(document)) return null;
    const result = compileQuery(schema, document, operationName, {
      disablingCapturingStackErrors: true,
      // The compiler's check of a leaf makes a path and a list of places for every value, in case it should be wrong.
      disableLeafSerialization: selectsLeavesOfOnly(subgraph.wireReadyTypes ?? none, schema, document),
    });
    // What the compiler cannot do, the interpreter can.
    if (!isCompiledQuery(result)) return null;
    const fillDefaults = operation == null ? null : createDefaultsFiller(schema, operation);
    if (fillDefaults === null) return result.query;
    return (root, context, variables) => result.query(root, context, fillDefaults(variables ?? {}));
  };

  const find = (query: string, operationName: string | undefined): Known => {
    const key = `${operationName ?? ''}\n${query}`;
    let found = known.get(key);
    if (found === undefined) known.set(key, (found = read(query)));
    return found;
  };

  const runKnown = async (
    found: Known,
    operationName: string | undefined,
    variables: Record<string, unknown>,
    context: RequestContext,
  ): Promise<SubgraphAnswer> => {
    if ('errors' in found) return found;
    const { document } = found;
    if (found.run === undefined) {
      found.uses += 1;
      if (found.uses >= compileAtUse) found.run = compile(document, operationName);
    }
    const result = (await (found.run == null
      ? execute({ schema, document, variableValues: variables, operationName, contextValue: context })
      : found.run(undefined, context, variables))) as ExecutionResult<Record<string, unknown>>;
    const data = withoutLeftOut(result.data ?? null);
    if (result.errors === undefined || result.errors.length === 0) return { data };
    return { data, errors: result.errors.map((error) => formatError(error, onMasked(context))) };
  };

  return {
    name: subgraph.name,
    typeDefs: subgraph.typeDefs,
    schema,
    prepare(query, operationName) {
      const found = find(query, operationName);
      if (!('errors' in found)) found.run ??= compile(found.document, operationName);
      return (variables, context) => runKnown(found, operationName, variables, context);
    },
    run: async (query, variables, operationName, context) =>
      runKnown(find(query, operationName), operationName, variables, context),
  };
}

/**
 * The compiler gives undefined where a condition leaves a root field out, the interpreter gives nothing; whoever looks for what an
 * answer has must not tell them apart. Deeper ones end with the JSON.
 */
function withoutLeftOut(data: Record<string, unknown> | null): Record<string, unknown> | null {
  if (data === null || !Object.values(data).includes(undefined)) return data;
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
}

const none: ReadonlySet<string> = new Set();

function selectsLeavesOfOnly(types: ReadonlySet<string>, schema: GraphQLSchema, document: DocumentNode): boolean {
  if (types.size === 0) return false;
  const info = new TypeInfo(schema);
  let areAll = true;
  visit(
    document,
    visitWithTypeInfo(info, {
      Field({ name }) {
        if (name.value === '__typename' || !isLeafType(getNamedType(info.getType()))) return;
        areAll &&= types.has(info.getParentType()?.name ?? '');
      },
    }),
  );
  return areAll;
}
