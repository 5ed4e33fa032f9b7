import type { Principal } from './principal.ts';
import type { Read, ReportRun } from './read.ts';
import type { ReadLedger } from './read-ledger.ts';

/** One request on its way through the gateway; GraphQL's context value in the gateway and in every subgraph. */
export interface RequestContext {
  readonly requestId: string;
  readonly principal: Principal;
  readonly deadline: Date;
  readonly signal: AbortSignal;
  readonly maxAgeMs: number;
  /** Nothing is read, only planned. */
  readonly planOnly: boolean;
  readonly run: ReportRun | null;
  readonly ledger: ReadLedger;
  /** W3C Trace Context, for other processes that are asked; absent unless requests are traced. */
  readonly traceparent?: string;
}

/** What a resolver hands to a port. */
export function readOf(context: RequestContext): Read {
  const { principal } = context;
  return {
    scope: principal.scope,
    maxAgeMs: context.maxAgeMs,
    planOnly: context.planOnly,
    deadline: context.deadline,
    lane: principal.lane,
    onBehalfOf: principal.keyId,
    signal: context.signal,
    ledger: context.ledger,
    run: context.run,
    ...(principal.upstreamKey === undefined ? {} : { upstreamKey: principal.upstreamKey }),
  };
}
