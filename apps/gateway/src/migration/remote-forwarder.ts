import { Readable } from 'node:stream';
import { Agent, request, type Dispatcher } from 'undici';
import { z } from 'zod';
import {
  AppError,
  isErrorCode,
  SubgraphUnavailable,
  type CallForwarder,
  type Clock,
  type ForwardedAnswer,
  type ForwardedCall,
  type RequestContext,
} from '@certfolio/core';
import { framed, identityHeader, readFramed, signIdentity } from '@certfolio/graph-kit';
import type { RemoteSubgraph } from '../schema-source.ts';

export interface RemoteForwarderOptions {
  readonly remote: readonly RemoteSubgraph[];
  readonly secret: string;
  readonly clock: Clock;
}

const answerSchema = z.strictObject({
  status: z.int(),
  statusText: z.string(),
  headers: z.array(z.tuple([z.string(), z.string()])),
});

const refusalSchema = z.object({
  errors: z
    .array(
      z.object({
        message: z.string(),
        extensions: z.object({ code: z.string(), retryAfterMs: z.number().optional() }),
      }),
    )
    .min(1),
});

/** Codes of a connection that was never there: nothing was sent. */
const unconnected: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** For a gateway that reads no account itself: hands calls to the host of the orders, which does. */
export function createRemoteForwarder({ remote, secret, clock }: RemoteForwarderOptions): CallForwarder {
  const urls = remote.find(({ name }) => name === 'orders')?.urls ?? [];
  // A call that must not be sent twice meets no connection that is being closed just then.
  const fresh = new Agent({ pipelining: 0 });

  async function hand(url: string, call: ForwardedCall, context: RequestContext): Promise<ForwardedAnswer> {
    const { body, ...said } = call;
    const response = await request(new URL('upstream/forward', url), {
      ...(call.isRead ? {} : { dispatcher: fresh }),
      method: 'POST',
      headers: {
        'content-type': 'application/octet-stream',
        'x-request-id': context.requestId,
        [identityHeader]: signIdentity(context, secret, clock.nowMs()),
      },
      body: Readable.from(framed({ ...said, hasBody: body !== null }, body), { objectMode: false }),
      signal: context.signal,
    });
    // Whoever reads the body gets its error; while nobody does, it must end no process.
    response.body.on('error', () => undefined);
    if (response.statusCode !== 200) throw await refusalOf(response);
    context.ledger.called();
    const { head, body: rest } = await readFramed(response.body as AsyncIterable<Buffer>);
    return { ...answerSchema.parse(head), body: rest };
  }

  return {
    async forward(_account, call, context) {
      let failure: AppError = new SubgraphUnavailable('orders', 'it has no address');
      for (const url of urls) {
        try {
          return await hand(url, call, context);
        } catch (error) {
          if (error instanceof AppError) throw error;
          context.signal.throwIfAborted();
          failure = new SubgraphUnavailable('orders', 'the connection failed', { cause: error });
          // A body is read once; and what may have been sent is not sent again.
          if (call.body !== null || !unconnected.has(codeOf(error))) break;
        }
      }
      throw failure;
    },
  };
}

async function refusalOf({ statusCode, body }: Dispatcher.ResponseData): Promise<AppError> {
  const refusal = refusalSchema.safeParse(parsed(await body.text()));
  const [error] = refusal.success ? refusal.data.errors : [];
  if (statusCode === 401) return new SubgraphUnavailable('orders', 'it does not accept our signature');
  if (error === undefined || !isErrorCode(error.extensions.code))
    return new SubgraphUnavailable('orders', `status ${statusCode} to a call that was handed on`);
  const { code, retryAfterMs } = error.extensions;
  return new AppError(code, error.message, retryAfterMs === undefined ? {} : { retryAfterMs });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
