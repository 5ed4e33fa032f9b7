import { createHash, type Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, errorExtensions, type ReadAccount } from '@certfolio/core';
import type { GatewayParts } from '../gateway-parts.ts';
import { deprecationHeaders } from './deprecation-headers.ts';
import { openApiDocument } from './openapi.ts';
import { bodyOf, chooseFormat, type ReportFormat } from './report-formats.ts';
import { startReport, type RunningReport } from './report-rows.ts';
import { admitCaller, noteCaller, refusalHeaders, shownError, storyOf } from './request-facts.ts';
import { watched } from './watched.ts';

const door = 'report-url';
/** A report up to this size gets an entity tag and a length; a longer one streams as it is read, and so does one that takes long. */
const maxBufferedBytes = 8 * 1_024 * 1_024;
const maxBufferedMs = 1_000;

/** `GET /r/{template}[@{version}][.format]?variable=…`: a template without GraphQL. */
export function reportUrlDoor(server: FastifyInstance, parts: GatewayParts): void {
  server.get('/r/openapi.json', async (request, reply) => {
    try {
      const { principal } = await admitCaller(parts, request, reply, door);
      return reply
        .header('Cache-Control', 'private, no-cache')
        .send(openApiDocument(parts.pipeline.templates(principal), parts.publicUrl()));
    } catch (error) {
      return refuseReport(request, reply, parts, error);
    }
  });
  server.get('/r/:file', (request, reply) => answer(request, reply, parts));
  server.route({
    method: ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'],
    url: '/r/:file',
    handler: async (request, reply) => {
      await noteCaller(parts, request, reply);
      reply.header('Allow', 'GET, HEAD');
      return refuseReport(
        request,
        reply,
        parts,
        new AppError('METHOD_NOT_ALLOWED', `${request.method} is not for this address; use GET.`),
      );
    },
  });
}

async function answer(request: FastifyRequest, reply: FastifyReply, parts: GatewayParts): Promise<FastifyReply> {
  try {
    const search = new URLSearchParams(request.url.split('?', 2)[1] ?? '');
    const keysInAddress = takeKeys(search, reply);
    const visit = await admitCaller(parts, request, reply, door, keysInAddress);
    const { ref, format } = chooseFormat((request.params as { readonly file: string }).file, request.headers.accept);
    const report = await startReport(parts, visit, ref, search);
    visit.story.answered(report.reads, report.rowCount, report.cost);
    reply.raw.once('close', () => parts.metrics.spent(door, report.cost().actual));
    return await send(request, reply, parts, report, format, visit.requestId);
  } catch (error) {
    return refuseReport(request, reply, parts, error);
  }
}

/** Keys in the address, which is a parameter of no template. A page made of the answer must not hand the address on. */
function takeKeys(search: URLSearchParams, reply: FastifyReply): readonly string[] {
  const keys = search.getAll('key');
  if (keys.length === 0) return keys;
  search.delete('key');
  reply.header('Referrer-Policy', 'no-referrer');
  return keys;
}

