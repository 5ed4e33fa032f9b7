import { errorOfAnswer, readErrors } from './error-answer.ts';
import { explainPath, parseGatewayAddress, templatePath } from './gateway-address.ts';
import { GatewayError } from './gateway-error.ts';
import { readReportOffers, type ReportOffer } from './report-offers.ts';

/** The part of the platform's `fetch` that is used; browsers and Node have it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface GatewayClientOptions {
  /** For example `http://127.0.0.1:4000`; a path prefix is kept. */
  readonly url: string;
  /** Null for what needs no key. */
  readonly key: string | null;
  readonly fetch: Fetch;
  /** Wall time in milliseconds, for a `Retry-After` that names a date. */
  readonly nowMs: () => number;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface TemplateRunOptions extends CallOptions {
  readonly variables: ReadonlyMap<string, string | readonly string[]>;
  /** File ending of `/r`: json, csv, ndjson, … */
  readonly format: string;
  /** How old the data may be: `live`, `mirror` (any age) or seconds; absent, as the template says. */
  readonly fresh?: string;
}

export interface ExplainOptions extends CallOptions {
  readonly variables: ReadonlyMap<string, string | readonly string[]>;
  readonly fresh?: string;
}

/** What a run would take, as `/r/{template}/explain` says it. */
export interface ExplainAnswer {
  readonly template: { readonly name: string; readonly version: number; readonly id: string };
  /** A guess: how long some list is was neither counted nor learned from a run. Absent from older gateways. */
  readonly cost: { readonly estimated: number; readonly isGuess?: boolean };
  readonly upstreamCalls: number;
  readonly source: string | null;
  readonly dataAsOf: string | null;
  readonly ageSeconds: number | null;
  readonly maxAgeSeconds: number | null;
  readonly isOlderThanAsked: boolean;
  readonly unavailableFields: readonly string[];
  readonly plans: readonly string[];
  readonly budget: readonly { readonly calls: number; readonly windowMs: number; readonly free: number }[] | null;
}

/** An answer as it arrives: the head at once, the rows as a stream that is read once. */
export interface TemplateAnswer {
  readonly status: number;
  readonly requestId: string | null;
  readonly contentType: string | null;
  /** Structured fields of `RateLimit` and `RateLimit-Policy`, as sent. */
  readonly rateLimit: string | null;
  readonly rateLimitPolicy: string | null;
  readonly etag: string | null;
  readonly headers: Headers;
  /** @throws GatewayError `GATEWAY_BROKE_OFF` while it is read, when the connection breaks off */
  readonly body: AsyncIterable<Uint8Array>;
}

