import { AppError } from '@certfolio/core';
import { visit, type DocumentNode, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import { estimateCost, type CostOptions } from './operation-cost.ts';
import { operationShape } from './operation-depth.ts';

/** What one request may ask for, whatever the key. */
export interface ComplexityLimits {
  /** Fields on the longest way from the root to a leaf. */
  readonly maxDepth: number;
  /** Fields at the root, aliased or repeated ones included. */
  readonly maxRootFields: number;
  /** Aliases in the whole document; reports name their columns with them. */
  readonly maxAliases: number;
  /** Directives in the whole document. */
  readonly maxDirectives: number;
  /** Points by `estimateCost`; a key's own limit may be lower. */
  readonly maxCost: number;
}

/**
 * Fifty reports in one request fit, and so does the standard introspection query with its depth of 15. The cost is what
 * fifty full pages of 1,000 orders with four nested objects each come to.
 */
export const defaultComplexityLimits: ComplexityLimits = {
  maxDepth: 15,
  maxRootFields: 60,
  maxAliases: 1_000,
  maxDirectives: 50,
  maxCost: 300_000,
};

/**
 * Checks what needs no schema, so it can run before validation.
 *
 * @throws AppError MAX_DEPTH_LIMIT or GRAPHQL_VALIDATION_FAILED with the number found and the number allowed
 */
export function assertShapeWithinLimits(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  limits: ComplexityLimits = defaultComplexityLimits,
): void {
  const { depth, rootFields } = operationShape(document, operation);
  if (depth > limits.maxDepth) {
    const message = `The operation is ${depth} fields deep; ${limits.maxDepth} are allowed.`;
    throw new AppError('MAX_DEPTH_LIMIT', message, { details: { depth, maxDepth: limits.maxDepth } });
  }
  assertAtMost('fields at the root', rootFields, limits.maxRootFields);
  let aliases = 0;
  let directives = 0;
  visit(document, {
    Field: ({ alias }) => {
      if (alias !== undefined) aliases += 1;
    },
    Directive: () => {
      directives += 1;
    },
  });
  assertAtMost('aliases', aliases, limits.maxAliases);
  assertAtMost('directives', directives, limits.maxDirectives);
}

/**
 * Estimates the cost of a valid operation and checks it.
 *
 * @returns the estimate in points
 * @throws AppError COST_ESTIMATED_TOO_EXPENSIVE with both numbers; GRAPHQL_VALIDATION_FAILED for too many fields
 */
export function assertCostWithinLimits(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  options: CostOptions & { readonly maxCost?: number } = {},
): number {
  const { maxCost = defaultComplexityLimits.maxCost } = options;
  const estimated = costOrRefuse(schema, document, operation, variables, options);
  if (estimated <= maxCost) return estimated;
  const message = `The operation is estimated at ${estimated} points; ${maxCost} are allowed.`;
  throw new AppError('COST_ESTIMATED_TOO_EXPENSIVE', message, { details: { estimated, maxCost } });
}

function costOrRefuse(...args: Parameters<typeof estimateCost>): number {
  try {
    return estimateCost(...args);
  } catch (error) {
    if (error instanceof RangeError) throw new AppError('GRAPHQL_VALIDATION_FAILED', error.message);
    throw error;
  }
}

function assertAtMost(what: string, count: number, limit: number): void {
  if (count <= limit) return;
  throw new AppError('GRAPHQL_VALIDATION_FAILED', `The document has ${count} ${what}; ${limit} are allowed.`, {
    details: { count, limit },
  });
}
