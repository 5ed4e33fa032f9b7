import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, BadRequest, errorCatalog, errorExtensions, isErrorCode } from '@certfolio/core';
import { DocumentError } from '@certfolio/execution';
import type { Answer } from '@certfolio/pipeline';
import { readRequestedOperation, type RequestParts } from '@certfolio/templates';
import { certfolioExtensions } from './certfolio-extensions.ts';
import type { DoorReply, DoorRequest } from './door.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import {
  assertPlainBody,
  decodeUtf8,
  graphqlJson,
  graphqlMediaType,
  parseContentType,
  plainJson,
} from './media-types.ts';
import { admitCaller, decisionOf, noteCaller, refusalHeaders, shownError } from './request-facts.ts';

interface PathParams {
  readonly id?: string;
  readonly operationName?: string;
}

const door = 'graphql';

/** GraphQL over HTTP at `/graphql`, and by id in the path. */
export function graphqlDoor(server: FastifyInstance, parts: GatewayParts): void {
  const handler = (request: FastifyRequest, reply: FastifyReply) => answerOperation(request, reply, parts);
  for (const url of [
    '/graphql',
    '/graphql/persisted/:id',
    '/graphql/persisted/:id/:operationName',
    '/graphql/:id',
    '/graphql/:id/:operationName',
  ]) {
    server.route({ method: ['GET', 'POST'], url, handler });
    server.route({
      method: ['PUT', 'DELETE', 'PATCH', 'OPTIONS'],
      url,
      handler: async (request, reply) => {
        await noteCaller(parts, request, reply);
        reply.header('Allow', 'GET, POST');
        return refuse(
          request,
          reply,
          parts,
          new AppError('METHOD_NOT_ALLOWED', `${request.method} is not for this address; use GET or POST.`),
        );
      },
    });
  }
}

/** Answers an operation, or refuses it; never rejects. */
export async function answerOperation(request: DoorRequest, reply: DoorReply, parts: GatewayParts): Promise<DoorReply> {
  try {
    const visit = await admitCaller(parts, request, reply, door);
    const media = graphqlMediaType(request.headers.accept);
    const operation = readRequestedOperation(requestParts(request));
    const ready = parts.pipeline.ready({
      ...operation,
      principal: visit.principal,
      isAutomatic: Object.hasOwn(operation.extensions, 'persistedQuery'),
      isGet: request.method !== 'POST',
    });
    visit.story.isReady(ready);
    const result = await parts.pipeline.run(ready, { ...visit, run: null });
    visit.story.answered(
      () => result.reads,
      () => result.rows,
      () => result.cost,
    );
    visit.story.decided(decisionOf(result));
    const extensions =
      request.headers['certfolio-extensions'] === '1'
        ? {
            certfolio: certfolioExtensions(
              visit.requestId,
              { ...result, wouldLimit: visit.wouldLimit },
              ready.prepared.deprecated,
            ),
          }
        : undefined;
    return send(request, reply, parts, result, media, extensions);
  } catch (error) {
    return refuse(request, reply, parts, error);
  }
}

function requestParts(request: DoorRequest): RequestParts {
  const { id, operationName } = request.params as PathParams;
  const path = { pathId: id, pathOperationName: operationName };
  if (request.method !== 'POST') return { ...path, search: new URLSearchParams(request.url.split('?', 2)[1] ?? '') };
  const body = request.body as Buffer | undefined;
  if ((body === undefined || body.length === 0) && id !== undefined) return path;
  assertPlainBody(request.headers['content-encoding']);
  const { type, charset } = parseContentType(request.headers['content-type']);
  if (type !== 'application/json') {
    throw new AppError(
      'UNSUPPORTED_MEDIA_TYPE',
      `The body has the media type "${type.slice(0, 60)}"; send "application/json".`,
    );
  }
  return { ...path, body: parseJsonBody(decodeUtf8(body ?? Buffer.alloc(0), charset)) };
}

function parseJsonBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadRequest('The body is not JSON.');
  }
}

function send(
  request: DoorRequest,
  reply: DoorReply,
  parts: GatewayParts,
  result: Answer,
  media: 'graphql' | 'json',
  extensions: Record<string, unknown> | undefined,
): DoorReply {
  const { data, errors, template } = result;
  const status = executionStatus(result, media);
  const isCacheable = request.method === 'GET' && errors.length === 0 && template !== null;
  reply.header('Vary', 'Accept, Authorization, X-DC-DEVKEY');
  reply.header('Cache-Control', isCacheable ? 'private, no-cache' : 'no-store');
  const retryAfterMs = errors
    .map(({ extensions: facts }) => facts?.['retryAfterMs'])
    .find((ms) => typeof ms === 'number');
  if (retryAfterMs !== undefined && status >= 500) reply.header('Retry-After', String(Math.ceil(retryAfterMs / 1_000)));
  const body = JSON.stringify({
    ...(errors.length === 0 ? {} : { errors }),
    data,
    ...(extensions === undefined ? {} : { extensions }),
  });
  parts.metrics.answered(door, String(errors[0]?.extensions?.['code'] ?? 'ok'), reply.elapsedTime);
  parts.metrics.spent(door, result.cost.actual);
  reply.type(media === 'graphql' ? graphqlJson : plainJson).code(status);
  if (isCacheable) {
    const etag = parts.pipeline.etagOf(body);
    reply.header('ETag', etag);
    if (request.headers['if-none-match']?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag))
      return reply.code(304).send();
  }
  return reply.send(body);
}

/** Some data is a 200. None is the status of the first error, under the rules of its media type. */
function executionStatus({ data, errors }: Answer, media: 'graphql' | 'json'): number {
  if (errors.length === 0) return 200;
  if (data !== null && Object.values(data).some((value) => value !== null)) return 200;
  const code = errors[0]?.extensions?.['code'];
  return statusOf(isErrorCode(code) ? code : 'INTERNAL_SERVER_ERROR', media);
}

function statusOf(code: keyof typeof errorCatalog, media: 'graphql' | 'json'): number {
  const { status, okAsJson } = errorCatalog[code];
  return media === 'json' && okAsJson ? 200 : status;
}

function refuse(request: DoorRequest, reply: DoorReply, parts: GatewayParts, cause: unknown): DoorReply {
  const error = shownError(cause, parts, request.id);
  const media = mediaOrJson(request.headers.accept);
  const errors =
    error instanceof DocumentError
      ? error.errors.map(({ message, locations }) => ({
          message,
          ...(locations === undefined ? {} : { locations }),
          extensions: { code: error.code },
        }))
      : [{ message: error.message, extensions: errorExtensions(error) }];
  parts.metrics.answered(door, error.code, reply.elapsedTime);
  // The address knows GET and POST; an operation that is refused by GET is a mutation.
  if (error.code === 'METHOD_NOT_ALLOWED' && !reply.hasHeader('Allow')) reply.header('Allow', 'POST');
  refusalHeaders(reply, error);
  return reply
    .header('Vary', 'Accept, Authorization, X-DC-DEVKEY')
    .type(media === 'graphql' ? graphqlJson : plainJson)
    .code(statusOf(error.code, media))
    .send(JSON.stringify({ errors }));
}

function mediaOrJson(accept: string | undefined): 'graphql' | 'json' {
  try {
    return graphqlMediaType(accept);
  } catch {
    return 'json';
  }
}
