import {
  AppError,
  dayIn,
  errorCatalog,
  isErrorCode,
  mostTracedCalls,
  type Principal,
  type ReadAccount,
} from '@certfolio/core';
import type { DeprecatedField } from '@certfolio/execution';
import { reportRun, type Answer, type Caller, type Cost, type ReadyOperation } from '@certfolio/pipeline';
import { collectEarly } from '@certfolio/runtime';
import {
  documentDefaults,
  pageInfoOf,
  rowsOf,
  variablesFromSearch,
  type Estimate,
  type Row,
  type Template,
} from '@certfolio/templates';
import type { GraphQLFormattedError } from 'graphql';
import type { GatewayParts } from '../gateway-parts.ts';
import type { Visit } from './request-facts.ts';

/** A report whose first page has been read. The facts grow while its rows are taken. */
export interface RunningReport {
  readonly template: Template;
  cost(): Cost;
  /** Limits in shadow mode that would have refused. */
  readonly wouldLimit: ReadonlySet<string>;
  readonly deprecatedFields: readonly DeprecatedField[];
  /** Rows in the order of the columns, page by page. To be taken once. */
  rows(): AsyncGenerator<Row>;
  reads(): ReadAccount;
  errors(): readonly GraphQLFormattedError[];
  rowCount(): number;
  /** As they are used: given ones, and defaults of the template. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A report that passed every check: nothing has been read. */
export interface ReadyReport {
  readonly template: Template;
  readonly ready: ReadyOperation;
  readonly caller: Caller;
  /** All pages are to be read, not just one. */
  readonly isWholeRun: boolean;
}

/** Who asks for a report, by whichever door. */
export type ReportVisit = Pick<Visit, 'principal' | 'requestId' | 'signal' | 'deadline' | 'maxAgeMs' | 'story'> &
  Partial<Pick<Visit, 'wouldLimit' | 'onCharged'>>;

/**
 * Finds the template and takes its variables as they are, for all pages of a run.
 *
 * @param at when and where relative dates are of
 */
export function readyRun(
  parts: GatewayParts,
  visit: ReportVisit,
  ref: string,
  variables: Readonly<Record<string, unknown>>,
  at: { readonly instant: Date; readonly zone: string },
): ReadyReport {
  const { pipeline } = parts;
  const { principal, requestId } = visit;
  const { template } = pipeline.findTemplate(ref, principal);
  const { paging } = template;
  const ready = pipeline.ready({
    principal,
    document: { kind: 'id', id: ref },
    operationName: null,
    variables: paging === null ? variables : { ...variables, [paging.first]: paging.pageSize },
    isAutomatic: false,
    isGet: true,
    today: dayIn(at.zone, at.instant.getTime()),
  });
  visit.story.isReady(ready);
  const run = reportRun(requestId, principal, at.instant.getTime(), at.zone);
  return { template, ready, caller: { ...visit, run }, isWholeRun: true };
}

/**
 * Finds the template and reads its variables from the URL. Without a page size in the URL all pages are meant, up to the
 * key's rows; with one, just that page.
 */
function readyReport(parts: GatewayParts, visit: Visit, ref: string, asked: URLSearchParams): ReadyReport {
  const { pipeline, clock } = parts;
  const search = withFixedParameters(asked, visit.principal);
  const { template } = pipeline.findTemplate(ref, visit.principal);
  const given = variablesFromSearch(template, search, { schema: parts.schema(), today: dayIn('UTC', clock.nowMs()) });
  const { paging } = template;
  const isWholeRun = paging !== null && !search.has(paging.first) && !search.has(paging.after);
  const variables = isWholeRun ? { ...given, [paging.first]: paging.pageSize } : given;
  const ready = pipeline.ready({
    principal: visit.principal,
    document: { kind: 'id', id: ref },
    operationName: null,
    variables,
    isAutomatic: false,
    isGet: true,
  });
  visit.story.isReady(ready);
  const run = isWholeRun ? reportRun(visit.requestId, visit.principal, clock.nowMs()) : null;
  return { template, ready, caller: { ...visit, run }, isWholeRun };
}

/** With the parameters that the key fixes, where they are left out; whether others may stand there is the pipeline's to say. */
function withFixedParameters(asked: URLSearchParams, { fixedVariables }: Principal): URLSearchParams {
  if (fixedVariables === undefined) return asked;
  const search = new URLSearchParams(asked);
  for (const [name, values] of fixedVariables)
    if (!asked.has(name)) for (const value of values) search.append(name, value);
  return search;
}

/** What a report would take. */
export interface ReportPlan {
  readonly template: Template;
  readonly estimate: Estimate;
  readonly reads: ReadAccount;
}

/**
 * Plans a report without reading anything.
 *
 * @throws AppError as the pipeline refuses
 */
export async function planReport(
  parts: GatewayParts,
  visit: Visit,
  ref: string,
  search: URLSearchParams,
): Promise<ReportPlan> {
  const { pipeline } = parts;
  const { template, ready, caller, isWholeRun } = readyReport(parts, visit, ref, search);
  const [estimate, { reads, errors }] = await Promise.all([
    pipeline.estimate(ready, caller, isWholeRun),
    pipeline.plan(ready, caller),
  ]);
  const refused = errors.find(({ extensions }) => isCallersFault(extensions?.['code']));
  if (refused !== undefined) throw asAppError(refused);
  return { template, estimate, reads };
}

/**
 * Starts a report and reads its first page.
 *
 * @throws AppError as the pipeline refuses, or as the first page fails
 */
export function startReport(
  parts: GatewayParts,
  visit: Visit,
  ref: string,
  search: URLSearchParams,
): Promise<RunningReport> {
  return beginReport(parts, readyReport(parts, visit, ref, search), visit.wouldLimit);
}

/** Reads the first page of a report that passed every check. @throws AppError as it fails */
export async function beginReport(
  { pipeline }: Pick<GatewayParts, 'pipeline'>,
  { template, ready, caller: asking, isWholeRun }: ReadyReport,
  wouldLimit: ReadonlySet<string> = new Set(),
): Promise<RunningReport> {
  const { paging } = template;

  const spending = await pipeline.charge(ready, asking, isWholeRun);
  const caller: Caller = { ...asking, spending };
  const first = await pipeline.run(ready, caller);
  if (!hasRows(first)) spending.settle();
  assertHasRows(first);
  let reads = first.reads;
  const errors = [...first.errors];
  let rowCount = 0;
  const { rows: rowCap } = ready.principal.limits;

  async function* rows(): AsyncGenerator<Row> {
    const collectAsBefore = collectEarly();
    try {
      yield* pages();
    } finally {
      collectAsBefore();
      // Whoever stops taking rows pays for the pages that were read.
      spending.settle();
    }
  }

  async function* pages(): AsyncGenerator<Row> {
    let page = first;
    for (;;) {
      for (const row of rowsOf(page.data, template)) {
        if (rowCount >= rowCap) {
          reads = { ...reads, truncated: true };
          return;
        }
        rowCount += 1;
        yield row;
      }
      const next = paging === null ? null : pageInfoOf(page.data, paging.pageInfo);
      if (next === null || !next.hasNextPage || next.endCursor === null) return;
      if (!isWholeRun) {
        reads = { ...reads, truncated: true };
        return;
      }
      page = await pipeline.run(ready, caller, { ...ready.variables, [paging!.after]: next.endCursor });
      assertHasRows(page);
      errors.push(...page.errors);
      reads = merged(reads, page.reads);
    }
  }
  return {
    template,
    cost: () => spending.cost(),
    wouldLimit,
    deprecatedFields: ready.prepared.deprecated,
    rows,
    reads: () => reads,
    errors: () => errors,
    rowCount: () => rowCount,
    variables: shownVariables(template, ready.variables),
  };
}

/** What the report was made with, for a file to tell: without the page, which every run has of its own. */
function shownVariables(
  { text, paging }: Template,
  used: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const all = new Map([...documentDefaults(text), ...Object.entries(used)]);
  if (paging !== null) for (const name of [paging.first, paging.after]) all.delete(name);
  return Object.fromEntries(all);
}

const hasRows = ({ data, errors }: Answer): boolean =>
  errors.length === 0 || (data !== null && Object.values(data).some((value) => value !== null));

/** A page without any data is a failure of the report, not an empty one. @throws AppError */
function assertHasRows(page: Answer): void {
  const [first] = page.errors;
  if (first === undefined || hasRows(page)) return;
  throw asAppError(first);
}

/** An error of an answer, as it is thrown. */
export function asAppError({ message, extensions }: GraphQLFormattedError): AppError {
  const { code, retryAfterMs, ...details } = extensions ?? {};
  return new AppError(isErrorCode(code) ? code : 'INTERNAL_SERVER_ERROR', message, {
    details,
    ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
  });
}

/** What a plan meets is what a run would meet; of these a run would give nothing else. */
const isCallersFault = (code: unknown) => isErrorCode(code) && errorCatalog[code].fault === 'caller';

function merged(a: ReadAccount, b: ReadAccount): ReadAccount {
  const dates = [a.dataAsOf, b.dataAsOf].filter((date) => date !== null).sort();
  return {
    source: a.source === null || a.source === b.source ? b.source : b.source === null ? a.source : 'mixed',
    dataAsOf: dates[0] ?? null,
    upstreamCalls: a.upstreamCalls + b.upstreamCalls,
    truncated: a.truncated || b.truncated,
    totalRows: a.totalRows ?? b.totalRows,
    stale: a.stale || b.stale,
    unavailableFields: [...new Set([...a.unavailableFields, ...b.unavailableFields])].sort(),
    plans: [...new Set([...a.plans, ...b.plans])],
    expectedCalls: a.expectedCalls + b.expectedCalls,
    expectedRows: [],
    ...(a.calls === undefined || b.calls === undefined
      ? {}
      : { calls: [...a.calls, ...b.calls].slice(0, mostTracedCalls) }),
  };
}
