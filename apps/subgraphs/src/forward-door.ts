import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  AppError,
  errorExtensions,
  Forbidden,
  seesEverything,
  type CallForwarder,
  type Logger,
  type RequestContext,
} from '@certfolio/core';
import { framed, readFramed } from '@certfolio/graph-kit';

export interface ForwardDoorParts {
  readonly forwarder: CallForwarder;
  /** The caller that the gateway has signed; null for another, who has been refused. */
  readonly callerOf: (request: FastifyRequest, reply: FastifyReply) => RequestContext | null;
  readonly logger: Logger;
}

const callSchema = z.strictObject({
  method: z.string().regex(/^[A-Z]+$/),
  target: z.string().startsWith('/'),
  headers: z.array(z.tuple([z.string(), z.string()])),
  hasBody: z.boolean(),
  route: z.string(),
  isRead: z.boolean(),
});

/**
 * `POST /upstream/forward`: a call that a gateway which reads no account hands on, framed with its body, answered with
 * CertCentral's answer, framed with its body. The account is that of the signed caller.
 */
export function forwardDoor(server: FastifyInstance, { forwarder, callerOf, logger }: ForwardDoorParts): void {
  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.post('/upstream/forward', async (request, reply) => {
      const context = callerOf(request, reply);
      if (context === null) return reply;
      try {
        const { status, statusText, headers, body } = await forward(request.raw, context, forwarder);
        return await reply
          .header('Content-Type', 'application/octet-stream')
          .send(Readable.from(framed({ status, statusText, headers }, body), { objectMode: false }));
      } catch (error) {
        if (!(error instanceof AppError))
          logger.error({ err: error, requestId: context.requestId }, 'A call was not forwarded.');
        const shown =
          error instanceof AppError ? error : new AppError('INTERNAL_SERVER_ERROR', 'The call was not forwarded.');
        return reply
          .code(shown.entry.status)
          .send({ errors: [{ message: shown.message, extensions: errorExtensions(shown) }] });
      }
    });
  });
}

/** @throws AppError */
async function forward(message: AsyncIterable<Buffer>, context: RequestContext, forwarder: CallForwarder) {
  const { head, body } = await readFramed(message).catch((cause: unknown) => {
    throw new AppError('BAD_REQUEST', 'The body is no framed call.', { cause });
  });
  const call = callSchema.safeParse(head);
  if (!call.success) throw new AppError('BAD_REQUEST', 'The head of the body is no call.');
  const { hasBody, ...said } = call.data;
  const { rest: right = 'none', account } = context.principal;
  if (right === 'none' || (right === 'read' && !said.isRead) || !seesEverything(context.principal))
    throw new Forbidden('The signed caller may not send this call to CertCentral.');
  return forwarder.forward(account, { ...said, body: hasBody ? body : null }, context);
}
