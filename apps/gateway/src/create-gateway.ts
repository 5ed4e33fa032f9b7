import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { AppError, BadRequest, errorExtensions, type Logger } from '@certfolio/core';
import { closeServer } from '@certfolio/runtime';
import { auditExportDoor } from './doors/audit-export.http.ts';
import { backupDoors } from './doors/backup.http.ts';
import { consoleDoor } from './doors/console.http.ts';
import { restRefusal } from './doors/cert-central-errors.ts';
import { customReportsDoor } from './doors/custom-reports.http.ts';
import { explainUrlDoor } from './doors/explain-url.http.ts';
import type { DoorReply, DoorRequest } from './doors/door.ts';
import { answerOperation, graphqlDoor } from './doors/graphql.http.ts';
import { healthDoors } from './doors/health.http.ts';
import { runFilesDoor } from './doors/run-files.http.ts';
import { reportUrlDoor } from './doors/report-url.http.ts';
import { restDoor } from './doors/rest.http.ts';
import { plainJson } from './doors/media-types.ts';
import { plainDoor } from './doors/plain-door.http.ts';
import { noteCaller, refusalHeaders, shownError } from './doors/request-facts.ts';
import { hasSeveralHosts, refuseUnreadable } from './doors/unreadable-request.http.ts';
import type { GatewayParts } from './gateway-parts.ts';

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly certPath: string; readonly keyPath: string } | null;
  /** Whether forwarded addresses of a proxy in front are believed. */
  readonly trustProxy: boolean;
}

export interface RunningGateway {
  /** As it is listened on, with the real port. */
  readonly address: string;
  /** Lets requests in flight end, then closes. */
  stop(): Promise<void>;
}

/** Slow clients: the header of a request has to be there, and the whole of it, within these times. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;
/** Node closes a slow connection when it looks at it, every 30 s unless told otherwise. */
const connectionsCheckingInterval = 2_000;
const keepAliveTimeoutMs = 65_000;

/** The one endpoint with all its doors. */
export function createGateway(parts: GatewayParts, options: ListenOptions): FastifyInstance {
  const { tls } = options;
  const server = fastify({
    logger: false,
    genReqId: newId,
    bodyLimit: parts.bodyLimitBytes,
    trustProxy: options.trustProxy,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    connectionTimeout: 0,
    forceCloseConnections: 'idle',
    clientErrorHandler: refuseUnreadable,
    // An address that the router cannot read comes to no hook and no handler.
    frameworkErrors: (cause: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      reply.header('X-Request-Id', request.id).header('X-Content-Type-Options', 'nosniff');
      void noteCaller(parts, request, reply).then(() => refuseAnywhere(parts, cause, request, reply));
    },
    routerOptions: { ignoreDuplicateSlashes: true, maxParamLength: 500 },
    ...(tls === null
      ? { http: { connectionsCheckingInterval } }
      : {
          https: { connectionsCheckingInterval, cert: readFileSync(tls.certPath), key: readFileSync(tls.keyPath) },
        }),
  } as object) as FastifyInstance;
  server.server.headersTimeout = headersTimeoutMs;
  server.server.requestTimeout = requestTimeoutMs;

  // Doors read bodies themselves: the same bytes mean different things at different addresses.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  server.addHook('onRequest', (request, reply, done) => {
    if (!isBare(request.url)) reply.header('X-Request-Id', request.id);
    reply.header('X-Content-Type-Options', 'nosniff');
    if (hasSeveralHosts(request.raw.rawHeaders)) done(new BadRequest('The request names more than one host.'));
    else done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    done();
    logAnswer(request, reply, parts.logger);
  });

  // What a proxy says of the client is for the framework to read.
  if (!options.trustProxy) openPlainDoor(server, parts);

  healthDoors(server, parts);
  graphqlDoor(server, parts);
  customReportsDoor(server, parts);
  restDoor(server, parts);
  reportUrlDoor(server, parts);
  explainUrlDoor(server, parts);
  runFilesDoor(server, parts);
  auditExportDoor(server, parts);
  backupDoors(server, parts);
  consoleDoor(server);

  server.setNotFoundHandler(async (request, reply) => {
    await noteCaller(parts, request, reply);
    const path = request.url.split('?', 1)[0]!.slice(0, 100);
    return refuseAnywhere(parts, new AppError('NOT_FOUND', `There is nothing at ${path}.`), request, reply);
  });
  server.setErrorHandler(async (cause, request, reply) => {
    await noteCaller(parts, request, reply);
    return refuseAnywhere(parts, cause, request, reply);
  });
  return server;
}

const newId = (): string => randomUUID();

/** The answer to an operation is begun before the framework: see `plainDoor`. */
function openPlainDoor(server: FastifyInstance, parts: GatewayParts): void {
  const [others] = server.server.listeners('request') as RequestListener[];
  server.server.removeAllListeners('request').on(
    'request',
    plainDoor({
      answer: (request, reply) => answerOperation(request, reply, parts),
      others: others!,
      bodyLimitBytes: parts.bodyLimitBytes,
      newId,
      isStopping: parts.isStopping,
      onOver: (request, reply) => logAnswer(request, reply, parts.logger),
    }),
  );
}

function logAnswer({ id, method, url }: DoorRequest, { statusCode, elapsedTime }: DoorReply, logger: Logger): void {
  if (isBare(url)) return;
  logger.info(
    {
      requestId: id,
      method,
      path: url.split('?', 1)[0]!.slice(0, 200),
      status: statusCode,
      durationMs: Math.round(elapsedTime),
    },
    'Answered.',
  );
}

/** A refusal that no door has put into words. */
function refuseAnywhere(
  parts: GatewayParts,
  cause: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const error = shownError(cause, parts, request.id);
  if (request.url.startsWith('/services/v2/')) return restRefusal(reply, error);
  refusalHeaders(reply, error);
  return reply
    .type(plainJson)
    .code(error.entry.status)
    .send(JSON.stringify({ errors: [{ message: error.message, extensions: errorExtensions(error) }] }));
}

/** Health and metrics are for machines that look often; they carry no header fields of ours. */
const isBare = (url: string) => /^\/(healthz|readyz|metrics)(\?|$)/.test(url);

export async function listen(server: FastifyInstance, { host, port, tls }: ListenOptions): Promise<RunningGateway> {
  await server.listen({ host, port });
  const bound = server.server.address();
  const realPort = typeof bound === 'object' && bound !== null ? bound.port : port;
  return {
    address: `${tls === null ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${realPort}`,
    stop: () => closeServer(server),
  };
}
