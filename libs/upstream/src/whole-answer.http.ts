import type { Dispatcher } from 'undici';

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

/** An answer in memory. */
export interface WholeAnswer {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  /** In small letters. */
  readonly headerNames: () => readonly string[];
  /** What was read of the body. */
  readonly body: Buffer;
  /** The body is longer than what was wanted of it. */
  readonly isCut: boolean;
  /** Why the body ended before its end; undefined when it did not. */
  readonly failure: unknown;
}

/** Follows an answer on its way in. */
export interface AnswerListener {
  /** The request is on its connection. */
  started(): void;
  /** Returns how many bytes of the body are wanted; what is longer is cut, and its connection closed. */
  begun(status: number, header: WholeAnswer['header']): number;
  received(bytes: number): void;
}

/**
 * Reads an answer into memory straight from the connection. A small call costs half of what it does through undici's
 * `request`, which makes a stream, an abort signal's listener and an async resource for each.
 */
export class WholeAnswerReader implements Dispatcher.DispatchHandler {
  /** Rejects with the failure when no headers came; what fails later stands in the answer. */
  readonly answer: Promise<WholeAnswer>;
  readonly #listener: AnswerListener;
  readonly #resolve: (answer: WholeAnswer) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #pieces: Buffer[] = [];
  #controller: Dispatcher.DispatchController | null = null;
  #head: Pick<WholeAnswer, 'status' | 'header' | 'headerNames'> | null = null;
  #wantedBytes = 0;
  #bytes = 0;
  #isSettled = false;

  constructor(listener: AnswerListener) {
    this.#listener = listener;
    const { promise, resolve, reject } = Promise.withResolvers<WholeAnswer>();
    this.answer = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Nobody waits any more: ends the answer here and closes its connection. */
  breakOff(): void {
    this.#settle(false, brokenOff);
    this.#controller?.abort(brokenOff);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#listener.started();
    // Broken off while it waited for a connection.
    if (this.#isSettled) controller.abort(brokenOff);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (status < 200) return;
    const header = (name: string) => firstOf(headers[name]);
    this.#head = { status, header, headerNames: () => Object.keys(headers) };
    this.#wantedBytes = this.#listener.begun(status, header);
    if (Number(header('content-length') ?? 0) > this.#wantedBytes) this.#cut();
  }

  onResponseData(_controller: Dispatcher.DispatchController, piece: Buffer): void {
    this.#listener.received(piece.length);
    this.#bytes += piece.length;
    this.#pieces.push(piece);
    if (this.#bytes > this.#wantedBytes) this.#cut();
  }

  onResponseEnd(): void {
    this.#settle(false, undefined);
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: unknown): void {
    this.#settle(false, error);
  }

  #cut(): void {
    this.#settle(true, undefined);
    this.#controller?.abort(brokenOff);
  }

  #settle(isCut: boolean, failure: unknown): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const pieces = this.#pieces;
    if (this.#head === null) this.#reject(failure);
    else
      this.#resolve({
        ...this.#head,
        body: pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces),
        isCut,
        failure,
      });
  }
}

/** One for all, since an error of its own would cost a stack trace for each. */
const brokenOff = new Error('Broken off by us.');

const firstOf = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);
