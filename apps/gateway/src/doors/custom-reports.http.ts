import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, BadRequest, Forbidden, errorCatalog, isErrorCode } from '@certfolio/core';
import { DocumentError } from '@certfolio/execution';
import { readRequestedOperation } from '@certfolio/templates';
import type { GatewayParts } from '../gateway-parts.ts';
import { certCentralJson, restRefusal } from './cert-central-errors.ts';
import { assertPlainBody, decodeUtf8, parseContentType } from './media-types.ts';
import { admitCaller, decisionOf, noteCaller, shownError, storyOf } from './request-facts.ts';

const door = 'custom-reports';
/** The two queries of DigiCert's Custom Reports API; the rest of the graph is not at this address. */
const rootFields = new Set(['Query.order_details', 'Query.order_details_by_id', 'Query.__typename']);

/** DigiCert's Custom Reports endpoint, answered by the graph: both body formats, no `extensions`, errors in CertCentral's form. */
export function customReportsDoor(server: FastifyInstance, parts: GatewayParts): void {
  const url = '/services/v2/reports/query';
  server.post(url, (request, reply) => answer(request, reply, parts));
  server.route({
    method: ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'],
    url,
    handler: async (request, reply) => {
      await noteCaller(parts, request, reply);
      reply.header('Allow', 'POST');
      return restRefusal(
        reply,
        new AppError('METHOD_NOT_ALLOWED', `${request.method} is not for this address; use POST.`),
      );
    },
  });
}

async function answer(request: FastifyRequest, reply: FastifyReply, parts: GatewayParts): Promise<FastifyReply> {
  try {
    const visit = await admitCaller(parts, request, reply, door);
    const operation = readRequestedOperation({ body: readBody(request) });
    const ready = parts.pipeline.ready({ ...operation, principal: visit.principal, isAutomatic: false, isGet: false });
    assertOnlyCustomReports(ready.prepared.selected);
    visit.story.isReady(ready);
    const result = await parts.pipeline.run(ready, { ...visit, run: null });
    visit.story.answered(
      () => result.reads,
      () => result.rows,
      () => result.cost,
    );
    visit.story.decided(decisionOf(result));
    const { data, errors } = result;

    const isEmpty = data === null || Object.values(data).every((value) => value === null);
    const code = errors[0]?.extensions?.['code'];
    // What a text argument asks by is found out as it runs; a missing right reads the same as one that was missed before.
    if (isEmpty && code === 'FORBIDDEN') throw new Forbidden(errors[0]!.message);
    const status = errors.length > 0 && isEmpty ? (isErrorCode(code) ? errorCatalog[code].status : 500) : 200;
    const retryAfterMs = errors[0]?.extensions?.['retryAfterMs'];
    if (typeof retryAfterMs === 'number') reply.header('Retry-After', String(Math.ceil(retryAfterMs / 1_000)));
    const shown = errors.map(({ message, path }) => ({ message, ...(path === undefined ? {} : { path }) }));
    parts.metrics.answered(door, String(code ?? 'ok'), reply.elapsedTime);
    parts.metrics.spent(door, result.cost.actual);
    // DigiCert's answers have no place for it.
    if (result.reads.truncated) reply.header('Certfolio-Truncated', 'true');
    return reply
      .header('Cache-Control', 'private, no-store')
      .header('Content-Type', certCentralJson)
      .code(status)
      .send(Buffer.from(JSON.stringify({ ...(shown.length === 0 ? {} : { errors: shown }), data })));
  } catch (cause) {
    const error = shownError(cause, parts, request.id);
    storyOf(reply)?.decided(error.code);
    parts.metrics.answered(door, error.code, reply.elapsedTime);
    return isGraphqlRefusal(error) ? graphqlRefusal(reply, error) : restRefusal(reply, error);
  }
}

/** JSON with `query`, or the bare query as `application/graphql`; a body without media type is read as what it looks like. */
function readBody(request: FastifyRequest): unknown {
  assertPlainBody(request.headers['content-encoding']);
  const { type, charset } = parseContentType(request.headers['content-type']);
  const text = decodeUtf8((request.body as Buffer | undefined) ?? Buffer.alloc(0), charset);
  if (text.trim() === '') throw new BadRequest('The body is empty; send a query.');
  if (type === 'application/graphql') return { query: text };
  if (type !== 'application/json' && type !== '') {
    throw new AppError(
      'UNSUPPORTED_MEDIA_TYPE',
      `The body has the media type "${type.slice(0, 60)}"; send "application/json" or "application/graphql".`,
    );
  }
  try {
    return JSON.parse(text);
  } catch {
    if (type === '') return { query: text };
    throw new BadRequest('The body is not JSON.');
  }
}

function assertOnlyCustomReports(selected: ReadonlySet<string>): void {
  const other = [...selected].find((name) => /^(Query|Mutation)\./.test(name) && !rootFields.has(name));
  if (other === undefined) return;
  const [type, field] = other.split('.');
  throw new AppError('GRAPHQL_VALIDATION_FAILED', `Cannot query field "${field}" on type "${type}".`);
}

function isGraphqlRefusal({ code }: AppError): boolean {
  return [
    'GRAPHQL_PARSE_FAILED',
    'GRAPHQL_VALIDATION_FAILED',
    'BAD_USER_INPUT',
    'OPERATION_RESOLUTION_FAILURE',
    'COST_ESTIMATED_TOO_EXPENSIVE',
    'MAX_DEPTH_LIMIT',
  ].includes(code);
}

function graphqlRefusal(reply: FastifyReply, error: AppError): FastifyReply {
  const messages = error instanceof DocumentError ? error.errors.map(({ message }) => message) : [error.message];
  const errors = messages.map((message) => ({ message: asDigiCertSays(message) }));
  return reply
    .header('Cache-Control', 'no-store')
    .header('Content-Type', certCentralJson)
    .code(400)
    .send(Buffer.from(JSON.stringify({ errors })));
}

/** An order query without any field is a matter of syntax to DigiCert, of validation to GraphQL. */
function asDigiCertSays(message: string): string {
  const query = /^Field "(order_details(?:_by_id)?)" of type .* must have a selection of subfields/.exec(message)?.[1];
  return query === undefined
    ? message
    : `Syntax Error: "${query}" needs at least one field, as in { ${query} { id } }.`;
}
