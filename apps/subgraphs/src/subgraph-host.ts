import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  errorExtensions,
  Unauthenticated,
  type CallForwarder,
  type Clock,
  type Logger,
  type RequestContext,
} from '@certfolio/core';
import { createLocalSubgraph, type LocalSubgraph } from '@certfolio/execution';
import { identityHeader, verifyIdentity, type Subgraph } from '@certfolio/graph-kit';
import type { UpstreamProbe } from '@certfolio/subgraph-control';
import { forwardDoor } from './forward-door.ts';
import { upstreamDoor } from './upstream-door.ts';

export interface SubgraphHostOptions {
  readonly subgraphs: readonly Subgraph[];
  /** The accounts that are read here. */
  readonly upstream: UpstreamProbe;
  /** Sends calls of the REST façade on to them. */
  readonly forwarder: CallForwarder;
  /** Shared with the gateway, which signs the caller with it. */
  readonly secret: string;
  readonly bodyLimitBytes: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const requestSchema = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

/** Serves each subgraph at `POST /<name>`, to callers whose identity the gateway has signed. */
export function createSubgraphHost({
  subgraphs,
  upstream,
  forwarder,
  secret,
  bodyLimitBytes,
  clock,
  logger,
}: SubgraphHostOptions): FastifyInstance {
  const byName = new Map<string, LocalSubgraph>(
    subgraphs.map((subgraph) => [subgraph.name, createLocalSubgraph(subgraph, logger)]),
  );
  const server = fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: 30_000,
    forceCloseConnections: 'idle',
  });

  server.get('/healthz', () => ({ status: 'ok' }));
  server.get('/readyz', () => ({
    status: 'ready',
    parts: Object.fromEntries([...byName.keys()].map((name) => [name, 'ok'])),
  }));

  const callerOf = (request: FastifyRequest, reply: FastifyReply): RequestContext | null => {
    const gone = new AbortController();
    reply.raw.once('close', () => reply.raw.writableFinished || gone.abort(new Error('The gateway went away.')));
    const context = verifyIdentity(request.headers[identityHeader]?.toString(), secret, clock.nowMs(), gone.signal);
    if (context !== null) return context;
    const error = new Unauthenticated(`Subgraphs answer only callers that the gateway has signed (${identityHeader}).`);
    void reply
      .code(401)
      .header('Cache-Control', 'no-store')
      .send({ errors: [{ message: error.message, extensions: errorExtensions(error) }] });
    return null;
  };
  upstreamDoor(server, { upstream, callerOf, logger });
  forwardDoor(server, { forwarder, callerOf, logger });

  server.post('/:name', async (request, reply) => {
    const context = callerOf(request, reply);
    if (context === null) return reply;
    const subgraph = byName.get((request.params as { readonly name: string }).name);
    if (subgraph === undefined)
      return reply
        .code(404)
        .send(badRequest(`No subgraph of this name is served here; there are ${[...byName.keys()].join(', ')}.`));
    const body = requestSchema.safeParse(request.body);
    if (!body.success)
      return reply.code(400).send(badRequest('The body needs "query", and may have "variables" and "operationName".'));
    const { query, variables, operationName } = body.data;
    const answer = await subgraph.run(query, variables ?? {}, operationName ?? undefined, context);
    return reply.send({ ...answer, extensions: { certfolioReads: context.ledger.account() } });
  });
  return server;
}

const badRequest = (message: string) => ({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] });
