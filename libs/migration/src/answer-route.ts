import {
  AppError,
  Forbidden,
  seesEverything,
  type CallForwarder,
  type Clock,
  type ForwardedCall,
  type Principal,
  type RequestContext,
} from '@certfolio/core';
import { goneError } from './gone.ts';
import type { AnsweringSide, Comparer, HeaderFields, RestAnswer, RestRequest } from './rest-exchange.ts';
import type { CurrentStates, RouteStates } from './rollout/current-states.ts';
import type { RouteState } from './rollout/route-state.ts';
import { whoAnswers, type Decision } from './rollout/who-answers.ts';
import type { MatchedRoute, RouteKey } from './routes/legacy-route.ts';
import { sunsetHeaders } from './sunset-headers.ts';
import { callShape } from './usage/call-shape.ts';
import type { RestUsageRecorder } from './usage/rest-usage-recorder.ts';

/** What the graph makes of a call. */
export type GraphOutcome =
  | {
      readonly kind: 'answer';
      readonly answer: RestAnswer;
      /** The oldest among what was read; null when nothing was. */
      readonly dataAsOf: Date | null;
      /** `mirror`, `live`, `cache`, `mixed`. */
      readonly source: string;
      /** Older than it should be, since CertCentral could not be read. */
      readonly stale?: boolean;
      /** Calls of CertCentral's budget that it took. */
      readonly upstreamCalls: number;
    }
  | { readonly kind: 'cannot'; readonly reason: string };

/** A call with its caller. */
export interface RouteCall {
  readonly request: RestRequest;
  /** The same call, as it goes on to CertCentral. */
  readonly forwarded: Omit<ForwardedCall, 'route' | 'isRead'>;
  readonly context: RequestContext;
  /** '' for none. */
  readonly userAgent: string;
  readonly isTest: boolean;
  readonly atMs: number;
  /** Asks the graph; throws what the pipeline throws. */
  readonly graph: (matched: MatchedRoute, request: RestRequest) => Promise<GraphOutcome>;
}

export interface RoutePorts {
  readonly match: (method: string, path: string) => MatchedRoute | null;
  readonly states: RouteStates;
  /** A mapper is there for the route. */
  readonly isServed: (route: string) => boolean;
  /** The address that is called in place of a route with these parameters; null when there is none. */
  readonly successorOf: (route: RouteKey, filterNames: readonly string[]) => string | null;
  /** A page of the operator's that tells of the deprecation; null for none. */
  readonly infoUrl: string | null;
  /** What CertCentral has when it answers in the graph's place, after the graph took its time. */
  readonly requestTimeoutMs: number;
  readonly forwarder: CallForwarder;
  readonly usage: Pick<RestUsageRecorder, 'record'>;
  readonly comparer: Comparer;
  readonly clock: Clock;
}

interface OutcomeFacts {
  /** Of the catalog; null for a path that is none of it. */
  readonly matched: MatchedRoute | null;
  /** Why CertCentral answered although it was the graph's turn; null when it was not, or the graph did. */
  readonly fallback: string | null;
  /** The failure of ours that the caller got, or after which CertCentral answered. */
  readonly graphFailure: AppError | null;
  /** To be sent beside those of the answer. */
  readonly headers: HeaderFields;
  /** That the graph spent of CertCentral's budget; what was passed on is in the ledger of the call. */
  readonly graphCalls: number;
}

export type RouteOutcome = OutcomeFacts &
  (
    | {
        readonly kind: 'answer';
        readonly by: AnsweringSide;
        readonly answer: RestAnswer;
        /** The words beside the status; '' for the usual ones. */
        readonly statusText: string;
        /** The answer's body is wanted for a comparison. */
        readonly isWanted: boolean;
      }
    | { readonly kind: 'error'; readonly error: AppError }
  );

