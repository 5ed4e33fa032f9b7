import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CallWindows, GatewayParts } from '../gateway-parts.ts';
import { planReport, type ReportPlan } from './report-rows.ts';
import { refuseReport } from './report-url.http.ts';
import { admitCaller } from './request-facts.ts';

/** `GET /r/{template}/explain?variable=…`: what a run with these variables would take. Nothing is read. */
export function explainUrlDoor(server: FastifyInstance, parts: GatewayParts): void {
  server.get('/r/:ref/explain', async (request: FastifyRequest, reply: FastifyReply) => {
    try {
      const visit = await admitCaller(parts, request, reply, 'explain');
      const { ref } = request.params as { readonly ref: string };
      const search = new URLSearchParams(request.url.split('?', 2)[1] ?? '');
      const plan = await planReport(parts, visit, ref, search);
      const { account, upstreamKey } = visit.principal;
      // The account's budget is no affair of a caller with an own key.
      const windows = upstreamKey === undefined ? await parts.callWindowsOf(account) : null;
      return await reply
        .header('Cache-Control', 'no-store')
        .header('Vary', 'Accept, Authorization, X-DC-DEVKEY')
        .type('application/json; charset=utf-8')
        .send(JSON.stringify(explained(plan, windows, parts.clock.nowMs())));
    } catch (error) {
      return refuseReport(request, reply, parts, error);
    }
  });
}

function explained({ template, estimate, reads }: ReportPlan, windows: CallWindows | null, nowMs: number) {
  const { name, version, id, maxAgeSeconds } = template;
  return {
    template: { name, version, id },
    cost: { estimated: estimate.points, isGuess: estimate.isGuess },
    upstreamCalls: reads.expectedCalls,
    source: reads.source,
    dataAsOf: reads.dataAsOf,
    ageSeconds: reads.dataAsOf === null ? null : Math.max(0, Math.round((nowMs - Date.parse(reads.dataAsOf)) / 1_000)),
    maxAgeSeconds,
    isOlderThanAsked: reads.stale,
    unavailableFields: reads.unavailableFields,
    plans: reads.plans,
    budget: windows,
  };
}
