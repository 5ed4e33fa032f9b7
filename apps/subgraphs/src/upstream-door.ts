import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError, errorExtensions, Forbidden, hasScope, type Logger, type RequestContext } from '@certfolio/core';
import type { UpstreamProbe } from '@certfolio/subgraph-control';

export interface UpstreamDoorParts {
  readonly upstream: UpstreamProbe;
  /** The caller that the gateway has signed; null for another, who has been refused. */
  readonly callerOf: (request: FastifyRequest, reply: FastifyReply) => RequestContext | null;
  readonly logger: Logger;
}

const requestSchema = z.object({ account: z.string() });

/**
 * What a gateway that reads no account itself asks for an administrator: `POST /upstream/status`, `compare`, `refresh` and
 * `resync` with `{"account": name}`, answered with what the port gives.
 */
export function upstreamDoor(server: FastifyInstance, { upstream, callerOf, logger }: UpstreamDoorParts): void {
  const answer = (path: string, ask: (account: string, context: RequestContext) => Promise<object>) =>
    server.post(path, async (request, reply) => {
      const context = callerOf(request, reply);
      if (context === null) return reply;
      try {
        if (!hasScope(context.principal, 'admin')) throw new Forbidden('Only an admin key sees the upstream account.');
        const body = requestSchema.safeParse(request.body);
        if (!body.success) throw new AppError('BAD_REQUEST', 'The body needs "account".');
        return await ask(body.data.account, context);
      } catch (error) {
        if (!(error instanceof AppError)) logger.error({ err: error, requestId: context.requestId }, 'A probe failed.');
        const shown = error instanceof AppError ? error : new AppError('INTERNAL_SERVER_ERROR', 'The probe failed.');
        return reply
          .code(shown.entry.status)
          .send({ errors: [{ message: shown.message, extensions: errorExtensions(shown) }] });
      }
    });
  answer('/upstream/status', (account, context) => upstream.status(account, context));
  answer('/upstream/compare', (account, context) => upstream.compare(account, context));
  answer('/upstream/refresh', async (account, context) => ({
    mirror: await upstream.refreshMirror(account, false, context),
  }));
  answer('/upstream/resync', async (account, context) => ({
    mirror: await upstream.refreshMirror(account, true, context),
  }));
}
