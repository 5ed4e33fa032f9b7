import { request, type Dispatcher } from 'undici';
import { z } from 'zod';
import type { GraphQLFormattedError } from 'graphql';
import {
  errorExtensions,
  GatewayTimeout,
  SubgraphUnavailable,
  type AppError,
  type Clock,
  type Logger,
  type MadeCall,
  type ReadAccount,
  type RequestContext,
} from '@certfolio/core';
import { identityHeader, signIdentity } from '@certfolio/graph-kit';
import type { SubgraphAnswer } from './local-subgraph.ts';
import type { SubgraphRunner } from './supergraph.ts';

export interface RemoteSubgraphOptions {
  readonly name: string;
  /** One address or several replicas, tried in turn. */
  readonly urls: readonly string[];
  readonly secret: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly dispatcher?: Dispatcher;
}

const madeCallSchema = z.object({
  route: z.string(),
  method: z.string(),
  status: z.number().nullable(),
  atMs: z.number(),
  durationMs: z.number(),
  waitedMs: z.number(),
  attempt: z.number(),
  outcome: z.string(),
  requestId: z.string().exactOptional(),
}) satisfies z.ZodType<MadeCall>;

const readAccountSchema = z.object({
  source: z.enum(['mirror', 'live', 'cache', 'mixed']).nullable(),
  dataAsOf: z.iso.datetime({ offset: true }).nullable(),
  upstreamCalls: z.number().int().min(0),
  truncated: z.boolean(),
  totalRows: z.number().nullable(),
  stale: z.boolean().default(false),
  unavailableFields: z.array(z.string()),
  plans: z.array(z.string()),
  expectedCalls: z.number().min(0).default(0),
  expectedRows: z
    .array(
      z.object({
        field: z.string(),
        rows: z.number().min(0).nullable(),
        below: z
          .array(z.object({ coordinate: z.string(), ratio: z.number().min(0), isGuess: z.boolean() }))
          .default([]),
      }),
    )
    .default([]),
  calls: z.array(madeCallSchema).exactOptional(),
}) satisfies z.ZodType<ReadAccount>;

const answerSchema = z
  .object({
    data: z.record(z.string(), z.unknown()).nullish(),
    errors: z
      .array(
        z.object({
          message: z.string(),
          path: z.array(z.union([z.string(), z.number()])).optional(),
          extensions: z.record(z.string(), z.unknown()).optional(),
        }),
      )
      .optional(),
    extensions: z.object({ certfolioReads: readAccountSchema.optional() }).optional(),
  })
  // JSON of something else, a proxy's error page for one, must not pass for an answer without data.
  .refine(({ data, errors }) => data !== undefined || (errors !== undefined && errors.length > 0));

/** A subgraph in another process: GraphQL over HTTP, the caller signed along. Never rejects; failures stand in the answer. */
export function createRemoteSubgraph({
  name,
  urls,
  secret,
  clock,
  logger,
  dispatcher,
}: RemoteSubgraphOptions): SubgraphRunner {
  let turn = 0;
  const ask = async (url: string, body: string, context: RequestContext): Promise<SubgraphAnswer> => {
    const remainingMs = Math.max(1, context.deadline.getTime() - clock.nowMs());
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(remainingMs)]);
    const response = await request(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-request-id': context.requestId,
        [identityHeader]: signIdentity(context, secret, clock.nowMs()),
        ...(context.traceparent === undefined ? {} : { traceparent: context.traceparent }),
      },
      body,
      signal,
      ...(dispatcher === undefined ? {} : { dispatcher }),
    });
    const text = await response.body.text();
    if (response.statusCode === 401) throw new SubgraphUnavailable(name, 'it does not accept our signature');
    const parsed = answerSchema.safeParse(parseJson(text));
    if (!parsed.success) throw new SubgraphUnavailable(name, `status ${response.statusCode} without a GraphQL answer`);
    const { data, errors, extensions } = parsed.data;
    if (extensions?.certfolioReads !== undefined) context.ledger.add(extensions.certfolioReads);
    return {
      data: data ?? null,
      ...(errors === undefined ? {} : { errors: errors as readonly GraphQLFormattedError[] }),
    };
  };

  return {
    async run(query, variables, operationName, context) {
      const body = JSON.stringify({ query, variables, ...(operationName === undefined ? {} : { operationName }) });
      const startedMs = clock.nowMs();
      let failure: AppError = new SubgraphUnavailable(name, 'it has no address');
      for (let attempt = 0; attempt < urls.length; attempt += 1) {
        const url = urls[turn++ % urls.length]!;
        try {
          return await ask(url, body, context);
        } catch (error) {
          failure = failureOf(error, name, context, clock, startedMs);
          logger.warn({ subgraph: name, err: error, requestId: context.requestId }, 'A subgraph did not answer.');
          // Only what never reached the subgraph may go to the next replica: a mutation runs once.
          if (!isUnreached(error)) break;
        }
      }
      return { data: null, errors: [{ message: failure.message, extensions: errorExtensions(failure) }] };
    },
  };
}

/** Reads the SDL of a subgraph, as Federation 2 subgraphs serve it. @throws SubgraphUnavailable */
export async function fetchSubgraphSdl(
  name: string,
  url: string,
  identity: string,
  timeoutMs: number,
): Promise<string> {
  try {
    const response = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', [identityHeader]: identity },
      body: JSON.stringify({ query: '{ _service { sdl } }' }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const parsed = z
      .object({ data: z.object({ _service: z.object({ sdl: z.string() }) }) })
      .safeParse(parseJson(await response.body.text()));
    if (parsed.success) return parsed.data.data._service.sdl;
    throw new SubgraphUnavailable(name, `status ${response.statusCode} without its SDL`);
  } catch (error) {
    if (error instanceof SubgraphUnavailable) throw error;
    throw new SubgraphUnavailable(name, error instanceof Error ? error.message : 'no answer', { cause: error });
  }
}

function failureOf(error: unknown, name: string, context: RequestContext, clock: Clock, startedMs: number): AppError {
  if (error instanceof SubgraphUnavailable) return error;
  const nowMs = clock.nowMs();
  // Timers and the clock may differ by a millisecond.
  if (context.deadline.getTime() <= nowMs + 1) {
    return new GatewayTimeout(`The subgraph "${name}"`, nowMs - startedMs, { cause: error });
  }
  return new SubgraphUnavailable(name, codeOf(error) ?? 'the connection failed', { cause: error });
}

const codeOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;

const isUnreached = (error: unknown) =>
  ['ECONNREFUSED', 'ENOTFOUND', 'UND_ERR_CONNECT_TIMEOUT'].includes(codeOf(error) ?? '');

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
