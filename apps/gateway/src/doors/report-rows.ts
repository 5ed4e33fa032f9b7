import { AppError, dayIn, isErrorCode, type ReadAccount } from '@certfolio/core';
import type { DeprecatedField } from '@certfolio/execution';
import { reportRun, type Answer, type Caller, type Cost, type ReadyOperation } from '@certfolio/pipeline';
import { pageInfoOf, rowsOf, variablesFromSearch, type Row, type Template } from '@certfolio/templates';
import type { GraphQLFormattedError } from 'graphql';
import type { GatewayParts } from '../gateway-parts.ts';
import type { Visit } from './request-facts.ts';

/** A report whose first page has been read. The facts grow while its rows are taken. */
export interface RunningReport {
  readonly template: Template;
  readonly cost: Cost;
  readonly deprecatedFields: readonly DeprecatedField[];
  /** Rows in the order of the columns, page by page. To be taken once. */
  rows(): AsyncGenerator<Row>;
  reads(): ReadAccount;
  errors(): readonly GraphQLFormattedError[];
  rowCount(): number;
}

/** A report that passed every check: nothing has been read. */
interface ReadyReport {
  readonly template: Template;
  readonly ready: ReadyOperation;
  readonly caller: Caller;
  /** All pages are to be read, not just one. */
  readonly isWholeRun: boolean;
}

/**
 * Finds the template and reads its variables from the URL. Without a page size in the URL all pages are meant, up to the
 * key's rows; with one, just that page.
 */
function readyReport(parts: GatewayParts, visit: Visit, ref: string, search: URLSearchParams): ReadyReport {
  const { pipeline, clock } = parts;
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

/** What a report would take. */
export interface ReportPlan {
  readonly template: Template;
  readonly cost: Cost;
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
  const { template, ready, caller } = readyReport(parts, visit, ref, search);
  const { reads } = await parts.pipeline.run(ready, { ...caller, planOnly: true });
  return { template, cost: ready.cost, reads };
}

/**
 * Starts a report and reads its first page.
 *
 * @throws AppError as the pipeline refuses, or as the first page fails
 */
export async function startReport(
  parts: GatewayParts,
  visit: Visit,
  ref: string,
  search: URLSearchParams,
): Promise<RunningReport> {
  const { pipeline } = parts;
  const { template, ready, caller, isWholeRun } = readyReport(parts, visit, ref, search);
  const { paging } = template;

  const first = await pipeline.run(ready, caller);
  assertHasRows(first);
  let reads = first.reads;
  const errors = [...first.errors];
  let rowCount = 0;
  const { rows: rowCap } = visit.principal.limits;

  async function* rows(): AsyncGenerator<Row> {
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
  const { deprecated: deprecatedFields } = ready.prepared;
  return {
    template,
    cost: ready.cost,
    deprecatedFields,
    rows,
    reads: () => reads,
    errors: () => errors,
    rowCount: () => rowCount,
  };
}

/** A page without any data is a failure of the report, not an empty one. @throws AppError */
function assertHasRows({ data, errors }: Answer): void {
  const [first] = errors;
  if (first === undefined || (data !== null && Object.values(data).some((value) => value !== null))) return;
  const { code, retryAfterMs, ...details } = first.extensions ?? {};
  throw new AppError(isErrorCode(code) ? code : 'INTERNAL_SERVER_ERROR', first.message, {
    details,
    ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
  });
}

function merged(a: ReadAccount, b: ReadAccount): ReadAccount {
  const dates = [a.dataAsOf, b.dataAsOf].filter((date) => date !== null).sort();
  return {
    source: a.source === null || a.source === b.source ? b.source : b.source === null ? a.source : 'mixed',
    dataAsOf: dates[0] ?? null,
    upstreamCalls: a.upstreamCalls + b.upstreamCalls,
    truncated: a.truncated || b.truncated,
    stale: a.stale || b.stale,
    unavailableFields: [...new Set([...a.unavailableFields, ...b.unavailableFields])].sort(),
    plans: [...new Set([...a.plans, ...b.plans])],
    expectedCalls: a.expectedCalls + b.expectedCalls,
  };
}
