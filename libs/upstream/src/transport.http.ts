import { Agent, EnvHttpProxyAgent, type Dispatcher } from 'undici';
import { AppError, GatewayTimeout, UpstreamRefused, UpstreamUnavailable, type UpstreamCall } from '@certfolio/core';
import { backoffMs } from './backoff.ts';
import { CallFailure, connectionFailure, parseRetryAfter, upstreamCode } from './call-failure.ts';
import type { CallGrant } from './paced-calls.ts';
import { SharedReads } from './shared-reads.ts';
import type { CallReport, TransportOptions } from './transport-options.ts';
import { WrongShape } from './wire/wrong-shape.ts';

/** One read of CertCentral, whatever the number of attempts. */
export interface ReadRequest {
  /** With placeholders for ids; shown in errors and logs. */
  readonly route: string;
  /** Below the base URL, query included, encoded. */
  readonly path: string;
  /** JSON to POST; a GET without it. */
  readonly body?: string;
}

export interface JsonRequest<T> extends ReadRequest {
  /** @throws WrongShape */
  readonly parse: (body: unknown) => T;
  /** What a 4xx means to the caller; undefined when it is a refusal like any other. */
  readonly refused?: (status: number, code: string, body: string) => T | undefined;
}

/** A 4xx is for the caller to judge first; a 404 of CertCentral's own is an absent record. */
export const absent = (status: number, code: string): null | undefined =>
  status === 404 && code.startsWith('not_found') && code !== 'not_found|route' ? null : undefined;

export interface Transport {
  /** Reads JSON. Identical GETs in flight are one. */
  json<T>(request: JsonRequest<T>, call: UpstreamCall): Promise<T>;
  /** Reads CSV piece by piece. Retried until its first piece is there; what breaks later is thrown, since rows were given out. */
  csv(request: ReadRequest, call: UpstreamCall): AsyncIterable<Buffer>;
  stop(): Promise<void>;
}

const jsonTypes = /^application\/(?:[\w.+-]+\+)?json(?:\s*;|$)/i;
const csvTypes = /^(?:text|application)\/(?:csv|x-csv|comma-separated-values)(?:\s*;|$)/i;
const retryableStatuses: ReadonlySet<number> = new Set([500, 502, 503, 504]);
/** Enough for CertCentral's error bodies; the rest of a long one is left unread. */
const maxErrorBytes = 65_536;
/** A 429 costs no attempt, since the budget makes it wait; this only keeps an endless one from running for ever. */
const mostLimited = 20;

export function createTransport(options: TransportOptions): Transport {
  return new HttpTransport(options);
}

/** An answer whose headers are there and whose body is still to be read. */
interface Exchange {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly body: AsyncIterable<Buffer>;
  /** The whole body, at most so many bytes; null when it is longer. */
  readonly collect: (maxBytes: number) => Promise<Buffer | null>;
  /** Says how it ended; frees the connection. */
  readonly end: (outcome: CallReport['outcome']) => void;
}

class HttpTransport implements Transport {
  readonly #options: TransportOptions;
  readonly #dispatcher: Dispatcher;
  readonly #origin: string;
  readonly #basePath: string;
  readonly #shared: SharedReads;

