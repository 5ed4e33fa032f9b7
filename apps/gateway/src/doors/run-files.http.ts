import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { AppError, hasScope } from '@certfolio/core';
import type { GatewayParts } from '../gateway-parts.ts';
import { refuseReport } from './report-url.http.ts';
import { admitCaller } from './request-facts.ts';

const door = 'run-files';

/** `GET /runs/{id}/files/{name}`: a file of a schedule's run, for keys of the same owner and admins. */
export function runFilesDoor(server: FastifyInstance, parts: GatewayParts): void {
  server.get('/runs/:id/files/:name', async (request, reply) => {
    try {
      const { principal } = await admitCaller(parts, request, reply, door);
      const { id, name } = request.params as { readonly id: string; readonly name: string };
      const run = await parts.runs.find(id);
      const file = (await parts.runs.files(id)).find((each) => each.name === name);
      // Of another owner nothing is told, not even that it is there.
      const isOwn = run !== null && (run.owner === principal.owner || hasScope(principal, 'admin'));
      if (!isOwn || file === undefined)
        throw new AppError('NOT_FOUND', 'There is no such file of a run of this owner.');
      if (!hasScope(principal, 'schedules:write') && !hasScope(principal, 'templates:run'))
        throw new AppError(
          'FORBIDDEN',
          'This key may not fetch files of runs; that needs the scope "templates:run" or "schedules:write".',
        );
      parts.metrics.answered(door, 'ok', reply.elapsedTime);
      return await reply
        .header('Cache-Control', 'private, no-cache')
        .header('ETag', `"${file.sha256}"`)
        .header('Repr-Digest', `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`)
        .header('Content-Type', file.mediaType)
        .header('Content-Length', String(file.bytes))
        .header('Content-Disposition', `attachment; filename="${file.name.replace(/[^\w.@-]/g, '_')}"`)
        .header('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox")
        .send(Readable.from(parts.runs.readFile(id, name)));
    } catch (error) {
      return refuseReport(request, reply, parts, error);
    }
  });
}
