import { performance } from 'node:perf_hooks';
import { Pool } from 'undici';

export interface Target {
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface LoadOrder {
  readonly concurrency: number;
  /** Goes on until both are reached. */
  readonly minMs: number;
  readonly minRequests: number;
  /** Of the next request; never twice the same among those in flight. */
  readonly nextBody: () => string;
}

export interface LoadResult {
  readonly requests: number;
  readonly wallMs: number;
  readonly latenciesMs: readonly number[];
  readonly bytes: number;
  /** Share of the time that this process was busy; near 1 it is the generator that is measured. */
  readonly generatorBusy: number;
}

/** Sends requests over keep-alive connections of its own, one per request in flight. */
export class LoadClient {
  readonly #target: Target;
  readonly #pool: Pool;

  constructor(target: Target) {
    this.#target = target;
    this.#pool = new Pool(target.origin, { connections: 16, pipelining: 1, keepAliveTimeout: 60_000 });
  }

  async run({ concurrency, minMs, minRequests, nextBody }: LoadOrder): Promise<LoadResult> {
    const latenciesMs: number[] = [];
    let bytes = 0;
    let started = 0;
    const busyBefore = performance.eventLoopUtilization();
    const startMs = performance.now();
    const isOver = () => started >= minRequests && performance.now() - startMs >= minMs;
    const worker = async () => {
      while (!isOver()) {
        started += 1;
        const sentMs = performance.now();
        const received = await this.#send(nextBody());
        bytes += received;
        latenciesMs.push(performance.now() - sentMs);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    const wallMs = performance.now() - startMs;
    const generatorBusy = performance.eventLoopUtilization(performance.eventLoopUtilization(), busyBefore).utilization;
    return { requests: latenciesMs.length, wallMs, latenciesMs, bytes, generatorBusy };
  }

  /** The whole answer, for the comparison before the measuring. */
  async read(body: string, headers: Readonly<Record<string, string>> = {}, path = this.#target.path) {
    const answer = await this.#pool.request({
      path,
      method: 'POST',
      headers: { ...this.#target.headers, ...headers },
      body,
    });
    return { status: answer.statusCode, bytes: Buffer.from(await answer.body.arrayBuffer()) };
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  /** Counts the bytes of an answer and drops them. */
  #send(body: string): Promise<number> {
    const { origin } = this.#target;
    return new Promise((resolve, reject) => {
      let bytes = 0;
      this.#pool.dispatch(
        { path: this.#target.path, method: 'POST', headers: this.#target.headers as Record<string, string>, body },
        {
          onRequestStart() {},
          onResponseStart(_controller, status) {
            if (status !== 200) reject(new Error(`An answer has the status ${status}.`));
          },
          onResponseData(_controller, piece) {
            // A refusal may be a 200 too; an answer of ours and of Apollo begins with errors when it has any.
            if (bytes === 0 && piece.subarray(0, 10).includes('errors'))
              reject(new Error(`An answer of ${origin} has errors: ${piece.toString('utf8', 0, 300)}`));
            bytes += piece.length;
          },
          onResponseEnd: () => resolve(bytes),
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
  }
}
