import type { Dispatcher } from 'undici';
import { AppError, GatewayTimeout, type UpstreamCall } from '@certfolio/core';
import {
  asError,
  csvTypes,
  jsonTypes,
  outcomeOf,
  parseJson,
  tooLong,
  typeFailure,
  type AnswerHead,
} from './answer-checks.ts';
import { Attempt } from './attempt.ts';
import { backoffMs } from './backoff.ts';
import { CallFailure, unreachable } from './call-failure.ts';
import type { CallGrant } from './budget-port.ts';
import { createDispatcher } from './dispatcher.http.ts';
import { judgeStatus, maxErrorBytes, wholeBody, type JudgedAnswer, type Refused } from './judge-status.ts';
import { keyToSend } from './key-to-send.ts';
import { SharedReads } from './shared-reads.ts';
import type { CallReport, TransportOptions } from './transport-options.ts';
import { WholeAnswerReader, type WholeAnswer } from './whole-answer.http.ts';

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
  /** Told apart from reads of the same path that are parsed otherwise; those share no call in flight. */
  readonly variant?: string;
  /** What a 4xx means to the caller; undefined when it is a refusal like any other. */
  readonly refused?: Refused<T>;
  /** What an answer means that is longer than is read of one; a failure without it. */
  readonly tooLong?: () => T;
}

/** A 4xx is for the caller to judge first; a 404 of CertCentral's own is an absent record. */
export const absent = (status: number, code: string): null | undefined =>
  status === 404 && code.startsWith('not_found') && code !== 'not_found|route' ? null : undefined;

export interface Transport {
  /** Reads JSON. Identical GETs in flight are one. */
  json<T>(request: JsonRequest<T>, call: UpstreamCall): Promise<T>;
  /** Reads CSV piece by piece. Retried until its first piece is there; what breaks later is thrown, since rows were given out. */
  csv(request: ReadRequest, call: UpstreamCall): AsyncIterable<Buffer>;
  /** One attempt, whatever is answered, read whole. */
  plain(request: ReadRequest, call: UpstreamCall): Promise<PlainAnswer>;
  stop(): Promise<void>;
}

/** An answer that nobody has judged yet. */
export interface PlainAnswer {
  readonly status: number;
  /** Of the header, in small letters. */
  readonly headerNames: readonly string[];
  readonly header: (name: string) => string | undefined;
  readonly text: string;
}

export const reportRoute = 'GET /report/order';

/** A 429 costs no attempt, since the budget makes it wait; this only keeps an endless one from running for ever. */
const mostLimited = 20;

export function createTransport(options: TransportOptions): Transport {
  return new HttpTransport(options);
}

