import { seesEverything } from '@certfolio/core';
import {
  servedRoutes,
  type GraphOutcome,
  type RestRequest,
  type ServedPlan,
  type ServedRoute,
} from '@certfolio/migration';
import { reportRun, type Answer, type Caller, type ReadyOperation } from '@certfolio/pipeline';
import { asAppError, beginReport, type RunningReport } from '../doors/report-rows.ts';
import { decisionOf, type Visit } from '../doors/request-facts.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { GraphSide } from './open-migration.ts';

type Parts = Pick<GatewayParts, 'pipeline' | 'clock' | 'mirrors'>;
type Params = ReadonlyMap<string, string>;
type PlanOf<Kind extends ServedPlan['kind']> = Extract<ServedPlan, { readonly kind: Kind }>;

/** Rows of one page of a report. */
const pageRows = 1_000;
/** How long it is remembered whether an account has a mirror that is filled. */
const mirrorKnownMs = 10_000;

const cannot = (reason: string): GraphOutcome => ({ kind: 'cannot', reason });

/** The routes that have a mapper, answered through the pipeline. */
export function createGraphSide(parts: Parts): GraphSide {
  const answer = createAnswerFromGraph(parts);
  return {
    isServed: (route) => servedRoutes.has(route),
    answer(visit, { key, params }, request) {
      const route = servedRoutes.get(key);
      return route === undefined
        ? Promise.resolve(cannot('a route without a mapper'))
        : answer(visit, route, params, request);
    },
  };
}

/**
 * Answers calls of CertCentral's REST API from the graph, through the pipeline like every other request: rights, limits and cost are
 * the key's, and the audit log has them under the built-in template. What the graph cannot tell exactly is not answered.
 */
export function createAnswerFromGraph(parts: Parts) {
  const { pipeline, clock } = parts;
  const hasMirror = knownMirrors(parts);

  /** @throws AppError as the pipeline refuses, or as the read fails */
  return async (visit: Visit, route: ServedRoute, params: Params, request: RestRequest): Promise<GraphOutcome> => {
    const plan = route.plan(request, params, clock.nowMs());
    switch (plan.kind) {
      case 'cannot':
        return plan;
      case 'answer':
        return { ...plan, dataAsOf: null, source: 'none', upstreamCalls: 0 };
      case 'run':
        return run(visit, readyFor(visit, plan.template ?? route.template, plan.variables), plan);
      case 'rows':
        return stream(visit, route, plan);
    }
  };

  function readyFor(visit: Visit, name: string, variables: PlanOf<'run'>['variables']): ReadyOperation {
    return pipeline.ready({
      principal: visit.principal,
      document: { kind: 'built-in', name },
      operationName: null,
      variables,
      isAutomatic: false,
      isGet: true,
    });
  }

  /** Without a mirror the graph may need several calls for what CertCentral answers in one; then that one is made. */
  async function isDearer(visit: Visit, ready: ReadyOperation, caller: Caller, needsMirror = false): Promise<boolean> {
    const { principal } = visit;
    if (!seesEverything(principal) || (await hasMirror(principal.account))) return false;
    return needsMirror || (await pipeline.plan(ready, caller)).reads.expectedCalls > 1;
  }

  async function run(visit: Visit, ready: ReadyOperation, plan: PlanOf<'run'>): Promise<GraphOutcome> {
    const caller: Caller = { ...visit, run: null };
    if (await isDearer(visit, ready, caller, plan.needsMirror)) return cannot('more calls of CertCentral than one');
    visit.story.isReady(ready);
    const result = await pipeline.run(ready, caller);
    visit.story.answered(
      () => result.reads,
      () => result.rows,
      () => result.cost,
    );
    visit.story.decided(decisionOf(result));
    const { data, errors, reads } = result;
    const [error] = errors;
    // A look-up that some orders were not read for yet can only be made by CertCentral.
    if (error?.extensions?.['code'] === 'INCOMPLETE') return cannot('a certificate that may not be mirrored yet');
    if (error !== undefined || data === null) throw asAppError(error ?? { message: 'The graph gave no data.' });
    if (reads.truncated) return cannot('more rows than the key may read');
    const rendered = plan.render(data, { nowMs: clock.nowMs() });
    return rendered.kind === 'cannot' ? rendered : { ...rendered, ...toldOf(reads) };
  }

  /** Pages are read as the caller takes them; what can be refused is refused before the first byte. */
  async function stream(visit: Visit, route: ServedRoute, plan: PlanOf<'rows'>): Promise<GraphOutcome> {
    const isWholeRun = plan.limit > pageRows;
    const ready = readyFor(visit, route.template, { ...plan.variables, first: Math.min(plan.limit, pageRows) });
    const run = isWholeRun ? reportRun(visit.requestId, visit.principal, clock.nowMs()) : null;
    const caller: Caller = { ...visit, run };
    if (await isDearer(visit, ready, caller)) return cannot('more calls of CertCentral than one');
    visit.story.isReady(ready);
    const report = await beginReport(parts, { template: ready.template!, ready, caller, isWholeRun });
    visit.story.answered(report.reads, report.rowCount, report.cost);
    const reads = report.reads();
    const { rows: rowCap } = visit.principal.limits;
    // A key may read fewer rows than the call asks for; an answer that is cut looks like a whole one.
    if (plan.limit > rowCap && (reads.totalRows === null || reads.totalRows > rowCap)) {
      await report.rows().return(undefined);
      return cannot('more rows than the key may read');
    }
    return { kind: 'answer', answer: plan.render(firstRows(report, plan.limit)), ...toldOf(reads) };
  }
}

function toldOf({ dataAsOf, source, stale, upstreamCalls }: Answer['reads']) {
  return { dataAsOf: dataAsOf === null ? null : new Date(dataAsOf), source: source ?? 'none', stale, upstreamCalls };
}

async function* firstRows(report: RunningReport, limit: number): AsyncGenerator<readonly unknown[]> {
  let left = limit;
  for await (const row of report.rows()) {
    yield row;
    left -= 1;
    if (left === 0) return;
  }
}

/** Whether an account's mirror is filled, looked at now and then: a mirror that was filled stays so. */
function knownMirrors({ mirrors, clock }: Parts): (account: string) => Promise<boolean> {
  let known: ReadonlySet<string> = new Set();
  let untilMs = Number.NEGATIVE_INFINITY;
  return async (account) => {
    if (clock.monotonicMs() >= untilMs) {
      untilMs = clock.monotonicMs() + mirrorKnownMs;
      // A database that is away says nothing about CertCentral.
      const states = await mirrors().catch(() => new Map<string, { readonly isFilled: boolean }>());
      known = new Set([...states].filter(([, { isFilled }]) => isFilled).map(([name]) => name));
    }
    return known.has(account);
  };
}
