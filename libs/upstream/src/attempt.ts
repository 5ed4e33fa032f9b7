import { GatewayTimeout, type UpstreamCall } from '@certfolio/core';
import { CallFailure, connectionFailure, parseRetryAfter } from './call-failure.ts';
import type { CallGrant } from './budget-port.ts';
import type { CallReport, TransportOptions } from './transport-options.ts';

/** What an attempt needs of the request it is made for. */
export interface AttemptFacts {
  readonly route: string;
  readonly method: string;
  /** From sending to the last byte. */
  readonly totalMs: number;
  /** From the request on the connection to its headers, and from one piece of the body to the next; null where the HTTP client keeps them. */
  readonly phases: { readonly headersMs: number; readonly idleBodyMs: number } | null;
  /** From 1. */
  readonly nth: number;
}

/** A header field of an answer, by lower-case name. */
export type HeaderOf = (name: string) => string | undefined;

type AttemptOptions = Pick<TransportOptions, 'budget' | 'breaker' | 'clock' | 'logger' | 'onCall'>;

/** Nothing came for too long. */
class Stalled extends Error {
  readonly code: 'HEADERS_TIMEOUT' | 'BODY_TIMEOUT';

  constructor(code: Stalled['code']) {
    super('Nothing came for too long.');
    this.code = code;
  }
}

/**
 * One attempt at a call, from its grant to the end of its answer: keeps its time, and tells the budget, the breaker and
 * whoever counts calls what became of it.
 */
export class Attempt {
  readonly #options: AttemptOptions;
  readonly #facts: AttemptFacts;
  readonly #call: UpstreamCall;
  readonly #grant: CallGrant;
  readonly #startMs: number;
  readonly #leftMs: number;
  readonly #endMs: number;
  #cancelTimer: () => void;
  readonly #end = () => {
    this.#isOver = true;
    this.#breakOff();
  };
  /** Bytes of the body so far. */
  bytes = 0;
  #startedMs: number | null = null;
  #heardMs = 0;
  #stalled: Stalled | null = null;
  #status: number | null = null;
  #requestId: string | undefined;
  #isOver = false;
  #isReported = false;
  #breakOff = (): void => undefined;

  constructor(options: AttemptOptions, facts: AttemptFacts, call: UpstreamCall, grant: CallGrant) {
    const { clock } = options;
    this.#options = options;
    this.#facts = facts;
    this.#call = call;
    this.#grant = grant;
    this.#startMs = clock.monotonicMs();
    this.#leftMs = call.deadline.getTime() - clock.nowMs();
    if (call.signal.aborted) this.#isOver = true;
    else call.signal.addEventListener('abort', this.#end);
    this.#endMs = this.#startMs + Math.max(0, Math.min(this.#leftMs, facts.totalMs));
    this.#cancelTimer = this.#lookAt(Number.POSITIVE_INFINITY, this.#startMs);
  }

  /** The caller left, or time is up. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** @param breakOff called once when the attempt is over before it has ended; at once when it is already */
  whenOver(breakOff: () => void): void {
    this.#breakOff = breakOff;
    if (this.#isOver) breakOff();
  }

  /** The request is on its connection. */
  started(): void {
    this.#startedMs = this.#options.clock.monotonicMs();
  }

  /** A piece of the body is there. */
  received(bytes: number): void {
    this.bytes += bytes;
    this.#heardMs = this.#options.clock.monotonicMs();
  }

  /** The headers are there: the call fills its place in the budget from now on, and the service is reachable. */
  answered(status: number, headerOf: HeaderOf): void {
    const { budget, breaker, clock } = this.#options;
    this.#status = status;
    this.#heardMs = clock.monotonicMs();
    this.#requestId = headerOf('x-request-id');
    this.#grant.answered();
    breaker.reached();
    if (status !== 429) budget.accepted(this.#grant);
    else budget.limited(this.#grant, parseRetryAfter(headerOf('retry-after'), clock.nowMs()));
  }

  /** The connection failed, or the attempt was over. Returns what to throw. */
  broken(cause: unknown): unknown {
    const { breaker } = this.#options;
    const isBefore = this.#status === null;
    if (isBefore) this.#grant.answered();
    if (this.#isOver) {
      if (isBefore) {
        breaker.undecided();
        this.report(this.#call.signal.aborted ? 'aborted' : 'timeout');
      }
      return this.#reason();
    }
    breaker.failed();
    if (isBefore) this.report('failed');
    return connectionFailure(this.#stalled ?? cause, isBefore ? 'before' : 'inside');
  }

  /** Says how it ended; only the first time counts. */
  report(outcome: CallReport['outcome']): void {
    if (this.#isReported) return;
    this.#isReported = true;
    this.#cancelTimer();
    this.#call.signal.removeEventListener('abort', this.#end);
    const { clock, logger, onCall } = this.#options;
    const { route, method, nth } = this.#facts;
    const durationMs = clock.monotonicMs() - this.#startMs;
    const report: CallReport = {
      route,
      method,
      status: this.#status,
      atMs: clock.nowMs() - durationMs,
      durationMs,
      waitedMs: this.#grant.waitedMs,
      bytes: this.bytes,
      attempt: nth,
      ...(this.#requestId === undefined ? {} : { requestId: this.#requestId }),
      outcome,
    };
    logger.debug(report, 'Called CertCentral.');
    onCall(report);
    this.#call.ledger.ended(report);
  }

  /** Looks at the latest after the time for which a body may stand still, since that phase may begin at any moment. */
  #lookAt(dueMs: number, nowMs: number): () => void {
    const { phases } = this.#facts;
    const phaseMs = phases === null ? Number.POSITIVE_INFINITY : Math.min(phases.headersMs, phases.idleBodyMs);
    return this.#options.clock.schedule(Math.max(0, Math.min(dueMs - nowMs, phaseMs, this.#endMs - nowMs)), this.#look);
  }

  /** One timer for all phases, which looks how far the answer has come: setting one for each costs more than a small call's JSON. */
  readonly #look = (): void => {
    const nowMs = this.#options.clock.monotonicMs();
    const { phases } = this.#facts;
    // A timer may ring a fraction early.
    if (phases === null || nowMs + 1 >= this.#endMs) return this.#end();
    const isBefore = this.#status === null;
    const dueMs = isBefore ? (this.#startedMs ?? nowMs) + phases.headersMs : this.#heardMs + phases.idleBodyMs;
    if (nowMs + 1 < dueMs) {
      this.#cancelTimer = this.#lookAt(dueMs, nowMs);
      return;
    }
    this.#stalled = new Stalled(isBefore ? 'HEADERS_TIMEOUT' : 'BODY_TIMEOUT');
    this.#breakOff();
  };

  #reason(): unknown {
    const { route, totalMs } = this.#facts;
    if (this.#call.signal.aborted) return this.#call.signal.reason;
    if (this.#leftMs <= totalMs) return new GatewayTimeout(route, this.#leftMs);
    return new CallFailure('connection', `it was not complete within ${totalMs} ms`);
  }
}
