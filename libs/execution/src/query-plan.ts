/** The parts of a plan of @apollo/query-planner that are looked at here. */
export type PlanNode =
  | { readonly kind: 'Sequence' | 'Parallel'; readonly nodes: readonly PlanNode[] }
  | { readonly kind: 'Flatten'; readonly path: readonly (string | number)[]; readonly node: PlanNode }
  | FetchNode
  | ConditionNode
  | { readonly kind: 'Defer' | 'Subscription' };

export interface FetchNode {
  readonly kind: 'Fetch';
  readonly serviceName: string;
  readonly operation: string;
  readonly operationName?: string | undefined;
  /** Variables of the operation that the sub-query takes along. */
  readonly variableUsages?: readonly string[] | undefined;
  /** What a representation of an entity has; absent for a fetch from the root. */
  readonly requires?: readonly RequiredSelection[] | undefined;
  readonly inputRewrites?: unknown;
  readonly outputRewrites?: unknown;
  readonly contextRewrites?: unknown;
}

export interface ConditionNode {
  readonly kind: 'Condition';
  /** Name of a Boolean variable. */
  readonly condition: string;
  readonly ifClause?: PlanNode | undefined;
  readonly elseClause?: PlanNode | undefined;
}

export type RequiredSelection =
  | {
      readonly kind: 'Field';
      readonly name: string;
      readonly alias?: string | undefined;
      readonly selections?: readonly RequiredSelection[] | undefined;
    }
  | {
      readonly kind: 'InlineFragment';
      readonly typeCondition?: string | undefined;
      readonly selections: readonly RequiredSelection[];
    };

export interface QueryPlan {
  readonly node?: PlanNode | undefined;
}

/** Something that only Apollo's own executor is trusted with: abstract types, rewrites, `@defer`. Found before anything runs. */
export class BeyondUs extends Error {
  constructor(what: string) {
    super(`Left to Apollo's executor: ${what}.`);
    this.name = 'BeyondUs';
  }
}

/** A subgraph's answer that does not fit its schema. Apollo's executor, which has words for each of them, runs the operation again. */
export class OddAnswer extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'OddAnswer';
  }
}
