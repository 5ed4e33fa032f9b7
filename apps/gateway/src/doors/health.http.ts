import type { FastifyInstance } from 'fastify';
import type { GatewayParts } from '../gateway-parts.ts';

/** `/healthz`: the process answers. `/readyz`: it can serve, part by part. `/metrics`: Prometheus. None asks for a key or is limited. */
export function healthDoors(server: FastifyInstance, parts: GatewayParts): void {
  server.get('/healthz', (_request, reply) => reply.header('Cache-Control', 'no-store').send({ status: 'ok' }));

  server.get('/readyz', async (_request, reply) => {
    const checks = await Promise.all(
      parts.readiness.map(async ({ name, isRequired, check }) => ({
        name,
        isRequired,
        problem: await check().catch(String),
      })),
    );
    const mirrors = await parts.mirrors().catch(() => new Map());
    const isReady = !parts.isStopping() && checks.every(({ isRequired, problem }) => problem === null || !isRequired);
    return reply
      .header('Cache-Control', 'no-store')
      .code(isReady ? 200 : 503)
      .send({
        status: parts.isStopping() ? 'stopping' : isReady ? 'ready' : 'not ready',
        parts: Object.fromEntries(checks.map(({ name, problem }) => [name, problem ?? 'ok'])),
        mirrors: Object.fromEntries(mirrors),
      });
  });

  server.get('/metrics', async (_request, reply) =>
    reply.type(parts.metrics.registry.contentType).send(await parts.metrics.text()),
  );
}