async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: GatewayParts,
  report: RunningReport,
  format: ReportFormat,
  requestId: string,
): Promise<FastifyReply> {
  const { host } = new URL(parts.publicUrl());
  const rowsHash = format.sameness === 'rows' ? createHash('sha256') : null;
  const chunks = bodyOf(format, rowsHash === null ? report : hashed(report, rowsHash), {
    requestId,
    nowMs: parts.clock.nowMs(),
    host,
  });
  // From the first page on: what a live read took before it says nothing of the pages that follow.
  const untilMs = parts.clock.monotonicMs() + maxBufferedMs;
  const { head, isWhole } = await readUpTo(chunks, maxBufferedBytes, () => parts.clock.monotonicMs() < untilMs);
  const { template } = report;
  reply.header('Vary', 'Accept, Authorization, X-DC-DEVKEY');
  reply.header('Content-Type', format.mediaType);
  // A page of ours runs nothing and asks nobody for anything.
  if (format.extension === 'html')
    reply.header('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
  reply.header(
    'Content-Disposition',
    `${format.isInline ? 'inline' : 'attachment'}; filename="${template.name}.${format.extension}"`,
  );
  for (const [name, value] of factHeaders(report.reads())) reply.header(name, value);
  const addressOf = (ref: string) => `${parts.publicUrl()}/r/${ref}.${format.extension}`;
  for (const [name, value] of deprecationHeaders(template, addressOf)) reply.header(name, value);
  if (report.errors().length > 0) reply.header('Certfolio-Errors', String(report.errors().length));
  // Pages that are still to come may have errors of their own.
  storyOf(reply)?.decided(() => (report.errors().length === 0 ? 'ok' : 'PARTIAL'));
  parts.metrics.answered(door, report.errors().length === 0 ? 'ok' : 'PARTIAL', reply.elapsedTime);
  if (!isWhole) {
    reply.header('Cache-Control', 'private, no-store');
    return reply.send(Readable.from(watched(continued(head, chunks), reply)));
  }
  const body = Buffer.concat(head);
  // What tells of this request alone (its id, the age of the data) does not make the report another one.
  const etag = parts.pipeline.etagOf(
    format.sameness === 'rows' ? `${format.extension} ${rowsHash!.digest('base64')}` : format.sameness(body),
  );
  reply
    .header('ETag', etag)
    .header('Cache-Control', 'private, no-cache')
    .header('Certfolio-Rows', String(report.rowCount()));
  if (request.headers['if-none-match']?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag))
    return reply.code(304).send();
  return reply.send(body);
}

/** The report, with its rows hashed as they are taken. */
function hashed(report: RunningReport, hash: Hash): RunningReport {
  return {
    ...report,
    async *rows() {
      for await (const row of report.rows()) {
        hash.update(JSON.stringify(row));
        yield row;
      }
    },
  };
}

/** What a file cannot say of itself. Truncation is known with the first page. */
function factHeaders({
  truncated,
  totalRows,
  dataAsOf,
  source,
  stale,
  unavailableFields,
}: ReadAccount): readonly (readonly [string, string])[] {
  return [
    ['Certfolio-Truncated', String(truncated)],
    ...(totalRows === null ? [] : ([['Certfolio-Total-Rows', String(totalRows)]] as const)),
    ...(dataAsOf === null ? [] : ([['Certfolio-Data-As-Of', dataAsOf]] as const)),
    ...(stale ? ([['Certfolio-Stale', 'true']] as const) : []),
    ...(source === null ? [] : ([['Certfolio-Source', source]] as const)),
    ...(unavailableFields.length === 0
      ? []
      : ([['Certfolio-Unavailable-Fields', unavailableFields.join(', ')]] as const)),
  ];
}

async function readUpTo(
  chunks: AsyncIterator<string | Uint8Array>,
  maxBytes: number,
  mayTakeLonger: () => boolean,
): Promise<{ readonly head: readonly Buffer[]; readonly isWhole: boolean }> {
  const head: Buffer[] = [];
  let bytes = 0;
  while (bytes <= maxBytes && mayTakeLonger()) {
    const next = await chunks.next();
    if (next.done) return { head, isWhole: true };
    const chunk = bufferOf(next.value);
    head.push(chunk);
    bytes += chunk.length;
  }
  return { head, isWhole: false };
}

/** Bytes are not copied. */
function bufferOf(chunk: string | Uint8Array): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

async function* continued(head: readonly Buffer[], rest: AsyncIterator<string | Uint8Array>): AsyncGenerator<Buffer> {
  yield* head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield bufferOf(next.value);
}

/** A refusal in the form of the report doors. */
export function refuseReport(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: GatewayParts,
  cause: unknown,
): FastifyReply {
  const error = shownError(cause, parts, request.id);
  parts.metrics.answered(door, error.code, reply.elapsedTime);
  refusalHeaders(reply, error);
  return reply
    .type('application/json; charset=utf-8')
    .code(error.entry.status)
    .send(JSON.stringify({ errors: [{ message: error.message, extensions: errorExtensions(error) }] }));
}