/** What was sent of an outcome. */
export interface Sent {
  readonly status: number;
  readonly durationMs: number;
  /** The answer went out whole. */
  readonly isWhole: boolean;
  /** Kept for a comparison; null when it was not wanted, is too long, or broke off. */
  readonly body: Buffer | null;
  /** It was wanted, and longer than what is kept. */
  readonly isTooLong: boolean;
}

type Answered = Pick<RouteOutcome & { kind: 'answer' }, 'by' | 'answer' | 'statusText' | 'headers' | 'graphCalls'>;

/** Match the route, ask who answers, answer. What the caller is refused with, or what failed, is an outcome like any other. */
export async function answerRoute(call: RouteCall, ports: RoutePorts): Promise<RouteOutcome> {
  const { request, context } = call;
  const matched = ports.match(request.method, request.path);
  const state = stateFor(matched, await ports.states.current(), context.principal.keyId);
  const headers = sunsetHeaders(state, successor(matched, request, ports), ports.infoUrl);
  const failed: { fallback: string | null; graphFailure: AppError | null } = { fallback: null, graphFailure: null };
  try {
    requireRight(context.principal, request.method);
    const decision = whoAnswers(asked(call, matched, state, ports));
    const answered = await answerBy(decision, call, matched, state, ports, failed);
    const isWanted =
      matched !== null &&
      isRead(request.method) &&
      ports.comparer.wants({ route: matched.key, principal: context.principal, isTest: call.isTest });
    return { kind: 'answer', matched, ...failed, ...answered, headers: [...headers, ...answered.headers], isWanted };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { kind: 'error', matched, ...failed, headers, graphCalls: 0, error };
  }
}

/** The caller has its answer: count the call, and hand it to the comparison. */
export function endRoute(call: RouteCall, outcome: RouteOutcome, sent: Sent, ports: RoutePorts): void {
  const { request, context, isTest, atMs } = call;
  const { principal, requestId, ledger } = context;
  ports.usage.record({
    keyId: principal.keyId,
    route: outcome.matched?.key ?? `${request.method} (unknown)`,
    shape: callShape(request.search),
    userAgent: call.userAgent,
    isTest,
    atMs,
    isFromGraph: outcome.kind === 'answer' && outcome.by === 'graph',
    isRefused: outcome.kind === 'error' && outcome.error.entry.status < 500,
    isFailed: sent.status >= 500 || !sent.isWhole,
    upstreamCalls: ledger.account().upstreamCalls + outcome.graphCalls,
    fallback: outcome.fallback,
  });
  if (outcome.matched === null || !isRead(request.method)) return;
  // A refusal is neither side's.
  if (outcome.kind === 'error' && outcome.graphFailure === null) return;
  ports.comparer.answered({
    route: outcome.matched.key,
    params: outcome.matched.params,
    request,
    principal,
    by: outcome.kind === 'error' ? 'graph' : outcome.by,
    status: sent.status,
    durationMs: sent.durationMs,
    body: sent.isWhole ? sent.body : null,
    isTooLong: sent.isTooLong,
    headers: outcome.kind === 'error' ? [] : outcome.answer.headers,
    requestId,
    isTest,
    ...(outcome.graphFailure === null ? {} : { graphFailure: outcome.graphFailure.code }),
  });
}

/** Methods that change nothing. Source: RFC 9110, section 9.2.1. */
const reads: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
export const isRead = (method: string): boolean => reads.has(method);

/** @throws Forbidden */
function requireRight({ rest: right = 'none', keyName }: Principal, method: string): void {
  const needed = isRead(method) ? 'read' : 'write';
  if (right === 'write' || right === needed) return;
  throw new Forbidden(
    `The key "${keyName}" may not ${needed} at the REST façade; that needs "keys update --rest ${needed}".`,
  );
}

/** A path that is not of the catalog has no state. */
function stateFor(matched: MatchedRoute | null, states: CurrentStates, keyId: string): RouteState {
  return states.stateOf(matched?.key ?? '', keyId);
}

