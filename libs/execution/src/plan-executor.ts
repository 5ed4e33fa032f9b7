import {
  GraphQLError,
  Kind,
  getOperationAST,
  type DocumentNode,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import type { RequestContext } from '@certfolio/core';
import { answerShape } from './answer-shape.ts';
import { compileProjection, type Flags } from './projection.ts';
import {
  BeyondUs,
  OddAnswer,
  type ConditionNode,
  type FetchNode,
  type PlanNode,
  type QueryPlan,
} from './query-plan.ts';
import { compileRepresent, representationsOf } from './representations.ts';
import { deepMerge, entitiesAt, hydratedPaths, type PathElement } from './response-data.ts';

type Data = Record<string, unknown>;
type Variables = Readonly<Record<string, unknown>>;

/** Asks a subgraph; failures stand in the answer. */
export type Ask = (
  variables: Record<string, unknown>,
  context: RequestContext,
) => Promise<{ readonly data?: Data | null; readonly errors?: readonly GraphQLFormattedError[] }>;

export interface PlanRun {
  readonly data: Data | null;
  readonly errors: readonly GraphQLError[];
}

/** Runs one operation. @throws OddAnswer for a subgraph's answer that does not fit its schema */
export type RunPlan = (variables: Variables, context: RequestContext) => Promise<PlanRun>;

/** A run on its way through the plan. */
interface Run {
  readonly variables: Variables;
  readonly context: RequestContext;
  readonly flags: Flags;
  readonly errors: GraphQLError[];
  /** What the subgraphs gave so far, from the root. */
  readonly data: Data;
}

/** Where in the data a part of the plan works. */
interface Cursor {
  readonly path: readonly PathElement[];
  /** One object, or the list of what stands at a path. */
  readonly at: unknown;
}

type Step = (run: Run, cursor: Cursor) => Promise<void> | void;

export interface PlanParts {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName: string | null;
  readonly plan: QueryPlan;
  /** The subgraph's answer to one sub-query. */
  readonly askOf: (fetch: FetchNode) => Ask;
}

/**
 * Prepares a plan of Apollo's planner to be run many times: what its executor finds out on every request, the shape of the
 * answer above all, is found out here once. Answers have the data, and errors the paths and codes, that its executor gives.
 *
 * @throws BeyondUs for operations that only Apollo's executor is trusted with
 */
export function preparePlan({ schema, document, operationName, plan, askOf }: PlanParts): RunPlan {
  const operation = getOperationAST(document, operationName ?? undefined);
  if (operation == null || operation.operation !== 'query') throw new BeyondUs('it is no query');
  const project = compileProjection(answerShape(schema, document, operation));
  const step = plan.node === undefined ? () => undefined : compileNode(plan.node, { schema, askOf });
  const defaults = new Map(
    (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
      defaultValue?.kind === Kind.BOOLEAN ? [[variable.name.value, defaultValue.value] as const] : [],
    ),
  );
  return async (variables, context) => {
    const flags: Flags = (name) => {
      const value = (Object.hasOwn(variables, name) ? variables[name] : undefined) ?? defaults.get(name);
      if (typeof value !== 'boolean') throw new OddAnswer(`$${name} is no Boolean`);
      return value;
    };
    const data: Data = {};
    const run: Run = { variables, context, flags, errors: [], data };
    await step(run, { path: [], at: data });
    return { data: project(data, flags), errors: run.errors };
  };
}

type Compiling = Pick<PlanParts, 'schema' | 'askOf'>;

function compileNode(node: PlanNode, parts: Compiling): Step {
  switch (node.kind) {
    case 'Sequence': {
      const steps = node.nodes.map((each) => compileNode(each, parts));
      return async (run, cursor) => {
        for (const step of steps) await step(run, cursor);
      };
    }
    case 'Parallel': {
      const steps = node.nodes.map((each) => compileNode(each, parts));
      return async (run, cursor) => {
        await Promise.all(steps.map((step) => step(run, cursor)));
      };
    }
    case 'Flatten': {
      const step = compileNode(node.node, parts);
      const { path } = node;
      return (run, cursor) => {
        const at = entitiesAt(cursor.at, path);
        return at === null || at === undefined ? undefined : step(run, { path: [...cursor.path, ...path], at });
      };
    }
    case 'Condition':
      return compileCondition(node, parts);
    case 'Fetch':
      return compileFetch(node, parts);
    default:
      throw new BeyondUs(`a plan has ${node.kind}`);
  }
}

function compileCondition({ condition, ifClause, elseClause }: ConditionNode, parts: Compiling): Step {
  const yes = ifClause === undefined ? null : compileNode(ifClause, parts);
  const no = elseClause === undefined ? null : compileNode(elseClause, parts);
  return (run, cursor) => (run.flags(condition) ? yes : no)?.(run, cursor);
}

function compileFetch(fetch: FetchNode, { schema, askOf }: Compiling): Step {
  const { requires, inputRewrites, outputRewrites, contextRewrites } = fetch;
  if ([inputRewrites, outputRewrites, contextRewrites].some((rewrites) => rewrites !== undefined))
    throw new BeyondUs('a fetch rewrites what it sends or gets');
  const ask = askOf(fetch);
  const fetchAt =
    requires === undefined ? fetchFromRoot(fetch, ask) : fetchEntities(fetch, ask, compileRepresent(schema, requires));
  return async (run, cursor) => {
    const entities = (Array.isArray(cursor.at) ? cursor.at : [cursor.at]).filter(isObject);
    if (entities.length === 0) return;
    await fetchAt(run, cursor, entities);
  };
}

type FetchAt = (run: Run, cursor: Cursor, entities: readonly Data[]) => Promise<void>;

function fetchFromRoot(fetch: FetchNode, ask: Ask): FetchAt {
  return async (run, cursor, entities) => {
    const { data, errors } = await ask(usedVariables(fetch, run.variables), run.context);
    for (const error of errors ?? [])
      run.errors.push(subgraphError(error, fetch, error.path && [...cursor.path, ...error.path]));
    if (data == null) return;
    for (const entity of entities) deepMerge(entity, data);
  };
}

function fetchEntities(fetch: FetchNode, ask: Ask, represent: ReturnType<typeof compileRepresent>): FetchAt {
  return async (run, cursor, entities) => {
    const { distinct, standsFor } = representationsOf(entities, represent);
    if (distinct.length === 0) return;
    const variables = usedVariables(fetch, run.variables);
    const { data, errors } = await ask({ ...variables, representations: distinct }, run.context);
    if (errors !== undefined && errors.length > 0)
      run.errors.push(...entityErrors(errors, fetch, standsFor, hydratedPaths(cursor.path, run.data), cursor.path));
    if (data == null) return;
    const received = data['_entities'];
    if (!Array.isArray(received) || received.length !== distinct.length)
      throw new OddAnswer(`"${fetch.serviceName}" gave other entities than it was asked for`);
    for (const [index, positions] of standsFor.entries()) {
      const entity: unknown = received[index];
      if (entity === null || entity === undefined) continue;
      if (!isObject(entity)) throw new OddAnswer(`"${fetch.serviceName}" gave an entity that is no object`);
      for (const position of positions) deepMerge(entities[position]!, entity);
    }
  };
}

/** An error of an entity that was asked for once stands at every place where the entity does. */
function entityErrors(
  errors: readonly GraphQLFormattedError[],
  fetch: FetchNode,
  standsFor: readonly (readonly number[])[],
  paths: readonly (readonly PathElement[])[],
  cursorPath: readonly PathElement[],
): GraphQLError[] {
  const placed: { readonly position: number; readonly error: GraphQLError }[] = [];
  for (const error of errors) {
    const index = error.path?.[1];
    if (typeof index !== 'number') {
      placed.push({ position: -1, error: subgraphError(error, fetch, error.path && [...cursorPath, ...error.path]) });
      continue;
    }
    for (const position of standsFor[index] ?? []) {
      const path = [...(paths[position] ?? []), ...error.path!.slice(2)];
      placed.push({ position, error: subgraphError(error, fetch, path) });
    }
  }
  return placed.sort((a, b) => a.position - b.position).map(({ error }) => error);
}

function subgraphError(
  { message, extensions }: GraphQLFormattedError,
  { serviceName }: FetchNode,
  path: readonly PathElement[] | undefined,
): GraphQLError {
  const text = message === '' ? `Error while fetching subquery from service "${serviceName}"` : message;
  return new GraphQLError(text, {
    ...(path === undefined ? {} : { path }),
    extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', ...extensions, serviceName },
  });
}

function usedVariables({ variableUsages }: FetchNode, given: Variables): Record<string, unknown> {
  const used: Record<string, unknown> = {};
  for (const name of variableUsages ?? [])
    if (Object.hasOwn(given, name) && given[name] !== undefined) used[name] = given[name];
  return used;
}

const isObject = (value: unknown): value is Data => typeof value === 'object' && value !== null;