  constructor(options: TransportOptions) {
    this.#options = options;
    const url = new URL(options.baseUrl);
    this.#origin = url.origin;
    this.#basePath = url.pathname;
    this.#dispatcher = createDispatcher(url, options);
    const { budget, clock } = options;
    this.#shared = new SharedReads({
      clock,
      waitMsOf: (call) => budget.waitMsOf(call),
      retryAfterMs: (call) => budget.retryAfterMs(call),
    });
  }

  json<T>(request: JsonRequest<T>, call: UpstreamCall): Promise<T> {
    const read = (own: UpstreamCall, sent?: () => void) =>
      this.#withRetries(request, own, async (attempt) =>
        this.#readJson(request, await this.#send(request, own, attempt, sent)),
      );
    if (request.body !== undefined) return read(call);
    return this.#shared.read(request.path, request.route, call, (run) => read(run.call, run.sent));
  }

  async *csv(request: ReadRequest, call: UpstreamCall): AsyncGenerator<Buffer> {
    const { first, pieces, exchange } = await this.#withRetries(request, call, async (attempt) =>
      this.#openCsv(request, await this.#send(request, call, attempt)),
    );
    let outcome: CallReport['outcome'] = 'aborted';
    try {
      yield first;
      for (;;) {
        const next = await pieces.next();
        if (next.done === true) break;
        yield next.value;
      }
      outcome = 'ok';
    } catch (error) {
      outcome = outcomeOf(error);
      throw asError(request, error);
    } finally {
      exchange.end(outcome);
    }
  }

  async stop(): Promise<void> {
    await this.#dispatcher.destroy();
  }

  /** Runs attempts until one gives a result, no attempt is left, or the deadline leaves no time for another. */
  async #withRetries<T>(request: ReadRequest, call: UpstreamCall, run: (attempt: number) => Promise<T>): Promise<T> {
    const { clock, backoff, attempts, logger } = this.#options;
    const startMs = clock.nowMs();
    let failures = 0;
    let limited = 0;
    for (let attempt = 1; ; attempt += 1) {
      this.#throwIfOver(request, call, startMs);
      try {
        return await run(attempt);
      } catch (error) {
        this.#throwIfOver(request, call, startMs, error);
        if (!(error instanceof CallFailure)) throw asError(request, error);
        if (error.kind === 'limited') limited += 1;
        else failures += 1;
        const isOver = !error.isRetryable || failures >= attempts || limited >= mostLimited;
        const waitMs = error.kind === 'limited' ? 0 : backoffMs(backoff, failures);
        const hasTime = clock.nowMs() + waitMs < call.deadline.getTime();
        logger.warn(
          { route: request.route, attempt, reason: error.message, retried: !isOver && hasTime },
          'A call of CertCentral failed.',
        );
        if (isOver || !hasTime) throw asError(request, error);
        await clock.sleep(waitMs, call.signal);
      }
    }
  }

  /** One attempt up to its headers. */
  async #send(request: ReadRequest, call: UpstreamCall, attempt: number, sent?: () => void): Promise<Exchange> {
    const { budget, breaker, clock, timeouts, logger } = this.#options;
    const state = breaker.state;
    if (state === 'open') throw unreachable();
    const grant = await budget.take(call);
    if (!breaker.allows()) {
      grant.unused();
      throw unreachable();
    }

    const method = request.body === undefined ? 'GET' : 'POST';
    const startMs = clock.monotonicMs();
    const timer = new AttemptEnd(
      request.route,
      call,
      this.#isReport(request) ? timeouts.reportTotalMs : timeouts.totalMs,
      clock,
    );
    let bytes = 0;
    let status: number | null = null;
    let requestId: string | undefined;
    let isReported = false;
    const report = (outcome: CallReport['outcome']) => {
      if (isReported) return;
      isReported = true;
      timer.clear();
      const durationMs = clock.monotonicMs() - startMs;
      const facts: CallReport = {
        route: request.route,
        method,
        status,
        durationMs,
        waitedMs: grant.waitedMs,
        bytes,
        attempt,
        ...(requestId === undefined ? {} : { requestId }),
        outcome,
      };
      logger.debug(facts, 'Called CertCentral.');
      this.#options.onCall(facts);
    };

    try {
      const response = await this.#request(
        request,
        method,
        timer.signal,
        () => {
          call.ledger.called();
          sent?.();
        },
        grant,
      );
      // Whoever reads the body gets its error; between two reads nobody listens, and that must end no process.
      response.body.on('error', () => undefined);
      grant.answered();
      breaker.reached();
      status = response.statusCode;
      requestId = headerOf(response, 'x-request-id');
      if (status !== 429) budget.accepted(grant);
      else budget.limited(grant, parseRetryAfter(headerOf(response, 'retry-after'), clock.nowMs()));

      const broken = (cause: unknown): unknown => {
        if (timer.signal.aborted) return timer.reason();
        breaker.failed();
        return connectionFailure(cause, 'inside');
      };
      const body = (async function* (): AsyncGenerator<Buffer> {
        try {
          for await (const piece of response.body as AsyncIterable<Buffer>) {
            bytes += piece.length;
            yield piece;
          }
        } catch (cause) {
          throw broken(cause);
        }
      })();
      const collect = (maxBytes: number) =>
        new Promise<Buffer | null>((resolve, reject) => {
          const pieces: Buffer[] = [];
          response.body.on('data', (piece: Buffer) => {
            bytes += piece.length;
            if (bytes > maxBytes) resolve(null);
            else pieces.push(piece);
          });
          response.body.once('end', () => resolve(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)));
          response.body.once('error', (cause: unknown) => reject(broken(cause)));
        });
      return {
        status,
        header: (name) => headerOf(response, name),
        body,
        collect,
        end: (outcome) => {
          report(outcome);
          // A body that was read to its end leaves the connection to the next call; any other is closed.
          if (!response.body.readableEnded) response.body.destroy();
        },
      };
    } catch (cause) {
      grant.answered();
      if (timer.signal.aborted) {
        breaker.undecided();
        report(call.signal.aborted ? 'aborted' : 'timeout');
        throw timer.reason();
      }
      if (cause instanceof AppError) {
        breaker.undecided();
        timer.clear();
        throw cause;
      }
      breaker.failed();
      report('failed');
      throw connectionFailure(cause, 'before');
    }
  }

  #request(
    request: ReadRequest,
    method: 'GET' | 'POST',
    signal: AbortSignal,
    sending: () => void,
    grant: CallGrant,
  ): Promise<Dispatcher.ResponseData> {
    const { apiKey, userAgent, timeouts } = this.#options;
    let key: string;
    try {
      key = apiKey();
    } catch (cause) {
      grant.unused();
      throw new UpstreamUnavailable(request.route, 'the upstream key cannot be read', { cause });
    }
    if (!/^[\x21-\x7e]+$/.test(key)) {
      grant.unused();
      throw new UpstreamUnavailable(
        request.route,
        'the upstream key is empty or has characters that no header may have',
      );
    }
    sending();
    return this.#dispatcher.request({
      origin: this.#origin,
      path: `${this.#basePath}${request.path}`,
      method,
      headers: {
        'x-dc-devkey': key,
        'user-agent': userAgent,
        accept: this.#isReport(request) ? 'text/csv' : 'application/json',
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: request.body ?? null,
      headersTimeout: this.#isReport(request) ? timeouts.reportHeadersMs : timeouts.headersMs,
      bodyTimeout: timeouts.idleBodyMs,
      signal,
    });
  }

  async #readJson<T>(request: JsonRequest<T>, exchange: Exchange): Promise<T> {
    try {
      const judged = await this.#judgeStatus(request, exchange, request.refused);
      if (judged !== undefined) {
        exchange.end(judged.value === null ? 'absent' : 'refused');
        return judged.value;
      }
      checkType(exchange, jsonTypes, 'JSON');
      const text = (await readAll(exchange, this.#options.maxBodyBytes)).toString('utf8');
      if (text.trim() === '') throw new CallFailure('answer', 'its body is empty', { status: exchange.status });
      const result = request.parse(parseJson(text, exchange.status));
      exchange.end('ok');
      return result;
    } catch (error) {
      exchange.end(outcomeOf(error));
      throw error;
    }
  }

  async #openCsv(
    request: ReadRequest,
    exchange: Exchange,
  ): Promise<{ first: Buffer; pieces: AsyncIterator<Buffer>; exchange: Exchange }> {
    try {
      await this.#judgeStatus(request, exchange, undefined);
      checkType(exchange, csvTypes, 'CSV');
      if (exchange.header('content-length') === undefined && exchange.header('transfer-encoding') === undefined) {
        throw new CallFailure('answer', 'nothing in it tells where the report ends', {
          status: exchange.status,
          isRetryable: false,
        });
      }
      const pieces = capped(exchange, this.#options.maxReportBytes)[Symbol.asyncIterator]();
      const first = await pieces.next();
      if (first.done === true) throw new CallFailure('answer', 'its body is empty', { status: exchange.status });
      return { first: first.value, pieces, exchange };
    } catch (error) {
      exchange.end(outcomeOf(error));
      throw error;
    }
  }

  /** Throws for every status but 200; returns what `refused` makes of a 4xx. */
  async #judgeStatus<T>(
    request: ReadRequest,
    exchange: Exchange,
    refused: ((status: number, code: string, body: string) => T | undefined) | undefined,
  ): Promise<{ readonly value: T } | undefined> {
    const { status } = exchange;
    if (status === 200) return undefined;
    if (status >= 300 && status < 400) {
      const target = redirectTarget(exchange.header('location'), this.#origin);
      throw new CallFailure('answer', `it redirects to ${target}, where the key must not go`, {
        status,
        isRetryable: false,
      });
    }
    if (status === 429) {
      const retryAfterMs = parseRetryAfter(exchange.header('retry-after'), this.#options.clock.nowMs());
      await readStart(exchange);
      throw new CallFailure('limited', 'it answered 429: another program may be using the same key', {
        status,
        retryAfterMs,
      });
    }
    if (status >= 500) {
      await readStart(exchange);
      throw new CallFailure('answer', `it answered ${status}`, { status, isRetryable: retryableStatuses.has(status) });
    }
    if (status < 400)
      throw new CallFailure('answer', `it answered ${status} to a read`, { status, isRetryable: false });

    const isJson = jsonTypes.test(exchange.header('content-type') ?? '');
    const body = isJson ? (await readAll(exchange, maxErrorBytes)).toString('utf8') : await readStart(exchange);
    if (isJson) parseJson(body, status); // half a refusal may be anything
    const code = upstreamCode(body);
    // A 404 in HTML is a proxy or a wrong address speaking, not CertCentral saying that a record does not exist.
    const value = isJson ? refused?.(status, code, body) : undefined;
    if (value !== undefined) return { value };
    if (status === 404 && !isJson)
      throw new CallFailure('answer', 'it answered 404 in another format than JSON', { status });
    throw new UpstreamRefused(request.route, status, code === '' ? `status_${status}` : code);
  }

  #isReport(request: ReadRequest): boolean {
    return request.route === reportRoute;
  }

  #throwIfOver(request: ReadRequest, call: UpstreamCall, startMs: number, cause?: unknown): void {
    call.signal.throwIfAborted();
    const nowMs = this.#options.clock.nowMs();
    if (nowMs < call.deadline.getTime() || cause instanceof AppError) return;
    throw new GatewayTimeout(request.route, nowMs - startMs, cause === undefined ? {} : { cause });
  }
}

