import {
  BadUserInput,
  factsOf,
  fieldsFrom,
  type OrderCondition,
  type OrderField,
  type OrderQuery,
  type PushedCondition,
} from '@certfolio/core';
import { fieldsOfCondition } from './conditions.ts';
import { pushFor, type BulkSource } from './source-abilities.ts';
import type { SourceFacts } from './source-facts.ts';

/** What a read of many orders needs; the scope is already among the conditions. */
export interface ReadNeeds {
  readonly query: OrderQuery;
  /** Fields of the answer. */
  readonly fields: ReadonlySet<OrderField>;
}

/** How the rows are read: one bulk source, in as many branches as the fanned-out condition has values, then completed. */
export interface ReadPlan {
  readonly source: BulkSource;
  /** One read each; their rows are merged and de-duplicated by id. */
  readonly branches: readonly (readonly PushedCondition[])[];
  /** The source applies every condition by itself, so its counts and limits are ours. */
  readonly exact: boolean;
  /** The source may stop after this many rows per branch, in its own order; null reads all. */
  readonly sourceLimit: number | null;
  /** Fields read from the source. */
  readonly sourceFields: ReadonlySet<OrderField>;
  /** Order info is asked for the rest: never, for rows of the answer, or for every candidate since a condition needs it. */
  readonly orderInfo: 'none' | 'rows' | 'candidates';
  readonly joins: ReadonlySet<'account' | 'organizations'>;
  /** Fields that no available source gives. */
  readonly unavailable: ReadonlySet<OrderField>;
  readonly expected: Expectation;
}

export interface Expectation {
  readonly calls: number;
  readonly rows: number;
  readonly durationMs: number;
}

/** Most values of one condition that are read one by one rather than filtered here. */
const maxBranches = 6;
export const listPageRows = 1_000;
export const reportPageRows = 100_000;

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

const infoFields = fieldsFrom('info');
const joinSources = ['account', 'organizations'] as const;

/**
 * Chooses the reads that answer soonest for the least of the quota. Pure: facts about the sources and the budget come in.
 *
 * @param facts what was learnt of the upstream key and its data so far
 * @param waitMsFor milliseconds until so many further calls could be sent
 */
export function planRead(needs: ReadNeeds, facts: SourceFacts, waitMsFor: (calls: number) => number): ReadPlan {
  const candidates = (['list', 'custom', 'report'] as const)
    .filter((source) => source !== 'custom' || facts.customReports !== 'not-allowed')
    .flatMap((source) => candidatesOf(source, needs, facts));
  if (candidates.length === 0) {
    const fields = [
      ...new Set(needs.query.conditions.flatMap(fieldsOfCondition)),
      ...needs.query.sort.map(({ field }) => field),
    ];
    throw new BadUserInput(`No source of CertCentral can filter and sort by all of ${fields.join(', ')} together.`);
  }
  const fewestMissing = Math.min(...candidates.map((plan) => plan.unavailable.size));
  const complete = candidates.filter((plan) => plan.unavailable.size === fewestMissing);
  return complete.reduce((best, plan) => (score(plan, waitMsFor) < score(best, waitMsFor) ? plan : best));
}

/** Expected time plus the share of the quota it uses up. */
function score({ expected }: ReadPlan, waitMsFor: (calls: number) => number): number {
  return expected.durationMs + expected.calls * costs.callShareMs + waitMsFor(expected.calls);
}

