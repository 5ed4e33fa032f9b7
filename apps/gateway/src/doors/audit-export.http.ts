import type { FastifyInstance, FastifyRequest } from 'fastify';
import { auditTime, exportLines, type AuditFilter } from '@certfolio/audit';
import { BadRequest } from '@certfolio/core';
import type { GatewayParts } from '../gateway-parts.ts';
import { adminDoor } from './admin-door.http.ts';

const filters = ['since', 'until', 'key', 'template'] as const;

/** `GET /audit.ndjson?since=…&until=…&key=…&template=…`: the audit log, oldest entry first, as it is read. */
export function auditExportDoor(server: FastifyInstance, parts: GatewayParts): void {
  adminDoor(server, parts, {
    method: 'GET',
    url: '/audit.ndjson',
    act: 'exportAudit',
    what: 'export the audit log',
    argumentsOf: (request) => Object.fromEntries(searchOf(request)),
    answer: async (request, reply) => {
      const filter = filterOf(searchOf(request), parts.clock.nowMs());
      reply
        .type('application/x-ndjson; charset=utf-8')
        .header('Content-Disposition', 'attachment; filename="audit.ndjson"');
      return exportLines(parts.audit.store, filter);
    },
  });
}

const searchOf = (request: FastifyRequest) => new URLSearchParams(request.url.split('?', 2)[1] ?? '');

/** @throws BadRequest for a parameter that is none */
function filterOf(search: URLSearchParams, nowMs: number): AuditFilter {
  for (const name of search.keys())
    if (!filters.some((known) => known === name))
      throw new BadRequest(`There is no parameter "${name.slice(0, 60)}"; there are ${filters.join(', ')}.`);
  const { since, until, key, template } = Object.fromEntries(
    filters.map((name) => [name, search.get(name) || undefined]),
  ) as Record<(typeof filters)[number], string | undefined>;
  return {
    since: since === undefined ? undefined : auditTime(since, 'since', nowMs),
    until: until === undefined ? undefined : auditTime(until, 'until', nowMs),
    key,
    template,
  };
}
