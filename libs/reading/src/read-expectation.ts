import type { OrderCondition, OrderQuery, PushedCondition } from '@certfolio/core';
import { isByIdAscending } from './ordering.ts';
import type { ReadNeeds, ReadPlan } from './read-plan.ts';
import { listPageRows, reportPageRows } from './source-abilities.ts';
import type { SourceFacts } from './source-facts.ts';
import { namesOneOrder, witnessFor } from './witness.ts';

export interface Expectation {
  readonly calls: number;
  readonly rows: number;
  readonly durationMs: number;
}

/**
 * Expected durations in milliseconds, on the slow side of what clients report of the service; a guess decides between
 * plans, never about rows. A call costs its share of the sustained quota: 180 s / 1,000 calls.
 */
const costs = {
  callShareMs: 180,
  list: { latencyMs: 250, rowMs: 0.05, parallel: 8 },
  report: { latencyMs: 500, rowMs: 0.6 },
  custom: { latencyMs: 400, cellMs: 0.02 },
  orderInfo: { latencyMs: 200, parallel: 25 },
} as const;

/** Orders of the account, where they were not counted yet. */
const assumedTotal = 2_000;
/**
 * The same for a query that a few rows can answer: reading the whole account for them is a bet that only a count allows.
 * The list tells the total with the first page, so this is asked once.
 */
const assumedTotalForFewRows = 100_000;

/** Expected time plus the share of the quota it uses up. */
export function score({ expected }: ReadPlan, waitMsFor: (calls: number) => number): number {
  return expected.durationMs + expected.calls * costs.callShareMs + waitMsFor(expected.calls);
}

function needsFewRows(query: OrderQuery): boolean {
  return query.limit !== null && query.offset + query.limit < assumedTotal && isByIdAscending(query);
}

/** What a plan is expected to take, as far as the facts tell. */
export function expectationOf(plan: Omit<ReadPlan, 'expected'>, needs: ReadNeeds, facts: SourceFacts): Expectation {
  const { query } = needs;
  const total = facts.totalOrders ?? (needsFewRows(query) ? assumedTotalForFewRows : assumedTotal);
  const matching = Math.max(
    1,
    total * query.conditions.reduce((share, condition) => share * selectivity(condition, total), 1),
  );
  const pushed = plan.branches.reduce((rows, branch) => rows + pushedRowsOf(branch, total), 0);
  const answerRows = Math.min(matching, query.limit === null ? matching : query.offset + query.limit);
  const read = bulkExpectation(plan, query, Math.max(plan.branches.length, pushed), matching, total, facts);

  const infoCalls = plan.orderInfo === 'none' ? 0 : Math.ceil(plan.orderInfo === 'rows' ? answerRows : pushed);
  const infoMs = infoCalls === 0 ? 0 : costs.orderInfo.latencyMs * Math.ceil(infoCalls / costs.orderInfo.parallel);
  const joinCalls = plan.joins.size;
  return {
    calls: read.calls + infoCalls + joinCalls,
    rows: read.rows,
    durationMs: read.durationMs + infoMs + (joinCalls > 0 ? costs.list.latencyMs : 0),
  };
}

function bulkExpectation(
  plan: Omit<ReadPlan, 'expected'>,
  query: OrderQuery,
  pushedRows: number,
  matching: number,
  total: number,
  facts: SourceFacts,
): Expectation {
  if (plan.source === 'list') {
    // An early stop reads on until enough rows met the conditions.
    const perMatch = pushedRows / matching;
    const rows =
      plan.sourceLimit === null ? pushedRows : Math.min(pushedRows, plan.sourceLimit * Math.max(1, perMatch));
    const pages = Math.max(plan.branches.length, Math.ceil(rows / listPageRows));
    const turns = 1 + Math.ceil((pages - 1) / costs.list.parallel);
    return { calls: pages, rows, durationMs: turns * costs.list.latencyMs + rows * costs.list.rowMs };
  }
  // Both other sources are counted against the list, which is one call more for each branch.
  const counts = plan.branches.length;
  if (plan.source === 'report') {
    const pages = plan.branches.length * Math.max(1, Math.ceil(pushedRows / plan.branches.length / reportPageRows));
    return {
      calls: pages + counts,
      rows: pushedRows,
      durationMs: pages * costs.report.latencyMs + pushedRows * costs.report.rowMs,
    };
  }
  const rows = plan.sourceLimit === null ? pushedRows : Math.min(pushedRows, plan.sourceLimit);
  const witnesses = plan.branches
    // Where one order is named, it is expected to be there, and then needs no proof.
    .filter((branch) => !branch.some(namesOneOrder))
    .flatMap((branch) => witnessFor(branch, plan.sourceLimit === null ? null : query.sort[0]!) ?? []);
  const witnessCells = witnesses.reduce(
    (cells, { where, fields }) => cells + pushedRowsOf(where, total) * fields.length,
    0,
  );
  const cells = rows * plan.sourceFields.size + witnessCells;
  const parts = Math.max(1, Math.ceil((rows * plan.sourceFields.size) / facts.tooManyCustomCells));
  return {
    calls: parts * (plan.branches.length + counts + (facts.takesWitness ? 0 : witnesses.length)),
    rows,
    durationMs: parts * plan.branches.length * costs.custom.latencyMs + cells * costs.custom.cellMs,
  };
}

/** Orders that are expected to meet conditions that were pushed down. */
function pushedRowsOf(branch: readonly PushedCondition[], total: number): number {
  return total * branch.reduce((share, push) => share * pushedShare(push, total), 1);
}

const uniqueFields = new Set<string>(['id', 'serialNumber', 'thumbprint', 'certificateId']);

function pushedShare(push: PushedCondition, total: number): number {
  if (push.op === 'eq') return equalityShare(push.field, push.value, total);
  return push.op === 'like' ? 0.1 : 0.4;
}

function equalityShare(field: string, value: unknown, total: number): number {
  if (uniqueFields.has(field)) return 1 / total;
  if (field === 'commonName' || field === 'domainName' || field === 'email') return Math.min(1, 3 / total);
  if (field === 'status') return value === 'issued' ? 0.6 : 0.05;
  return 0.1;
}

function selectivity(condition: OrderCondition, total: number): number {
  switch (condition.op) {
    case 'in':
      return Math.min(
        1,
        condition.values.reduce<number>((share, value) => share + equalityShare(condition.field, value, total), 0),
      );
    case 'range':
      return (condition.gte ?? condition.gt) !== undefined && (condition.lte ?? condition.lt) !== undefined ? 0.1 : 0.4;
    case 'like':
    case 'contains':
    case 'search':
    case 'isWildcard':
    case 'weakKey':
    case 'customField':
      return 0.1;
    case 'coversName':
      return Math.min(1, 5 / total);
    case 'validityDays':
      return 0.4;
    case 'isNull':
    case 'not':
    case 'anyOf':
      return 0.5;
  }
}