function candidatesOf(source: BulkSource, needs: ReadNeeds, facts: SourceFacts): readonly ReadPlan[] {
  const { query } = needs;
  const carried = facts.fieldsOf(source);
  const decided = decideConditions(source, query.conditions, carried);
  const sortFields = query.sort.map(({ field }) => field);
  const needsForSelection = [...decided.checkFields, ...sortFields];
  const orderInfoFirst = needsForSelection.some((field) => !carried.has(field));
  if (orderInfoFirst && needsForSelection.some((field) => !carried.has(field) && !infoFields.has(field))) return [];

  const wanted = new Set<OrderField>([...needs.fields, 'id']);
  const missing = [...wanted].filter((field) => !carried.has(field));
  const joins = new Set(joinSources.filter((join) => missing.some((field) => factsOf(field).sources.has(join))));
  const afterJoins = missing.filter((field) => !joinSources.some((join) => factsOf(field).sources.has(join)));
  const byInfo = afterJoins.filter((field) => infoFields.has(field));
  const unavailable = new Set(afterJoins.filter((field) => !infoFields.has(field)));
  // The organization's address joins by the organization's id.
  const joinKeys: OrderField[] = joins.has('organizations') ? ['organizationId'] : [];
  const sourceFields = new Set([...wanted, ...needsForSelection, ...joinKeys].filter((field) => carried.has(field)));

  const orderInfo = orderInfoFirst ? 'candidates' : byInfo.length > 0 ? 'rows' : 'none';
  const sourceLimit = limitFor(source, query, decided.exact, decided.branches.length, orderInfoFirst);
  const shape = {
    source,
    branches: decided.branches,
    exact: decided.exact && !orderInfoFirst,
    sourceLimit,
    sourceFields,
    orderInfo,
    joins,
    unavailable,
  } as const;
  return [{ ...shape, expected: expect(shape, needs, facts) }];
}

interface DecidedConditions {
  readonly branches: readonly (readonly PushedCondition[])[];
  readonly exact: boolean;
  /** Fields the reader looks at to check what the source was not asked or not trusted to check. */
  readonly checkFields: readonly OrderField[];
}

/** Pushes what the source can apply; at most one condition with several values is fanned out into branches. */
function decideConditions(
  source: BulkSource,
  conditions: readonly OrderCondition[],
  carried: ReadonlySet<OrderField>,
): DecidedConditions {
  let branches: readonly (readonly PushedCondition[])[] = [[]];
  let exact = true;
  let fannedOut = false;
  const pushedFields = new Set<PushedCondition['field']>();
  const checkFields: OrderField[] = [];
  for (const condition of conditions) {
    const push = pushFor(source, condition);
    const values = push?.alternatives.length ?? 0;
    // A source takes one condition per field; what it makes of two is documented nowhere.
    const isFree = push !== null && push.alternatives.every((pushed) => !pushedFields.has(pushed.field));
    const usable = isFree && values > 0 && (values === 1 || (!fannedOut && values <= maxBranches));
    if (usable) {
      for (const pushed of push.alternatives) pushedFields.add(pushed.field);
      fannedOut ||= values > 1;
      branches = branches.flatMap((branch) => push.alternatives.map((pushed) => [...branch, pushed]));
    }
    const appliedExactly = usable && push.exact;
    exact &&= appliedExactly;
    const fields = fieldsOfCondition(condition);
    // What the source applies exactly is still checked where it also gives the field, as a guard; else it is trusted.
    if (!appliedExactly || fields.every((field) => carried.has(field))) checkFields.push(...fields);
  }
  return { branches, exact, checkFields };
}

/** Rows beyond the limit that a sorted source is asked for, so that ties at the end of the page are seen whole. */
export const tieMargin = 50;

function limitFor(
  source: BulkSource,
  query: OrderQuery,
  exact: boolean,
  branches: number,
  orderInfoFirst: boolean,
): number | null {
  if (query.limit === null || orderInfoFirst) return null;
  const rows = query.offset + query.limit + 1;
  // The list counts all rows on every page, which is the total where it applies all conditions itself.
  if (source === 'list') return isByIdAscending(query) && (!query.withTotal || (exact && branches === 1)) ? rows : null;
  if (query.withTotal) return null;
  if (source === 'custom') {
    const [first, ...others] = query.sort;
    const isSortedAlike = first !== undefined && others.length === 0 && sortsAlikeEverywhere(first.field);
    return exact && query.after === null && isSortedAlike ? rows + tieMargin : null;
  }
  return null;
}

