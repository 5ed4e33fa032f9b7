import { METHODS } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, ReadLedger, type RequestContext } from '@certfolio/core';
import { answerRoute, endRoute, isRead, type RouteCall, type RouteOutcome, type Sent } from '@certfolio/migration';
import type { GatewayParts } from '../gateway-parts.ts';
import { restRefusal } from './cert-central-errors.ts';
import { sendAnswer } from './rest-answer.ts';
import { readCall } from './rest-call.ts';
import { admitCaller, noteCaller, shownError, storyOf, type Visit } from './request-facts.ts';

const door = 'rest';

/** `ANY /services/v2/*`: CertCentral's REST API, answered by CertCentral or, route by route, by the graph. */
export function restDoor(server: FastifyInstance, parts: GatewayParts): void {
  for (const method of METHODS)
    if (method !== 'CONNECT' && !server.supportedMethods.includes(method))
      server.addHttpMethod(method, { hasBody: true });
  server.route({
    method: [...server.supportedMethods],
    url: '/services/v2/*',
    exposeHeadRoute: false,
    // Before anything reads the body: it goes on as it comes, whatever its type and length.
    onRequest: (request, reply) => answer(request, reply, parts),
    handler: async (_request, reply) => reply,
  });
}

async function answer(request: FastifyRequest, reply: FastifyReply, parts: GatewayParts): Promise<FastifyReply> {
  const atMs = parts.clock.nowMs();
  const ended = parts.migration.ports.comparer.began();
  try {
    const visit = await admitCaller(parts, request, reply, door);
    const read = readCall(request.raw, parts.migration.bodyLimitBytes);
    const context = contextOf(visit);
    const call: RouteCall = {
      ...read,
      context,
      atMs,
      graph: (matched, asked) => parts.migration.graph.answer(visit, matched, asked),
    };
    const outcome = await answerRoute(call, parts.migration.ports);
    tellStory(visit, call, outcome);
    const sent = await send(request, reply, parts, outcome);
    endRoute(call, outcome, sent, parts.migration.ports);
    return reply;
  } catch (cause) {
    // Nobody is there to be told.
    if (reply.raw.destroyed) return reply.hijack();
    await noteCaller(parts, request, reply);
    const error = shownError(cause, parts, request.id);
    parts.metrics.answered(door, error.code, reply.elapsedTime);
    return restRefusal(reply, error);
  } finally {
    ended();
  }
}

function contextOf({ principal, requestId, deadline, signal, trace }: Visit): RequestContext {
  return {
    ...{ requestId, principal, deadline, signal },
    maxAgeMs: 0,
    planOnly: false,
    run: null,
    ledger: new ReadLedger({ keepsCalls: trace?.isSampled ?? false }),
    ...(trace === undefined ? {} : { traceparent: trace.traceparent }),
  };
}

function tellStory({ story }: Visit, { request, context }: RouteCall, outcome: RouteOutcome): void {
  const route = outcome.matched?.key ?? `${request.method} (unknown)`;
  story.isCall({ route, isWrite: !isRead(request.method) });
  if (outcome.kind === 'answer' && outcome.by === 'certcentral')
    story.answered(
      () => context.ledger.account(),
      () => null,
      () => null,
    );
}

async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: GatewayParts,
  outcome: RouteOutcome,
): Promise<Sent> {
  if (outcome.kind === 'error') {
    for (const [name, value] of outcome.headers) reply.header(name, value);
    parts.metrics.answered(door, outcome.error.code, reply.elapsedTime);
    restRefusal(reply, outcome.error);
    return { status: reply.statusCode, durationMs: reply.elapsedTime, isWhole: true, isTooLong: false, body: null };
  }
  const { status } = outcome.answer;
  try {
    const sent = await sendAnswer(reply, outcome, outcome.isWanted ? parts.migration.keptBodyBytes : 0);
    parts.metrics.answered(door, 'ok', reply.elapsedTime);
    return { ...sent, status, durationMs: reply.elapsedTime };
  } catch (error) {
    const { code } = shownError(error, parts, request.id);
    storyOf(reply)?.brokeOff(code);
    parts.metrics.answered(door, code, reply.elapsedTime);
    if (error instanceof AppError)
      parts.logger.warn({ requestId: request.id, reason: error.message }, 'An answer of CertCentral broke off.');
    return { status, durationMs: reply.elapsedTime, isWhole: false, isTooLong: false, body: null };
  }
}
