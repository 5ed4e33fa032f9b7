import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fastify, { type FastifyInstance } from 'fastify';
import { AppError, errorExtensions } from '@certfolio/core';
import { restRefusal } from './doors/cert-central-errors.ts';
import { customReportsDoor } from './doors/custom-reports.http.ts';
import { graphqlDoor } from './doors/graphql.http.ts';
import { healthDoors } from './doors/health.http.ts';
import { reportUrlDoor } from './doors/report-url.http.ts';
import { noteCaller, refusalHeaders, shownError } from './doors/request-facts.ts';
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
const keepAliveTimeoutMs = 65_000;

/** The one endpoint with all its doors. */
export function createGateway(parts: GatewayParts, options: ListenOptions): FastifyInstance {
  const { tls } = options;
  const server = fastify({
    logger: false,
    genReqId: () => randomUUID(),
    bodyLimit: parts.bodyLimitBytes,
    trustProxy: options.trustProxy,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    connectionTimeout: 0,
    forceCloseConnections: 'idle',
    routerOptions: { ignoreDuplicateSlashes: true, maxParamLength: 500 },
    ...(tls === null ? {} : { https: { cert: readFileSync(tls.certPath), key: readFileSync(tls.keyPath) } }),
  } as object) as FastifyInstance;
  server.server.headersTimeout = headersTimeoutMs;
  server.server.requestTimeout = requestTimeoutMs;

  // Doors read bodies themselves: the same bytes mean different things at different addresses.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  server.addHook('onRequest', async (request, reply) => {
    if (!isBare(request.url)) reply.header('X-Request-Id', request.id);
    reply.header('X-Content-Type-Options', 'nosniff');
  });
  server.addHook('onResponse', async (request, reply) => {
    if (isBare(request.url)) return;
    parts.logger.info(
      {
        requestId: request.id,
        method: request.method,
        path: request.url.split('?', 1)[0]!.slice(0, 200),
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime),
      },
      'Answered.',
    );
  });

  healthDoors(server, parts);
  graphqlDoor(server, parts);
  customReportsDoor(server, parts);
  reportUrlDoor(server, parts);

  server.setNotFoundHandler(async (request, reply) => {
    await noteCaller(parts, request, reply);
    const error = new AppError('NOT_FOUND', `There is nothing at ${request.url.split('?', 1)[0]!.slice(0, 100)}.`);
    if (request.url.startsWith('/services/v2/')) return restRefusal(reply, error);
    refusalHeaders(reply, error);
    return reply.code(404).send({ errors: [{ message: error.message, extensions: errorExtensions(error) }] });
  });
  server.setErrorHandler(async (cause, request, reply) => {
    await noteCaller(parts, request, reply);
    const error = shownError(cause, parts, request.id);
    if (request.url.startsWith('/services/v2/')) return restRefusal(reply, error);
    refusalHeaders(reply, error);
    return reply
      .code(error.entry.status)
      .type('application/json; charset=utf-8')
      .send(JSON.stringify({ errors: [{ message: error.message, extensions: errorExtensions(error) }] }));
  });
  return server;
}

/** Health and metrics are for machines that look often; they carry no header fields of ours. */
const isBare = (url: string) => /^\/(healthz|readyz|metrics)(\?|$)/.test(url);

export async function listen(server: FastifyInstance, { host, port, tls }: ListenOptions): Promise<RunningGateway> {
  await server.listen({ host, port });
  const bound = server.server.address();
  const realPort = typeof bound === 'object' && bound !== null ? bound.port : port;
  return {
    address: `${tls === null ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${realPort}`,
    stop: () => server.close(),
  };
}