/** Days and instants sort one way only. How CertCentral's database sorts text, and numbers it may hold as text, nobody says. */
function sortsAlikeEverywhere(field: OrderField): boolean {
  const { kind } = factsOf(field);
  return kind === 'date' || kind === 'timestamp';
}

/** The list is read in the order of ids, so a page of that order can stop early whatever the conditions are. */
export function isByIdAscending(query: OrderQuery): boolean {
  const [first] = query.sort;
  return first === undefined || (first.field === 'id' && first.direction === 'asc');
}

function needsFewRows(query: OrderQuery): boolean {
  return query.limit !== null && query.offset + query.limit < assumedTotal && isByIdAscending(query);
}

function expect(plan: Omit<ReadPlan, 'expected'>, needs: ReadNeeds, facts: SourceFacts): Expectation {
  const { query } = needs;
  const total = facts.totalOrders ?? (needsFewRows(query) ? assumedTotalForFewRows : assumedTotal);
  const matching = Math.max(
    1,
    total * query.conditions.reduce((share, condition) => share * selectivity(condition, total), 1),
  );
  const pushed = plan.branches.reduce(
    (rows, branch) => rows + total * branch.reduce((share, push) => share * pushedShare(push, total), 1),
    0,
  );
  const answerRows = Math.min(matching, query.limit === null ? matching : query.offset + query.limit);
  const read = bulkExpectation(plan, Math.max(plan.branches.length, pushed), matching, facts);

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
  pushedRows: number,
  matching: number,
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
  // Both other sources are read whole and then counted against the list, which is one call more.
  const checks = plan.sourceLimit !== null && facts.provenCustomRows >= plan.sourceLimit ? 0 : 1;
  if (plan.source === 'report') {
    const pages = plan.branches.length * Math.max(1, Math.ceil(pushedRows / plan.branches.length / reportPageRows));
    return {
      calls: pages + checks,
      rows: pushedRows,
      durationMs: pages * costs.report.latencyMs + pushedRows * costs.report.rowMs,
    };
  }
  const rows = plan.sourceLimit === null ? pushedRows : Math.min(pushedRows, plan.sourceLimit);
  const cells = rows * plan.sourceFields.size;
  return {
    calls: plan.branches.length + checks,
    rows,
    durationMs: plan.branches.length * costs.custom.latencyMs + cells * costs.custom.cellMs,
  };
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
      return 0.1;
    case 'coversName':
      return Math.min(1, 5 / total);
    case 'isNull':
    case 'not':
    case 'anyOf':
      return 0.5;
  }
}

/** One sentence for the log and for `extensions`. */
export function describePlan(plan: ReadPlan): string {
  const parts = [`orders from ${sourceNames[plan.source]}`];
  if (plan.branches.length > 1) parts.push(`in ${plan.branches.length} reads`);
  const pushed = plan.branches[0]!.map(
    ({ field, op, value }) => `${field} ${op} ${plan.branches.length > 1 ? '…' : String(value)}`,
  );
  if (pushed.length > 0) parts.push(`where ${pushed.join(', ')}`);
  if (plan.sourceLimit !== null) parts.push(`at most ${plan.sourceLimit} rows`);
  if (!plan.exact) parts.push('filtered here');
  if (plan.orderInfo !== 'none') parts.push(`order info for the ${plan.orderInfo}`);
  if (plan.joins.size > 0) parts.push(`joined with ${[...plan.joins].join(' and ')}`);
  parts.push(
    `expecting ${plan.expected.calls} calls, ${Math.ceil(plan.expected.rows)} rows, ${Math.ceil(plan.expected.durationMs)} ms`,
  );
  return parts.join('; ');
}

const sourceNames: Readonly<Record<BulkSource, string>> = {
  list: 'the list',
  report: 'the order report',
  custom: 'Custom Reports',
};