/** A report that has begun. */
interface OpenReport {
  readonly first: Buffer;
  readonly pieces: AsyncIterator<Buffer>;
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
      this.#withRetries(request, own, (nth) => this.#readJson(request, own, nth, sent));
    if (request.body !== undefined) return read(call);
    return this.#shared.read(`${request.variant ?? ''} ${request.path}`, request.route, call, (run) =>
      read(run.call, run.sent),
    );
  }

  async *csv(request: ReadRequest, call: UpstreamCall): AsyncGenerator<Buffer> {
    const { first, pieces, end } = await this.#withRetries(request, call, (nth) => this.#openCsv(request, call, nth));
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
      throw asError(request.route, error);
    } finally {
      end(outcome);
    }
  }

  async plain(request: ReadRequest, call: UpstreamCall): Promise<PlainAnswer> {
    const { maxBodyBytes } = this.#options;
    try {
      const { attempt, options } = await this.#begin(request, call, 1);
      try {
        const answer = await this.#readWhole(options, call, attempt, undefined, () => maxBodyBytes);
        const { status, headerNames, header } = answer;
        const text = wholeBody(answer, maxBodyBytes, attempt).toString('utf8');
        attempt.report(status === 200 ? 'ok' : status === 429 ? 'limited' : status < 500 ? 'refused' : 'failed');
        return { status, headerNames: headerNames(), header, text };
      } catch (error) {
        attempt.report(outcomeOf(error));
        throw error;
      }
    } catch (error) {
      throw asError(request.route, error);
    }
  }

  async stop(): Promise<void> {
    await this.#dispatcher.destroy();
  }

  /** Runs attempts until one gives a result, no attempt is left, or the deadline leaves no time for another. */
  async #withRetries<T>(request: ReadRequest, call: UpstreamCall, run: (nth: number) => Promise<T>): Promise<T> {
    const { clock, backoff, attempts, logger } = this.#options;
    const startMs = clock.nowMs();
    let failures = 0;
    let limited = 0;
    for (let nth = 1; ; nth += 1) {
      this.#throwIfOver(request, call, startMs);
      try {
        return await run(nth);
      } catch (error) {
        this.#throwIfOver(request, call, startMs, error);
        if (!(error instanceof CallFailure)) throw asError(request.route, error);
        if (error.kind === 'limited') limited += 1;
        else failures += 1;
        const isOver = !error.isRetryable || failures >= attempts || limited >= mostLimited;
        const waitMs = error.kind === 'limited' ? 0 : backoffMs(backoff, failures);
        const hasTime = clock.nowMs() + waitMs < call.deadline.getTime();
        logger.warn(
          { route: request.route, attempt: nth, reason: error.message, retried: !isOver && hasTime },
          'A call of CertCentral failed.',
        );
        if (isOver || !hasTime) throw asError(request.route, error);
        await clock.sleep(waitMs, call.signal);
      }
    }
  }

  async #readJson<T>(request: JsonRequest<T>, call: UpstreamCall, nth: number, sent?: () => void): Promise<T> {
    const { attempt, options } = await this.#begin(request, call, nth);
    try {
      const answer = await this.#readWhole(options, call, attempt, sent, this.#wantedOfJson);
      const judged = this.#judge(request, answer, attempt, request.refused);
      if (judged !== undefined) {
        attempt.report(judged.value === null ? 'absent' : 'refused');
        return judged.value;
      }
      const wrongType = typeFailure(answer, jsonTypes, 'JSON');
      if (wrongType !== null) throw wrongType;
      if (answer.isCut && request.tooLong !== undefined) {
        attempt.report('failed');
        return request.tooLong();
      }
      const text = wholeBody(answer, this.#options.maxBodyBytes, attempt).toString('utf8');
      if (text.trim() === '') throw new CallFailure('answer', 'its body is empty', { status: answer.status });
      const result = request.parse(parseJson(text, answer.status));
      attempt.report('ok');
      return result;
    } catch (error) {
      attempt.report(outcomeOf(error));
      throw error;
    }
  }

  async #openCsv(request: ReadRequest, call: UpstreamCall, nth: number): Promise<OpenReport> {
    const { attempt, options } = await this.#begin(request, call, nth);
    const over = new AbortController();
    attempt.whenOver(() => over.abort(ended));
    call.ledger.called();
    const response = await this.#dispatcher.request({ ...options, signal: over.signal }).catch((cause: unknown) => {
      throw attempt.broken(cause);
    });
    // Whoever reads the body gets its error; between two reads nobody listens, and that must end no process.
    response.body.on('error', () => undefined);
    const { maxReportBytes } = this.#options;
    const end = (outcome: CallReport['outcome']) => {
      attempt.report(outcome);
      // A body that was read to its end leaves the connection to the next call; any other is closed.
      if (!response.body.readableEnded) response.body.destroy();
    };
    const head: AnswerHead = {
      status: response.statusCode,
      header: (name) => [response.headers[name]].flat()[0],
    };
    try {
      attempt.answered(head.status, head.header);
      if (head.status !== 200) {
        const body = await startOf(response.body, attempt);
        this.#judge(request, { ...head, body, isCut: false, failure: undefined }, attempt);
      }
      const wrongType = typeFailure(head, csvTypes, 'CSV');
      if (wrongType !== null) throw wrongType;
      if (head.header('content-length') === undefined && head.header('transfer-encoding') === undefined) {
        throw new CallFailure('answer', 'nothing in it tells where the report ends', {
          status: head.status,
          isRetryable: false,
        });
      }
      if (Number(head.header('content-length') ?? 0) > maxReportBytes) throw tooLong(head, maxReportBytes);
      const pieces = piecesOf(response.body, attempt, head, maxReportBytes);
      const first = await pieces.next();
      if (first.done === true) throw new CallFailure('answer', 'its body is empty', { status: head.status });
      return { first: first.value, pieces, end };
    } catch (error) {
      end(outcomeOf(error));
      throw error;
    }
  }

  /** Waits for a place in the budget and makes the attempt that fills it. */
  async #begin(
    request: ReadRequest,
    call: UpstreamCall,
    nth: number,
  ): Promise<{ readonly attempt: Attempt; readonly options: Dispatcher.DispatchOptions }> {
    const { budget, breaker, timeouts } = this.#options;
    if (breaker.state === 'open') throw unreachable();
    const grant = await budget.take(call);
    if (!breaker.allows()) {
      grant.unused();
      throw unreachable();
    }
    const isReport = request.route === reportRoute;
    const method = request.body === undefined ? 'GET' : 'POST';
    const options = this.#dispatchOptions(request, method, isReport, grant);
    const totalMs = isReport ? timeouts.reportTotalMs : timeouts.totalMs;
    // The HTTP client knows when a reader of a stream is slower than the connection, and lets time stand still then.
    const phases = isReport ? null : timeouts;
    return {
      attempt: new Attempt(this.#options, { route: request.route, method, totalMs, phases, nth }, call, grant),
      options,
    };
  }

  #dispatchOptions(
    request: ReadRequest,
    method: 'GET' | 'POST',
    isReport: boolean,
    grant: CallGrant,
  ): Dispatcher.DispatchOptions {
    const { userAgent, timeouts } = this.#options;
    return {
      origin: this.#origin,
      path: `${this.#basePath}${request.path}`,
      method,
      headers: {
        'x-dc-devkey': keyToSend(this.#options, request.route, grant),
        'user-agent': userAgent,
        accept: isReport ? 'text/csv' : 'application/json',
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: request.body ?? null,
      headersTimeout: isReport ? timeouts.reportHeadersMs : 0,
      bodyTimeout: isReport ? timeouts.idleBodyMs : 0,
    };
  }

  async #readWhole(
    options: Dispatcher.DispatchOptions,
    call: UpstreamCall,
    attempt: Attempt,
    sent: (() => void) | undefined,
    wantedBytes: (head: AnswerHead) => number,
  ): Promise<WholeAnswer> {
    const reader = new WholeAnswerReader({
      started() {
        attempt.started();
      },
      begun(status, header) {
        attempt.answered(status, header);
        return wantedBytes({ status, header });
      },
      received(bytes) {
        attempt.received(bytes);
      },
    });
    call.ledger.called();
    sent?.();
    this.#dispatcher.dispatch(options, reader);
    attempt.whenOver(() => reader.breakOff());
    try {
      return await reader.answer;
    } catch (cause) {
      throw attempt.broken(cause);
    }
  }

  /** How much of a body is worth reading where JSON was asked for. */
  readonly #wantedOfJson = (head: AnswerHead): number => {
    if (head.status >= 400) return maxErrorBytes;
    return head.status === 200 && typeFailure(head, jsonTypes, 'JSON') === null ? this.#options.maxBodyBytes : 0;
  };

  #judge<T>(
    { route }: ReadRequest,
    answer: JudgedAnswer,
    attempt: Attempt,
    refused?: Refused<T>,
  ): { readonly value: T } | undefined {
    return judgeStatus(answer, attempt, { route, origin: this.#origin, nowMs: this.#options.clock.nowMs(), refused });
  }

  #throwIfOver(request: ReadRequest, call: UpstreamCall, startMs: number, cause?: unknown): void {
    call.signal.throwIfAborted();
    const nowMs = this.#options.clock.nowMs();
    if (nowMs < call.deadline.getTime() || cause instanceof AppError) return;
    throw new GatewayTimeout(request.route, nowMs - startMs, cause === undefined ? {} : { cause });
  }
}

/** Given to every abort, since one without a reason makes an error with a stack; what a caller is told is the attempt's. */
const ended = 'ended';

async function* piecesOf(
  body: AsyncIterable<Buffer>,
  attempt: Attempt,
  head: AnswerHead,
  maxBytes: number,
): AsyncGenerator<Buffer> {
  const pieces = body[Symbol.asyncIterator]();
  for (;;) {
    let next: IteratorResult<Buffer>;
    try {
      next = await pieces.next();
    } catch (cause) {
      throw attempt.broken(cause);
    }
    if (next.done === true) return;
    attempt.bytes += next.value.length;
    if (attempt.bytes > maxBytes) throw tooLong(head, maxBytes);
    yield next.value;
  }
}

/** The beginning of an error's body; an error while reading it changes nothing. */
async function startOf(body: AsyncIterable<Buffer>, attempt: Attempt): Promise<Buffer> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of body) {
      pieces.push(piece);
      attempt.bytes += piece.length;
      if (attempt.bytes > maxErrorBytes) break;
    }
  } catch {
    // The status has been read; the explanation is lost.
  }
  return Buffer.concat(pieces);
}
