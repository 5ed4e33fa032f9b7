import { randomBytes } from 'node:crypto';
import {
  AppError,
  ReadLedger,
  defaultCostPerMinute,
  type CallForwarder,
  type Clock,
  type Logger,
  type Principal,
  type RequestContext,
} from '@certfolio/core';
import {
  createComparer,
  createRedaction,
  maxBodyBytes,
  type AnsweredCall,
  type Asked,
  type BackgroundComparer,
  type ComparerOptions,
  type RestAnswer,
  type RouteKey,
} from '@certfolio/migration';
import { RequestStory } from '../doors/request-story.ts';
import type { Visit } from '../doors/request-facts.ts';
import type { CallWindows } from '../gateway-parts.ts';
import type { Metrics } from '../metrics.ts';
import type { GraphSide } from './open-migration.ts';

export interface GatewayComparerNeeds extends Pick<ComparerOptions, 'stateOf' | 'store' | 'counts' | 'limits'> {
  readonly forwarder: CallForwarder;
  readonly graph: GraphSide;
  readonly callWindowsOf: (account: string) => Promise<CallWindows | null>;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Of one side, waiting for a call included. */
const askTimeoutMs = 30_000;
/** Of each window, what others have to leave free. */
const spareShare = 0.5;

/** The comparison of this gateway: CertCentral by the forwarder, the graph by the pipeline, both in the lane for what nobody waits for. */
export function createGatewayComparer(needs: GatewayComparerNeeds): BackgroundComparer {
  const { forwarder, graph, callWindowsOf, metrics, clock } = needs;

  /** Null is another process's count, which nobody can spare anything of. */
  async function hasSpareQuota(account: string): Promise<boolean> {
    const windows = await callWindowsOf(account);
    return windows !== null && windows.every(({ calls, free }) => free > calls * spareShare);
  }

  async function ask(work: (facts: AskFacts) => Promise<RestAnswer | 'cannot'>, call: AnsweredCall): Promise<Asked> {
    const startedMs = clock.monotonicMs();
    const signal = AbortSignal.timeout(askTimeoutMs);
    try {
      const principal = backgroundPrincipal(call.principal);
      const answer = await work({ principal, signal, deadline: new Date(clock.nowMs() + askTimeoutMs) });
      if (answer === 'cannot') return { kind: 'none', why: 'cannot' };
      const body = await collected(answer.body);
      if (body === null) return { kind: 'none', why: 'cannot' };
      return {
        kind: 'answer',
        answer: { status: answer.status, headers: answer.headers, body, atMs: clock.nowMs() },
        durationMs: clock.monotonicMs() - startedMs,
      };
    } catch (error) {
      const isOutOfCalls = error instanceof AppError && error.code === 'UPSTREAM_BUDGET_EXHAUSTED';
      return { kind: 'none', why: isOutOfCalls ? 'quota' : 'failed' };
    }
  }

  const legacy = (call: AnsweredCall) =>
    ask(({ principal, signal, deadline }) => {
      const { request, route, requestId } = call;
      const context: RequestContext = {
        ...{ requestId, principal, signal, deadline, maxAgeMs: 0, planOnly: false, run: null },
        ledger: new ReadLedger(),
      };
      const forwarded = {
        // Whatever the call was: nothing but this is ever repeated.
        method: 'GET',
        target: request.search === '' ? request.path : `${request.path}?${request.search}`,
        headers: repeatedHeaders(request.headers),
        body: null,
        route,
        isRead: true,
      };
      return forwarder.forward(principal.account, forwarded, context);
    }, call);

  const ofGraph = (call: AnsweredCall, isLive: boolean) =>
    ask(async ({ principal, signal, deadline }) => {
      const visit = backgroundVisit(call, { principal, signal, deadline, maxAgeMs: isLive ? 0 : null }, clock);
      const matched = { key: call.route as RouteKey, params: call.params };
      const outcome = await graph.answer(visit, matched, call.request);
      return outcome.kind === 'answer' ? outcome.answer : 'cannot';
    }, call);

  return createComparer({
    ...needs,
    isServed: (route) => graph.isServed(route),
    sidesOf: (call) => ({ legacy: () => legacy(call), graph: (isLive) => ofGraph(call, isLive) }),
    hasSpareQuota,
    redaction: createRedaction(randomBytes(32)),
    onOutcome: (route, outcome) => metrics.compared(route, outcome),
    newId: () => `smp_${randomBytes(9).toString('hex')}`,
    random: () => randomBytes(4).readUInt32BE() / 2 ** 32,
  });
}

type AskFacts = Pick<Visit, 'principal' | 'signal' | 'deadline'>;

/** Reads what the caller may read; its limits, its costs and its place in the queue stay the caller's own. */
const backgroundPrincipal = (principal: Principal): Principal => ({
  ...principal,
  keyId: 'comparison',
  keyName: 'comparison',
  lane: 'shadow',
  limits: { ...principal.limits, costPerMinute: defaultCostPerMinute, mode: 'shadow' },
});

function backgroundVisit(
  { requestId }: AnsweredCall,
  facts: Pick<Visit, 'principal' | 'signal' | 'deadline' | 'maxAgeMs'>,
  clock: Clock,
): Visit {
  const { principal } = facts;
  const beginning = {
    requestId,
    atMs: clock.nowMs(),
    principal,
    from: 'comparison',
    userAgent: null,
    clientName: null,
  };
  return {
    ...facts,
    requestId,
    admission: { facts: [], wouldRefuse: [], release: () => undefined },
    story: new RequestStory(beginning),
    wouldLimit: new Set(),
    onCharged: () => undefined,
  };
}

/** What an answer depends on. No `If-None-Match` or `Range`: the answer is wanted whole. */
const meaningful = ['accept', 'accept-language', 'content-type', 'user-agent'];

function repeatedHeaders(headers: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return meaningful.flatMap((name) => {
    const value = headers.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
}

/** Null when it is longer than is compared. */
async function collected(body: RestAnswer['body']): Promise<Buffer | null> {
  if (Buffer.isBuffer(body)) return body.length <= maxBodyBytes ? body : null;
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > maxBodyBytes) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
