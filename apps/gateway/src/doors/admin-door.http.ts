import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify';
import { ActCutShort } from '@certfolio/audit';
import { AppError, Forbidden, errorExtensions, hasScope } from '@certfolio/core';
import type { GatewayParts } from '../gateway-parts.ts';
import { plainJson } from './media-types.ts';
import { admitCaller, noteCaller, refusalHeaders, shownError, type Visit } from './request-facts.ts';
import { watched } from './watched.ts';

export interface AdminDoor {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** Name of the act in the audit log, and of the door. */
  readonly act: string;
  /** What the key may not do without the scope `admin`. */
  readonly what: string;
  readonly options?: RouteShorthandOptions;
  argumentsOf(request: FastifyRequest): Readonly<Record<string, unknown>>;
  /** Sets the header fields and gives the body, which is sent as it comes. */
  answer(request: FastifyRequest, reply: FastifyReply, visit: Visit): Promise<AsyncIterable<string | Uint8Array>>;
}

const otherMethods = ['POST', 'GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'];

/** A door for keys with the scope `admin`. Each use of it is an act in the audit log, which ends with the last byte. */
export function adminDoor(server: FastifyInstance, parts: GatewayParts, door: AdminDoor): void {
  const { method, url, act } = door;
  server.route({
    ...door.options,
    method,
    url,
    // What is streamed is not made for a look at its header.
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      try {
        const visit = await admitCaller(parts, request, reply, act);
        const { principal, requestId } = visit;
        const recorded = { principal, requestId, act, arguments: door.argumentsOf(request) };
        await parts.audit.trail.act(recorded, async () => {
          if (!hasScope(principal, 'admin'))
            throw new Forbidden(`This key may not ${door.what}; that needs the scope "admin".`, { scope: 'admin' });
          await sendWhole(await door.answer(request, reply, visit), reply, visit);
        });
        parts.metrics.answered(act, 'ok', reply.elapsedTime);
        return reply;
      } catch (error) {
        return refuse(error, request, reply, parts, act);
      }
    },
  });
  server.route({
    method: otherMethods.filter((other) => other !== method),
    url,
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      await noteCaller(parts, request, reply);
      reply.header('Allow', method);
      const error = new AppError('METHOD_NOT_ALLOWED', `${request.method} is not for this address; use ${method}.`);
      return refuse(error, request, reply, parts, act);
    },
  });
}

async function sendWhole(
  body: AsyncIterable<string | Uint8Array>,
  reply: FastifyReply,
  { story }: Visit,
): Promise<void> {
  void reply.header('Cache-Control', 'no-store').send(Readable.from(watched(body, reply)));
  await finished(reply.raw).catch((cause: unknown) => {
    throw new ActCutShort(story.failure() ?? 'CLIENT_CLOSED', { cause });
  });
}

function refuse(
  cause: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: GatewayParts,
  act: string,
): FastifyReply {
  if (cause instanceof ActCutShort) {
    parts.metrics.answered(act, cause.outcome, reply.elapsedTime);
    return reply;
  }
  const error = shownError(cause, parts, request.id);
  parts.metrics.answered(act, error.code, reply.elapsedTime);
  refusalHeaders(reply, error);
  return reply
    .type(plainJson)
    .code(error.entry.status)
    .send(JSON.stringify({ errors: [{ message: error.message, extensions: errorExtensions(error) }] }));
}
