import { principalOf, type Key, type KeyStore } from '@certfolio/access';
import { AppError, Forbidden, type ReadAccount } from '@certfolio/core';
import type { RunningTemplate, TemplateRunner } from '@certfolio/reports';
import { beginReport, readyRun, type RunningReport } from '../doors/report-rows.ts';
import { RequestStory } from '../doors/request-story.ts';
import type { GatewayParts } from '../gateway-parts.ts';

/** How long one page of a run may take, CertCentral's whole order report included. */
const pageDeadlineMs = 600_000;

/** Runs templates for schedules through the pipeline, as the key they run as, with the rights that it has now. */
export function createTemplateRunner(parts: () => GatewayParts, keys: Pick<KeyStore, 'show'>): TemplateRunner {
  return {
    async start(run) {
      const { clock, onAnswered, pipeline, tracing } = parts();
      const principal = {
        ...principalOf(liveKey(await keys.show(run.keyId), clock.nowMs())),
        lane: 'scheduled' as const,
      };
      const startedMs = clock.monotonicMs();
      const traced = tracing === null ? {} : { trace: tracing.begin({}, clock.nowMs()) };
      const story = new RequestStory({
        requestId: run.runId,
        atMs: clock.nowMs(),
        principal,
        from: 'schedule',
        userAgent: null,
        clientName: run.schedule,
        ...traced,
      });
      let release = () => undefined as void;
      const over = (isSent: boolean) => {
        release();
        onAnswered(
          story.record({ door: 'schedule', status: 200, durationMs: clock.monotonicMs() - startedMs, isSent }),
        );
      };
      try {
        // As often and as many at once as the key may, like anybody: over it, the run is tried again later.
        const admission = await pipeline.admit(principal);
        release = admission.release;
        story.wouldLimit(admission.wouldRefuse);
        const visit = {
          principal,
          requestId: run.runId,
          signal: run.signal,
          deadline: new Date(clock.nowMs() + pageDeadlineMs),
          maxAgeMs: run.maxAgeSeconds === null ? null : run.maxAgeSeconds * 1_000,
          story,
          ...traced,
        };
        const at = { instant: run.slot, zone: run.zone };
        const report = await beginReport(parts(), readyRun(parts(), visit, run.template, run.variables, at));
        story.answered(report.reads, report.rowCount, report.cost);
        story.decided(() => (report.errors().length === 0 ? 'ok' : 'PARTIAL'));
        return runningTemplate(report, over);
      } catch (error) {
        story.decided(error instanceof AppError ? error.code : 'INTERNAL_SERVER_ERROR');
        over(true);
        const isUnknown = error instanceof AppError && error.code === 'PERSISTED_QUERY_NOT_IN_LIST';
        throw isUnknown
          ? new AppError(error.code, notRunnable(principal.keyName, run.template), { cause: error })
          : error;
      }
    },
  };
}

const notRunnable = (keyName: string, template: string) =>
  `The key "${keyName}" that this schedule runs as may run no template "${template}": it is not approved, or the key has no right to it.`;

/** @throws Forbidden when the key that a schedule runs as is no longer valid */
function liveKey(key: Key | null, nowMs: number): Key {
  if (key === null)
    throw new Forbidden('The key that this schedule runs as is gone; hand the schedule over to another key.');
  const isOver = key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt.getTime() <= nowMs);
  if (!isOver) return key;
  const what = key.revokedAt !== null ? 'revoked' : 'expired';
  throw new Forbidden(
    `The key "${key.name}" that this schedule runs as is ${what}; hand the schedule over to another key.`,
  );
}

function runningTemplate(report: RunningReport, over: (isSent: boolean) => void): RunningTemplate {
  const { template, variables } = report;
  async function* rows() {
    let isWhole = false;
    try {
      yield* report.rows();
      isWhole = true;
    } finally {
      over(isWhole);
    }
  }
  return {
    columns: template.columns.map(({ title, type }) => ({ title, type })),
    rows,
    facts: () => {
      const account: ReadAccount = report.reads();
      const { totalRows, truncated, dataAsOf, source, stale, unavailableFields, upstreamCalls } = account;
      return {
        template: { name: template.name, version: template.version, id: template.id },
        title: template.title,
        question: template.question,
        variables,
        columns: template.columns.map(({ title, type }) => ({ title, type })),
        rows: report.rowCount(),
        totalRows,
        truncated,
        dataAsOf,
        source,
        stale,
        unavailableFields,
        errorCount: report.errors().length,
        upstreamCalls,
      };
    },
  };
}
