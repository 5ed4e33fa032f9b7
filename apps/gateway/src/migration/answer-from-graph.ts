import type { ReadAccount } from '@certfolio/core';
import type { RestAnswer, RestRequest, ServedPlan, ServedRoute } from '@certfolio/migration';
import { reportRun, type ReadyOperation } from '@certfolio/pipeline';
import type { GatewayParts } from '../gateway-parts.ts';
import { asAppError, beginReport, type RunningReport } from '../doors/report-rows.ts';
import { decisionOf, type Visit } from '../doors/request-facts.ts';

/** Who asks, as the door let them in. */
export type GraphVisit = Pick<
  Visit,
  'principal' | 'requestId' | 'signal' | 'deadline' | 'maxAgeMs' | 'story' | 'onCharged'
>;

export type GraphAnswer =
  | {
      readonly kind: 'answer';
      readonly answer: RestAnswer;
      /** The oldest data of the answer; null where nothing was read. */
      readonly dataAsOf: Date | null;
      readonly source: ReadAccount['source'];
      readonly stale: boolean;
    }
  | { readonly kind: 'cannot'; readonly reason: string };

/**
 * Answers a call of CertCentral's REST API from the graph, through the pipeline like every other request: rights, limits and cost are
 * the key's, and the audit log has it under the built-in template. What the graph cannot tell exactly is not answered.
 *
 * @throws AppError as the pipeline refuses, or as the read fails
 */
export type AnswerFromGraph = (
  visit: GraphVisit,
  route: ServedRoute,
  params: ReadonlyMap<string, string>,
  request: RestRequest,
) => Promise<GraphAnswer>;

type PlanOf<Kind extends ServedPlan['kind']> = Extract<ServedPlan, { readonly kind: Kind }>;

/** @param parts looked at when a call comes, so that it can be one of them */
export function createAnswerFromGraph(parts: Pick<GatewayParts, 'pipeline' | 'clock'>): AnswerFromGraph {
  const { pipeline, clock } = parts;
  return async (visit, route, params, request) => {
    const plan = route.plan(request, params, clock.nowMs());
    switch (plan.kind) {
      case 'cannot':
        return plan;
      case 'answer':
        return { ...plan, dataAsOf: null, source: null, stale: false };
      case 'rows':
        return stream(visit, route, plan);
      case 'run':
        return run(visit, readyFor(visit, plan.template ?? route.template, plan.variables), plan);
    }
  };

  function readyFor(visit: GraphVisit, name: string, variables: PlanOf<'run'>['variables']): ReadyOperation {
    const ready = pipeline.ready({
      principal: visit.principal,
      document: { kind: 'built-in', name },
      operationName: null,
      variables,
      isAutomatic: false,
      isGet: true,
    });
    visit.story.isReady(ready);
    return ready;
  }

  async function run(visit: GraphVisit, ready: ReadyOperation, plan: PlanOf<'run'>): Promise<GraphAnswer> {
    const result = await pipeline.run(ready, { ...visit, run: null });
    const { data, errors, reads } = result;
    visit.story.answered(
      () => reads,
      () => result.rows,
      () => result.cost,
    );
    visit.story.decided(decisionOf(result));
    const [error] = errors;
    // A look-up that some orders were not read for yet can only be made by CertCentral.
    if (error?.extensions?.['code'] === 'INCOMPLETE')
      return { kind: 'cannot', reason: 'a certificate that may not be mirrored yet' };
    if (error !== undefined || data === null) throw asAppError(error ?? { message: 'The graph gave no data.' });
    if (reads.truncated) return { kind: 'cannot', reason: 'more rows than the key may read' };
    const rendered = plan.render(data, { nowMs: clock.nowMs() });
    if (rendered.kind === 'cannot') return rendered;
    return {
      kind: 'answer',
      answer: rendered.answer,
      dataAsOf: reads.dataAsOf === null ? null : new Date(reads.dataAsOf),
      source: reads.source,
      stale: reads.stale,
    };
  }

  /** Pages are read as the caller takes them; what can be refused is refused before the first byte. */
  async function stream(visit: GraphVisit, route: ServedRoute, plan: PlanOf<'rows'>): Promise<GraphAnswer> {
    const isWholeRun = plan.limit > pageRows;
    const ready = readyFor(visit, route.template, { ...plan.variables, first: Math.min(plan.limit, pageRows) });
    const run = isWholeRun ? reportRun(visit.requestId, visit.principal, clock.nowMs()) : null;
    const report = await beginReport(parts, {
      template: ready.template!,
      ready,
      caller: { ...visit, run },
      isWholeRun,
    });
    visit.story.answered(report.reads, report.rowCount, report.cost);
    const { dataAsOf, source, stale, totalRows } = report.reads();
    const { rows: rowCap } = visit.principal.limits;
    // A key may read fewer rows than the call asks for; an answer that is cut looks like a whole one.
    if (plan.limit > rowCap && (totalRows === null || totalRows > rowCap)) {
      await report.rows().return(undefined);
      return { kind: 'cannot', reason: 'more rows than the key may read' };
    }
    const answer = plan.render(firstRows(report, plan.limit));
    return { kind: 'answer', answer, dataAsOf: dataAsOf === null ? null : new Date(dataAsOf), source, stale };
  }
}

/** Rows of one page. */
const pageRows = 1_000;

async function* firstRows(report: RunningReport, limit: number): AsyncGenerator<readonly unknown[]> {
  let left = limit;
  for await (const row of report.rows()) {
    yield row;
    left -= 1;
    if (left === 0) return;
  }
}
