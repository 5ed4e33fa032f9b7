import { Kind, visit, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import type { PreparedDocument } from '@certfolio/execution';
import {
  assertCostWithinLimits,
  assertShapeWithinLimits,
  costShapeOf,
  resolveOperation,
  type ComplexityLimits,
  type CostOptions,
  type CostShape,
} from '@certfolio/templates';

/** What is the same for every run of an operation; found out by the first. */
export interface OperationFacts {
  readonly operation: OperationDefinitionNode;
  /** The answer depends on nothing of the key but its scope, so keys may share a run. */
  readonly isKeyless: boolean;
  /** Counts the points of answers. */
  readonly shape: CostShape;
  /** Points of the most that it can give. @throws AppError when it is too expensive */
  costOf(variables: Readonly<Record<string, unknown>>): number;
}

export interface OperationFactsOptions {
  readonly schema: () => GraphQLSchema;
  readonly limits: ComplexityLimits & CostOptions;
  /** `Query.field` of the root fields that look at nothing but scope. */
  readonly shareableFields: ReadonlySet<string>;
}

/** Different page sizes of one operation whose cost is remembered. */
const maxCosts = 100;

export class KnownOperations {
  readonly #options: OperationFactsOptions;
  readonly #known = new WeakMap<PreparedDocument, Map<string | null, OperationFacts>>();

  constructor(options: OperationFactsOptions) {
    this.#options = options;
  }

  /** @throws AppError when the document has no such operation, or its shape exceeds the limits */
  of(prepared: PreparedDocument, operationName: string | null): OperationFacts {
    let operations = this.#known.get(prepared);
    if (operations === undefined) this.#known.set(prepared, (operations = new Map()));
    let facts = operations.get(operationName);
    if (facts === undefined) operations.set(operationName, (facts = this.#find(prepared, operationName)));
    return facts;
  }

  #find(prepared: PreparedDocument, operationName: string | null): OperationFacts {
    const { schema, limits, shareableFields } = this.#options;
    const { document, selected } = prepared;
    const operation = resolveOperation(document, operationName);
    assertShapeWithinLimits(document, operation, limits);
    const sizeVariables = sizeVariablesOf(prepared);
    const costs = new Map<string, number>();
    // Found when it is asked for: by then the cost was, which refuses what selects too much to be counted.
    let shape: CostShape | undefined;
    return {
      operation,
      get shape() {
        return (shape ??= costShapeOf(schema(), document, operation));
      },
      isKeyless: [...selected].every((name) => !name.startsWith('Query.') || shareableFields.has(name)),
      costOf(variables) {
        const sizes = JSON.stringify(sizeVariables.map((name) => variables[name]));
        let cost = costs.get(sizes);
        if (cost === undefined) {
          cost = assertCostWithinLimits(schema(), document, operation, variables, limits);
          if (costs.size < maxCosts) costs.set(sizes, cost);
        }
        return cost;
      },
    };
  }
}

/** The variables that a size argument takes; no other can change what an operation costs. */
function sizeVariablesOf({ document }: PreparedDocument): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Argument({ name, value }) {
      const isSize = name.value === 'first' || name.value === 'last' || name.value === 'limit';
      if (isSize && value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}
