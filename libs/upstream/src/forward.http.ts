import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { ForwardedAnswer, ForwardedCall, UpstreamCall } from '@certfolio/core';
import { asError, outcomeOf } from './answer-checks.ts';
import { Attempt } from './attempt.ts';
import type { CallGrant } from './budget-port.ts';
import { unreachable } from './call-failure.ts';
import { createDispatcher } from './dispatcher.http.ts';
import { withoutConnectionFields } from './header-fields.ts';
import { keyToSend } from './key-to-send.ts';
import type { CallReport, TransportOptions } from './transport-options.ts';

export interface Forwarder {
  /**
   * Sends the call once, whatever becomes of it. No redirect is followed and no status is judged.
   *
   * @throws as `CallForwarder.forward`
   */
  forward(call: ForwardedCall, on: UpstreamCall): Promise<ForwardedAnswer>;
  stop(): Promise<void>;
}

type ForwarderOptions = Pick<
  TransportOptions,
  'baseUrl' | 'apiKey' | 'budget' | 'breaker' | 'connections' | 'timeouts' | 'proxy' | 'logger' | 'clock' | 'onCall'
>;

/** An attempt and all undici needs for it. */
interface Begun {
  readonly attempt: Attempt;
  readonly request: Dispatcher.RequestOptions;
}

/** Given to every abort, since one without a reason makes an error with a stack; what a caller is told is the attempt's. */
const ended = 'ended';
const neverAborted = new AbortController().signal;

export function createForwarder(options: ForwarderOptions): Forwarder {
  const { budget, breaker, clock, timeouts } = options;
  const url = new URL(options.baseUrl);
  const reads = createDispatcher(url, options);
  const writes = createDispatcher(url, options, 'never');

  async function begin(call: ForwardedCall, on: UpstreamCall): Promise<Begun> {
    if (breaker.state === 'open') throw unreachable();
    const grant = await budget.take(on);
    const request = requestOf(call, grant);
    const facts = { route: call.route, method: call.method, totalMs: timeouts.reportTotalMs, phases: null, nth: 1 };
    // Nobody knows what a call is that we do not make, so it has the time of the longest that we do.
    const deadline = new Date(clock.nowMs() + timeouts.reportTotalMs);
    const signal = call.isRead ? on.signal : neverAborted;
    return { attempt: new Attempt(options, facts, { ...on, deadline, signal }, grant), request };
  }

  function requestOf({ method, target, headers, body, route }: ForwardedCall, grant: CallGrant) {
    if (!breaker.allows()) {
      grant.unused();
      throw unreachable();
    }
    const key = keyToSend(options, route, grant);
    return {
      origin: url.origin,
      path: `${url.pathname}${target}`,
      method,
      headers: [...withoutConnectionFields(headers).flat(), 'x-dc-devkey', key],
      body: body === null ? null : Readable.from(body, { objectMode: false }),
      headersTimeout: timeouts.reportHeadersMs,
      bodyTimeout: timeouts.idleBodyMs,
      responseHeaders: 'raw',
    } satisfies Dispatcher.RequestOptions;
  }

  async function send(call: ForwardedCall, { attempt, request }: Begun, on: UpstreamCall): Promise<ForwardedAnswer> {
    const over = new AbortController();
    attempt.whenOver(() => over.abort(ended));
    on.ledger.called();
    const dispatcher = call.isRead ? reads : writes;
    const response = await dispatcher.request({ ...request, signal: over.signal }).catch((cause: unknown) => {
      throw attempt.broken(cause);
    });
    // Whoever reads the body gets its error; while nobody does, it must end no process.
    response.body.on('error', () => undefined);
    const headers = pairsOf(response.headers);
    const { statusCode: status, statusText } = response;
    attempt.answered(status, (name) => headers.find(([each]) => each.toLowerCase() === name)?.[1]);
    return {
      status,
      statusText,
      headers: withoutConnectionFields(headers),
      body: bodyOf(call.route, response, attempt, outcomeOfStatus(status)),
    };
  }

  return {
    async forward(call, on) {
      try {
        const begun = await begin(call, on);
        return await send(call, begun, on);
      } catch (error) {
        throw asError(call.route, error);
      }
    },
    async stop() {
      await Promise.all([reads.destroy(), writes.destroy()]);
    },
  };
}

async function* bodyOf(
  route: string,
  { body }: Dispatcher.ResponseData,
  attempt: Attempt,
  whole: CallReport['outcome'],
): AsyncGenerator<Buffer> {
  let outcome: CallReport['outcome'] = 'aborted';
  try {
    for await (const piece of body as AsyncIterable<Buffer>) {
      attempt.bytes += piece.length;
      yield piece;
    }
    outcome = whole;
  } catch (cause) {
    const error = attempt.broken(cause);
    outcome = outcomeOf(error);
    throw asError(route, error);
  } finally {
    attempt.report(outcome);
    if (!body.readableEnded) body.destroy();
  }
}

function outcomeOfStatus(status: number): CallReport['outcome'] {
  if (status === 429) return 'limited';
  if (status >= 500) return 'failed';
  if (status === 404) return 'absent';
  return status >= 400 ? 'refused' : 'ok';
}

/** Asked for raw, header fields come as names and values in turn, which undici's types do not say. */
function pairsOf(headers: unknown): (readonly [string, string])[] {
  const flat = headers as readonly string[];
  return Array.from({ length: flat.length / 2 }, (_each, at) => [flat[2 * at]!, flat[2 * at + 1]!] as const);
}
