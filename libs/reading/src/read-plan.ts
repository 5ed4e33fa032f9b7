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
import { isByIdAscending } from './ordering.ts';
import { expectationOf, score, type Expectation } from './read-expectation.ts';
import { pushFor, type BulkSource } from './source-abilities.ts';
import type { SourceFacts } from './source-facts.ts';
import { meansTheSameToTheList, namesOneOrder } from './witness.ts';

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

/** Most values of one condition that are read one by one rather than filtered here. */
const maxBranches = 6;

const infoFields = fieldsFrom('info');
const joinSources = ['account', 'organizations'] as const;

/**
 * Chooses the reads that answer soonest for the least of the quota. Pure: facts about the sources and the budget come in.
 *
 * @param facts what was learnt of the upstream key and its data so far
 * @param waitMsFor milliseconds until so many further calls could be sent
 * @throws BadUserInput when no source can filter and sort so
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
  return [{ ...shape, expected: expectationOf(shape, needs, facts) }];
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
    const usable =
      isFree &&
      values > 0 &&
      (values === 1 || (!fannedOut && values <= maxBranches)) &&
      (source !== 'custom' || push.alternatives.every((pushed) => isProvable(pushed, carried)));
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

/** Whether an answer of Custom Reports with this condition can be shown to be whole: by the list, by itself, or by what it shows. */
function isProvable(pushed: PushedCondition, carried: ReadonlySet<OrderField>): boolean {
  return (
    meansTheSameToTheList(pushed) ||
    namesOneOrder(pushed) ||
    (pushed.field !== 'domainName' && pushed.field !== 'search' && carried.has(pushed.field))
  );
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
