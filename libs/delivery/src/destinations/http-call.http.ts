import { Readable } from 'node:stream';
import { request, type Dispatcher } from 'undici';
import { DeliveryFailed } from '@certfolio/reports';
import { assertMayCall, EgressRefused, type OutgoingSettings } from './guarded-agent.http.ts';

export interface OutgoingCall {
  readonly destination: string;
  readonly method: 'POST' | 'PUT' | 'HEAD' | 'GET';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Made anew for every address that a redirect leads to. */
  readonly body: () => string | Uint8Array | AsyncIterable<Uint8Array> | null;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface OutgoingAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The beginning of the body, for a message that it may have. */
  readonly text: string;
}

/** Where a body is sent on unchanged (RFC 9110, 15.4.8 and 15.4.9); other redirects turn it into a GET. */
const followed = new Set([307, 308]);
const maxRedirects = 3;
const maxAnswerChars = 2_000;

/** Sends a call out of the house: every address checked, also those that redirects lead to, and always with an end. */
export class HttpCaller {
  readonly #agent: Dispatcher;
  readonly #settings: OutgoingSettings;

  constructor(agent: Dispatcher, settings: OutgoingSettings) {
    this.#agent = agent;
    this.#settings = settings;
  }

  /** @throws DeliveryFailed for anything but a 2xx */
  async call(call: OutgoingCall): Promise<OutgoingAnswer> {
    const answer = await this.#follow(call);
    if (answer.status >= 200 && answer.status < 300) return answer;
    const isTransient = answer.status === 408 || answer.status === 429 || answer.status >= 500;
    const retryAfterMs = retryAfterMsOf(answer);
    const said = answer.text.trim().replace(/\s+/g, ' ').slice(0, 200);
    throw new DeliveryFailed(call.destination, `it answered ${answer.status}${said === '' ? '' : `, "${said}"`}`, {
      isTransient,
      ...(retryAfterMs === null ? {} : { retryAfterMs }),
    });
  }

  async #follow(call: OutgoingCall): Promise<OutgoingAnswer> {
    let url = call.url;
    for (let redirects = 0; ; redirects += 1) {
      const answer = await this.#send(call, url);
      if (!followed.has(answer.status)) return answer;
      const location = answer.headers['location'];
      const next = typeof location === 'string' && URL.canParse(location, url.href) ? new URL(location, url) : null;
      if (next === null || redirects === maxRedirects)
        throw new DeliveryFailed(
          call.destination,
          `it redirects ${next === null ? 'to no address' : `more than ${maxRedirects} times`}`,
          {
            isTransient: false,
          },
        );
      // A signature and a token are for the host that they were made for.
      if (next.origin !== url.origin && next.protocol !== 'https:')
        throw new DeliveryFailed(call.destination, 'it redirects to another host without TLS', { isTransient: false });
      url = next;
    }
  }

  async #send(
    { destination, method, headers, body, timeoutMs, signal }: OutgoingCall,
    url: URL,
  ): Promise<OutgoingAnswer> {
    try {
      await assertMayCall(url, this.#settings);
      const content = body();
      const answer = await request(url, {
        dispatcher: this.#agent,
        method,
        headers: { 'user-agent': 'certfolio', ...headers },
        body:
          content === null || typeof content === 'string' || content instanceof Uint8Array
            ? content
            : Readable.from(content),
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      return { status: answer.statusCode, headers: answer.headers, text: await beginningOf(answer.body) };
    } catch (error) {
      throw failureOf(destination, error, timeoutMs, signal);
    }
  }
}

async function beginningOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) if (text.length < maxAnswerChars) text += decoder.decode(chunk, { stream: true });
  return text.slice(0, maxAnswerChars);
}

function failureOf(destination: string, error: unknown, timeoutMs: number, signal: AbortSignal): DeliveryFailed {
  if (error instanceof DeliveryFailed) return error;
  const refused = [error, error instanceof Error ? error.cause : null].find((each) => each instanceof EgressRefused);
  if (refused !== undefined) return new DeliveryFailed(destination, refused!.message, { isTransient: false });
  if (signal.aborted)
    return new DeliveryFailed(destination, 'the run was stopped', { isTransient: true, cause: error });
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const isTimeout = /TIMEOUT|ABORT/.test(code) || (error instanceof Error && /Timeout|Abort/.test(error.name));
  const reason = isTimeout
    ? `no answer within ${timeoutMs} ms`
    : `it cannot be reached (${code || String(error).slice(0, 100)})`;
  return new DeliveryFailed(destination, reason, { isTransient: true, cause: error });
}

function retryAfterMsOf({ headers }: OutgoingAnswer): number | null {
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null;
}
