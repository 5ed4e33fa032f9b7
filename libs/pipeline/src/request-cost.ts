import type { GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { AppError } from '@certfolio/core';
import type { PreparedDocument } from '@certfolio/execution';
import { estimateCost, operationShape, type CostOptions } from '@certfolio/templates';

export interface CostPolicy extends CostOptions {
  /** Points that one request may be estimated at. */
  readonly maxCost: number;
  /** Fields from the root to a leaf. */
  readonly maxDepth: number;
  /** Fields at the root, aliases included. */
  readonly maxRootFields: number;
}

export const defaultCostPolicy: CostPolicy = { maxCost: 1_000_000, maxDepth: 15, maxRootFields: 200 };

export interface Cost {
  /** Points, before anything is read. */
  readonly estimated: number;
}

/**
 * Estimates a request before any planning and refuses what is too much.
 *
 * @throws AppError COST_ESTIMATED_TOO_EXPENSIVE or MAX_DEPTH_LIMIT with both numbers
 */
export function assessCost(policy: CostPolicy, schema: GraphQLSchema, { document, introspects }: PreparedDocument, operation: OperationDefinitionNode, variables: Readonly<Record<string, unknown>>): Cost {
  const { depth, rootFields } = operationShape(document, operation);
  // The standard introspection query nests deeper than any report; who may ask it may ask it whole.
  if (depth > policy.maxDepth && !introspects) {
    throw new AppError('MAX_DEPTH_LIMIT', `The operation nests ${depth} fields deep; at most ${policy.maxDepth} are allowed.`, { details: { depth, maxDepth: policy.maxDepth } });
  }
  if (rootFields > policy.maxRootFields) {
    throw new AppError('COST_ESTIMATED_TOO_EXPENSIVE', `The operation has ${rootFields} fields at its root; at most ${policy.maxRootFields} are allowed.`, {
      details: { rootFields, maxRootFields: policy.maxRootFields },
    });
  }
  const estimated = estimateCost(schema, document, operation, variables, policy);
  if (estimated > policy.maxCost) {
    throw new AppError('COST_ESTIMATED_TOO_EXPENSIVE', `The operation is estimated at ${estimated} points; at most ${policy.maxCost} are allowed.`, {
      details: { estimated, maxCost: policy.maxCost },
    });
  }
  return { estimated };
}