/** What a caller is told. */
function asError({ route }: ReadRequest, error: unknown): unknown {
  if (error instanceof WrongShape) return new UpstreamUnavailable(route, error.message);
  if (!(error instanceof CallFailure)) return error;
  return new UpstreamUnavailable(route, error.message, {
    ...(error.status === undefined ? {} : { status: error.status }),
    ...(error.cause === undefined ? {} : { cause: error.cause }),
  });
}

export const reportRoute = 'GET /report/order';

/** The caller's signal, the caller's deadline and the time of one attempt, as one signal. */
class AttemptEnd {
  readonly #over = new AbortController();
  readonly #caller: AbortSignal;
  readonly #end = () => this.#over.abort(ended);
  readonly #cancelTimer: () => void;
  /** Why the signal aborted. */
  readonly reason: () => unknown;

  constructor(route: string, call: UpstreamCall, totalMs: number, clock: TransportOptions['clock']) {
    const leftMs = call.deadline.getTime() - clock.nowMs();
    this.#caller = call.signal;
    this.reason = () => {
      if (call.signal.aborted) return call.signal.reason;
      if (leftMs <= totalMs) return new GatewayTimeout(route, leftMs);
      return new CallFailure('connection', `it was not complete within ${totalMs} ms`);
    };
    // Listening by hand costs a tenth of AbortSignal.any, and this is done for every call.
    if (call.signal.aborted) this.#end();
    else call.signal.addEventListener('abort', this.#end);
    this.#cancelTimer = clock.schedule(Math.max(0, Math.min(leftMs, totalMs)), this.#end);
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  clear(): void {
    this.#cancelTimer();
    this.#caller.removeEventListener('abort', this.#end);
  }
}

/** Given to every abort, since one without a reason makes an error with a stack; what a caller is told is `reason()`. */
const ended = 'ended';

function createDispatcher(url: URL, { connections, timeouts, proxy }: TransportOptions): Dispatcher {
  const settings = {
    connections,
    pipelining: 1,
    connect: { timeout: timeouts.connectMs },
    keepAliveTimeout: 10_000,
    allowH2: false,
  };
  const uri = url.protocol === 'https:' ? proxy.httpsProxy : proxy.httpProxy;
  if (uri === undefined || uri === '') return new Agent(settings);
  // Given for both protocols: an option left out would be read from the environment.
  return new EnvHttpProxyAgent({ ...settings, httpProxy: uri, httpsProxy: uri, noProxy: proxy.noProxy ?? '' });
}

const unreachable = () =>
  new CallFailure('connection', 'it could not be reached several times in a row and is left alone for a moment', {
    isRetryable: false,
  });

function headerOf(response: Dispatcher.ResponseData, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function checkType({ header, status }: Exchange, types: RegExp, wanted: string): void {
  const encoding = header('content-encoding');
  if (encoding !== undefined && encoding !== 'identity')
    throw new CallFailure('answer', `it sent ${encoding} unasked`, { status, isRetryable: false });
  const type = header('content-type') ?? '';
  if (!types.test(type)) {
    throw new CallFailure(
      'answer',
      `it sent ${type === '' ? 'no content type' : `"${type.slice(0, 60)}"`}, not ${wanted}`,
      { status },
    );
  }
}

const tooLong = ({ status }: Exchange, maxBytes: number) =>
  new CallFailure('answer', `its body is longer than ${maxBytes} bytes`, { status, isRetryable: false });

const isAnnouncedTooLong = ({ header }: Exchange, maxBytes: number) => Number(header('content-length') ?? 0) > maxBytes;

async function* capped(exchange: Exchange, maxBytes: number): AsyncGenerator<Buffer> {
  if (isAnnouncedTooLong(exchange, maxBytes)) throw tooLong(exchange, maxBytes);
  let bytes = 0;
  for await (const piece of exchange.body) {
    bytes += piece.length;
    if (bytes > maxBytes) throw tooLong(exchange, maxBytes);
    yield piece;
  }
}

async function readAll(exchange: Exchange, maxBytes: number): Promise<Buffer> {
  const whole = isAnnouncedTooLong(exchange, maxBytes) ? null : await exchange.collect(maxBytes);
  if (whole === null) throw tooLong(exchange, maxBytes);
  return whole;
}

/** The beginning of an error's body; an error while reading it changes nothing. */
async function readStart({ body }: Exchange): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of body) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > maxErrorBytes) break;
    }
  } catch {
    // The status has been read; the explanation is lost.
  }
  return Buffer.concat(pieces).toString('utf8');
}

function parseJson(text: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CallFailure('answer', 'its body is no complete JSON', { status, cause });
  }
}

/** Without path and query, which may hold more than a log should. */
function redirectTarget(location: string | undefined, origin: string): string {
  try {
    return new URL(location ?? '', origin).origin;
  } catch {
    return 'an unreadable address';
  }
}

function outcomeOf(error: unknown): CallReport['outcome'] {
  if (error instanceof WrongShape) return 'wrong-shape';
  if (error instanceof UpstreamRefused) return 'refused';
  if (error instanceof GatewayTimeout) return 'timeout';
  if (error instanceof CallFailure) return error.kind === 'limited' ? 'limited' : 'failed';
  return 'aborted';
}