/** A body as it arrives. */
export interface Download {
  readonly headers: Headers;
  /** @throws GatewayError `GATEWAY_BROKE_OFF` while it is read, when the connection breaks off */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface UploadOptions extends CallOptions {
  readonly contentType: string;
}

export interface HealthAnswer {
  readonly ready: boolean;
  readonly status: number;
  /** The body of `/readyz`; null when it is not JSON. */
  readonly report: unknown;
  /** The gateway's clock, to the second; null when it sent no `Date`. */
  readonly dateMs: number | null;
}

export interface GatewayClient {
  readonly url: string;
  /**
   * One GraphQL operation; answers its data.
   *
   * @throws GatewayError for any error in the answer, also when part of the data came
   */
  query<T>(document: string, variables?: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<T>;
  /**
   * Runs a template by name, `name@version` or id.
   *
   * @throws GatewayError when it is refused or fails before the first byte
   */
  runTemplate(ref: string, options: TemplateRunOptions): Promise<TemplateAnswer>;
  /**
   * What a run of a template would take; spends no call of CertCentral.
   *
   * @throws GatewayError when the run would be refused
   */
  explain(ref: string, options: ExplainOptions): Promise<ExplainAnswer>;
  /**
   * What a door streams, for example `/audit.ndjson?since=today`.
   *
   * @throws GatewayError when it is refused or fails before the first byte
   */
  download(path: string, options?: CallOptions): Promise<Download>;
  /**
   * Sends a body as it comes and answers the JSON that it is answered with.
   *
   * @throws GatewayError when it is refused; what the body throws passes through
   */
  upload(path: string, body: AsyncIterable<Uint8Array>, options: UploadOptions): Promise<unknown>;
  /** The newest version of every template that the key may run, by name. @throws GatewayError when the key is refused */
  reports(options?: CallOptions): Promise<readonly ReportOffer[]>;
  /** Asks `/readyz`; needs no key. A gateway that is not ready is an answer, one that is not there is an error. */
  health(options?: CallOptions): Promise<HealthAnswer>;
}

/**
 * A typed client of the gateway over `fetch` alone, so that it runs in browsers too. The key goes into one header and nowhere else.
 *
 * @throws GatewayError when the address or the key could not be sent at all
 */
export function createGatewayClient({ url, key, fetch, nowMs }: GatewayClientOptions): GatewayClient {
  const parsed = parseGatewayAddress(url);
  if (!parsed.ok) throw new GatewayError('BAD_REQUEST', parsed.problem);
  const { address } = parsed;
  // A header value with a line end makes `fetch` throw a message that quotes the whole key.
  if (key !== null && !/^[\x21-\x7e]+$/.test(key)) {
    throw new GatewayError(
      'BAD_KEY_FORMAT',
      'The key has characters that no key has, such as spaces or line ends. Was it copied whole?',
    );
  }
  const authorization: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };

  async function send(path: string, init: RequestInit, options: CallOptions): Promise<Response> {
    let response: Response;
    try {
      // Redirects are not followed: the key would be sent to an address that nobody chose.
      response = await fetch(address.at(path), { ...init, redirect: 'manual', signal: options.signal ?? null });
    } catch (cause) {
      if (options.signal?.aborted) throw cause;
      throw new GatewayError('GATEWAY_UNREACHABLE', `No gateway answers at ${address.base} (${reasonOf(cause)}).`, {
        cause,
      });
    }
    if (
      response.type === 'opaqueredirect' ||
      (response.status >= 300 && response.status < 400 && response.status !== 304)
    ) {
      await response.body?.cancel();
      const location = response.headers.get('location');
      const message = `${address.base} sends elsewhere${location === null ? '' : `, to ${location}`}; use the gateway's own address.`;
      throw new GatewayError('GATEWAY_REDIRECTED', message, { status: response.status });
    }
    return response;
  }

