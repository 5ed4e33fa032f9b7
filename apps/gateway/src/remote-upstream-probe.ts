import { request } from 'undici';
import { z } from 'zod';
import { AppError, isErrorCode, SubgraphUnavailable, type Clock, type RequestContext } from '@certfolio/core';
import { identityHeader, signIdentity } from '@certfolio/graph-kit';
import type { UpstreamComparison, UpstreamProbe, UpstreamStatus } from '@certfolio/subgraph-control';
import type { RemoteSubgraph } from './schema-source.ts';

export interface RemoteUpstreamProbeOptions {
  readonly remote: readonly RemoteSubgraph[];
  /** Names of the accounts as far as this process is told; null when it is not. */
  readonly accounts: readonly string[] | null;
  readonly secret: string;
  readonly clock: Clock;
}

const mirrorSchema = z
  .object({
    dataAsOf: z.coerce.date().nullable(),
    orders: z.number(),
    upstreamTotal: z.number().nullable(),
    complete: z.boolean(),
    ordersLeft: z.number(),
  })
  .nullable();

const statusSchema = z.object({
  account: z.string(),
  host: z.string(),
  accountId: z.number().nullable(),
  accountName: z.string().nullable(),
  keyKind: z.string().nullable(),
  proxy: z.string().nullable(),
  privateCa: z.boolean(),
  clockAheadMs: z.number().nullable(),
  reachable: z.boolean(),
  error: z.string().nullable(),
  budget: z.object({
    freeNow: z.number(),
    windows: z.array(z.object({ calls: z.number(), windowMs: z.number(), free: z.number() })),
    inFlight: z.number(),
    queued: z.object({ interactive: z.number(), scheduled: z.number(), shadow: z.number(), backfill: z.number() }),
    pausedMs: z.number(),
    sharing: z.enum(['alone', 'shared', 'divided']),
    processes: z.number(),
  }),
  mirror: mirrorSchema,
}) satisfies z.ZodType<UpstreamStatus>;

const comparisonSchema = z.object({
  host: z.string(),
  calls: z.number(),
  findings: z.array(
    z.object({ read: z.string(), state: z.enum(['ok', 'differs', 'broken', 'failed']), found: z.string() }),
  ),
  reads: z.array(z.unknown()),
}) satisfies z.ZodType<UpstreamComparison>;

const refusalSchema = z.object({
  errors: z.array(z.object({ message: z.string(), extensions: z.object({ code: z.string() }) })).min(1),
});

/** For a gateway that reads no account itself: asks the host of the orders, which does. */
export function createRemoteUpstreamProbe(options: RemoteUpstreamProbeOptions): UpstreamProbe {
  const urls = options.remote.find(({ name }) => name === 'orders')?.urls ?? [];
  const hosts = [...new Set(urls.map((url) => new URL(url).host))].join(', ');
  return {
    callWindows: async () => null,
    accounts: () => options.accounts,
    async status(account, context) {
      try {
        return await ask(urls, 'status', account, context, statusSchema, options);
      } catch (error) {
        if (!(error instanceof SubgraphUnavailable)) throw error;
        return { ...unknownStatus, account, host: hosts, error: error.message };
      }
    },
    async refreshMirror(account, isFull, context) {
      const schema = z.object({ mirror: mirrorSchema });
      const question = isFull ? 'resync' : 'refresh';
      return (await ask(urls, question, account, context, schema, options)).mirror;
    },
    compare: (account, context) => ask(urls, 'compare', account, context, comparisonSchema, options),
  };
}

const unknownStatus = {
  accountId: null,
  accountName: null,
  keyKind: null,
  proxy: null,
  privateCa: false,
  clockAheadMs: null,
  reachable: false,
  budget: {
    freeNow: 0,
    windows: [],
    inFlight: 0,
    queued: { interactive: 0, scheduled: 0, shadow: 0, backfill: 0 },
    pausedMs: 0,
    sharing: 'alone',
    processes: 0,
  },
  mirror: null,
} as const;

/** @throws SubgraphUnavailable, and what the host refuses with */
async function ask<T>(
  urls: readonly string[],
  question: 'status' | 'compare' | 'refresh' | 'resync',
  account: string,
  context: RequestContext,
  schema: z.ZodType<T>,
  { secret, clock }: RemoteUpstreamProbeOptions,
): Promise<T> {
  let failure: AppError = new SubgraphUnavailable('orders', 'it has no address');
  for (const url of urls) {
    try {
      const remainingMs = Math.max(1, context.deadline.getTime() - clock.nowMs());
      const response = await request(new URL(`upstream/${question}`, url), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          'x-request-id': context.requestId,
          [identityHeader]: signIdentity(context, secret, clock.nowMs()),
        },
        body: JSON.stringify({ account }),
        signal: AbortSignal.any([context.signal, AbortSignal.timeout(remainingMs)]),
      });
      return readAnswer(response.statusCode, await response.body.text(), schema);
    } catch (error) {
      if (error instanceof AppError && !(error instanceof SubgraphUnavailable)) throw error;
      failure =
        error instanceof SubgraphUnavailable
          ? error
          : new SubgraphUnavailable('orders', 'the connection failed', { cause: error });
    }
  }
  throw failure;
}

function readAnswer<T>(status: number, text: string, schema: z.ZodType<T>): T {
  const body = parsed(text);
  const answer = schema.safeParse(body);
  if (status === 200 && answer.success) return answer.data;
  const refusal = refusalSchema.safeParse(body);
  const [error] = refusal.success ? refusal.data.errors : [];
  if (status === 401) throw new SubgraphUnavailable('orders', 'it does not accept our signature');
  if (error === undefined || !isErrorCode(error.extensions.code))
    throw new SubgraphUnavailable('orders', `status ${status} to a question of the upstream account`);
  throw new AppError(error.extensions.code, error.message);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