function asked(call: RouteCall, matched: MatchedRoute | null, state: RouteState, ports: RoutePorts) {
  const { request, context, forwarded } = call;
  const { principal } = context;
  // A mapper knows the usual form of a call; what CertCentral makes of another is its own to say.
  const isUsual = request.method === 'GET' && forwarded.body === null && !request.path.endsWith('/');
  return {
    isRead: isRead(request.method),
    isServed: isUsual && matched !== null && ports.isServed(matched.key),
    state,
    keyId: principal.keyId,
    seesEverything: seesEverything(principal),
    isPassedThrough: principal.upstreamKey !== undefined,
    nowMs: ports.clock.nowMs(),
  };
}

async function answerBy(
  decision: Decision,
  call: RouteCall,
  matched: MatchedRoute | null,
  state: RouteState,
  ports: RoutePorts,
  failed: { fallback: string | null; graphFailure: AppError | null },
): Promise<Answered> {
  switch (decision.kind) {
    case 'gone':
      throw goneError(state, decision.brownout, successor(matched, call.request, ports), ports.clock.nowMs());
    case 'refused':
      throw new Forbidden(
        decision.why === 'write'
          ? 'This key is limited to divisions or fields, which CertCentral would not hold a write to; use a key without these limits for writes.'
          : 'This key is limited to divisions or fields, which the answer of this route cannot be held to; the graph does not answer it.',
      );
    case 'proxied':
      return fromCertCentral(call, matched, ports);
    case 'graph':
      break;
  }
  try {
    const outcome = await call.graph(matched!, call.request);
    if (outcome.kind === 'answer') return fromGraph(outcome, ports.clock.nowMs());
    failed.fallback = outcome.reason;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { status, fault } = error.entry;
    const isOurLimit = fault === 'caller' && status === 400;
    const fallsBack = isOurLimit || (decision.onFailure === 'proxied' && status >= 500);
    if (status >= 500) failed.graphFailure = error;
    if (!fallsBack || decision.otherwise === 'refused') throw error;
    failed.fallback = error.code;
  }
  if (decision.otherwise === 'refused')
    throw new Forbidden(
      `This key is limited to divisions or fields, and the graph cannot answer this call exactly: ${failed.fallback}.`,
    );
  const deadline = new Date(ports.clock.nowMs() + ports.requestTimeoutMs);
  return fromCertCentral({ ...call, context: { ...call.context, deadline } }, matched, ports);
}

async function fromCertCentral(call: RouteCall, matched: MatchedRoute | null, ports: RoutePorts): Promise<Answered> {
  const { request, forwarded, context } = call;
  const route = matched?.key ?? `${request.method} (unknown)`;
  const answer = await ports.forwarder.forward(
    context.principal.account,
    { ...forwarded, route, isRead: isRead(request.method) },
    context,
  );
  return { by: 'certcentral', answer, statusText: answer.statusText, headers: [], graphCalls: 0 };
}

function fromGraph(
  { answer, dataAsOf, source, stale, upstreamCalls }: GraphOutcome & { kind: 'answer' },
  nowMs: number,
): Answered {
  const age = dataAsOf === null ? null : Math.max(0, Math.floor((nowMs - dataAsOf.getTime()) / 1_000));
  return {
    by: 'graph',
    answer,
    statusText: '',
    graphCalls: upstreamCalls,
    headers: [
      ['Certfolio-Source', source],
      ...(dataAsOf === null
        ? []
        : ([
            ['Certfolio-Data-As-Of', dataAsOf.toISOString()],
            ['Age', String(age)],
          ] as const)),
      ...(stale === true ? ([['Certfolio-Stale', 'true']] as const) : []),
    ],
  };
}

function successor(matched: MatchedRoute | null, { search }: RestRequest, ports: RoutePorts): string | null {
  return matched === null ? null : ports.successorOf(matched.key, callShape(search).split(','));
}