  return {
    url: address.base,

    async query<T>(
      document: string,
      variables: Readonly<Record<string, unknown>> = {},
      options: CallOptions = {},
    ): Promise<T> {
      const init = {
        method: 'POST',
        headers: {
          ...authorization,
          'content-type': 'application/json',
          accept: 'application/graphql-response+json, application/json;q=0.9',
        },
        body: JSON.stringify({ query: document, variables }),
      };
      const response = await send('/graphql', init, options);
      const body = await readJson(response, options);
      if (!response.ok || readErrors(body).length > 0)
        throw errorOfAnswer({ ...headOf(response), nowMs: nowMs() }, body);
      const data = typeof body === 'object' && body !== null && 'data' in body ? body.data : null;
      if (typeof data !== 'object' || data === null) throw notAGateway(address.base, response);
      return data as T;
    },

    async explain(ref, { variables, fresh, ...options }) {
      const init = { headers: { ...authorization, ...freshHeader(fresh) } };
      const response = await send(explainPath(ref, variables), init, options);
      const body = await readJson(response, options);
      if (!response.ok) throw errorOfAnswer({ ...headOf(response), nowMs: nowMs() }, body);
      if (typeof body !== 'object' || body === null || !('upstreamCalls' in body))
        throw notAGateway(address.base, response);
      return body as ExplainAnswer;
    },

    async runTemplate(ref, { variables, format, fresh, ...options }) {
      const init = { headers: { ...authorization, ...freshHeader(fresh) } };
      const response = await send(templatePath(ref, format, variables), init, options);
      if (!response.ok) throw errorOfAnswer({ ...headOf(response), nowMs: nowMs() }, await readJson(response, options));
      const { headers } = response;
      return {
        status: response.status,
        requestId: headers.get('x-request-id'),
        contentType: headers.get('content-type'),
        rateLimit: headers.get('ratelimit'),
        rateLimitPolicy: headers.get('ratelimit-policy'),
        etag: headers.get('etag'),
        headers,
        body: chunksOf(response, options),
      };
    },

    async download(path, options = {}) {
      const response = await send(path, { headers: authorization }, options);
      if (!response.ok) throw errorOfAnswer({ ...headOf(response), nowMs: nowMs() }, await readJson(response, options));
      return { headers: response.headers, body: chunksOf(response, options) };
    },

    async upload(path, body, { contentType, ...options }) {
      let failure: unknown = null;
      // `fetch` hides what the body throws.
      const watched = (async function* () {
        try {
          yield* body;
        } catch (error) {
          failure = error;
          throw error;
        }
      })();
      const init = {
        method: 'POST',
        headers: { ...authorization, 'content-type': contentType },
        body: streamOf(watched),
        duplex: 'half',
      };
      const response = await send(path, init as RequestInit, options).catch((error: unknown) => {
        throw failure ?? error;
      });
      const answer = await readJson(response, options);
      if (!response.ok) throw errorOfAnswer({ ...headOf(response), nowMs: nowMs() }, answer);
      return answer;
    },

    async reports(options = {}) {
      const response = await send('/r/openapi.json', { headers: authorization }, options);
      const body = await readJson(response, options);
      if (!response.ok) throw errorOfAnswer({ ...headOf(response), nowMs: nowMs() }, body);
      const offers = readReportOffers(body);
      if (offers === null) throw notAGateway(address.base, response);
      return offers;
    },

    async health(options = {}) {
      const response = await send('/readyz', { headers: { accept: 'application/json' } }, options);
      const report = await readJson(response, options);
      const dateMs = Date.parse(response.headers.get('date') ?? '');
      return { ready: response.ok, status: response.status, report, dateMs: Number.isNaN(dateMs) ? null : dateMs };
    },
  };
}

const freshHeader = (fresh: string | undefined): Record<string, string> =>
  fresh === undefined ? {} : { 'certfolio-fresh': fresh };
const headOf = (response: Response) => ({ status: response.status, headers: response.headers });

function notAGateway(base: string, response: Response): GatewayError {
  const requestId = response.headers.get('x-request-id');
  return new GatewayError(
    'UNEXPECTED_ANSWER',
    `What answers at ${base} does not speak GraphQL; is it a Certfolio gateway?`,
    { status: response.status, requestId },
  );
}

/** The body as JSON; null when it is something else. */
async function readJson(response: Response, options: CallOptions): Promise<unknown> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of chunksOf(response, options)) text += decoder.decode(chunk, { stream: true });
  try {
    return JSON.parse(text + decoder.decode());
  } catch {
    return null;
  }
}

/** As `ReadableStream.from`, which not all browsers have. */
function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
}

async function* chunksOf(response: Response, { signal }: CallOptions): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      bytes += value.byteLength;
      yield value;
    }
  } catch (cause) {
    if (signal?.aborted) throw cause;
    const requestId = response.headers.get('x-request-id');
    throw new GatewayError(
      'GATEWAY_BROKE_OFF',
      `The gateway broke off after ${bytes} bytes; the answer is not complete.`,
      { status: response.status, requestId, cause },
    );
  } finally {
    // A consumer that stops early must not keep the connection busy.
    await reader.cancel().catch(() => undefined);
  }
}

/** `fetch` hides the reason in its cause: ECONNREFUSED, ENOTFOUND, a certificate code. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  if (cause instanceof Error && cause.message !== '') return cause.message;
  return error instanceof Error ? error.message : 'unknown reason';
}
