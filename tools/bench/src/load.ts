import { performance } from 'node:perf_hooks';
import { Pool } from 'undici';
import { LoadConnection } from './load-connection.ts';

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

/** Sends requests over kept connections, one per request in flight. */
export class LoadClient {
  readonly #targets: readonly Target[];
  readonly #pool: Pool;

  /** @param targets servers of one variant, which get the same number of connections */
  constructor(...targets: readonly [Target, ...Target[]]) {
    this.#targets = targets;
    this.#pool = new Pool(targets[0].origin, { connections: 16, pipelining: 1, keepAliveTimeout: 60_000 });
  }

  async run({ concurrency, minMs, minRequests, nextBody }: LoadOrder): Promise<LoadResult> {
    const latenciesMs: number[] = [];
    let bytes = 0;
    let started = 0;
    const busyBefore = performance.eventLoopUtilization();
    const startMs = performance.now();
    const isOver = () => started >= minRequests && performance.now() - startMs >= minMs;
    // Of their own for each run: a server closes those that rest between two.
    const connections = Array.from({ length: concurrency }, (_, index) => {
      const target = this.#targets[index % this.#targets.length]!;
      return { connection: new LoadConnection(target.origin), head: headOf(target) };
    });
    const worker = async ({ connection, head }: (typeof connections)[number]) => {
      while (!isOver()) {
        started += 1;
        const sentMs = performance.now();
        bytes += await connection.send(requestOf(head, nextBody()));
        latenciesMs.push(performance.now() - sentMs);
      }
    };
    try {
      await Promise.all(connections.map(worker));
    } finally {
      for (const { connection } of connections) connection.close();
    }
    const wallMs = performance.now() - startMs;
    const generatorBusy = performance.eventLoopUtilization(performance.eventLoopUtilization(), busyBefore).utilization;
    return { requests: latenciesMs.length, wallMs, latenciesMs, bytes, generatorBusy };
  }

  /** The whole answer, for the comparison before the measuring. */
  async read(body: string, headers: Readonly<Record<string, string>> = {}, path = this.#targets[0]!.path) {
    const answer = await this.#pool.request({
      path,
      method: 'POST',
      headers: { ...this.#targets[0]!.headers, ...headers },
      body,
    });
    return { status: answer.statusCode, bytes: Buffer.from(await answer.body.arrayBuffer()) };
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

/** Fields of every request. */
function headOf({ origin, path, headers }: Target): string {
  const fields = Object.entries({ host: new URL(origin).host, ...headers });
  return `POST ${path} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}`;
}

const requestOf = (head: string, body: string) => `${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
