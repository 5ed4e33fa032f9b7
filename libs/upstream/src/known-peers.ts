import type { LogState, Peer } from './shared-log.ts';

/**
 * Whom one process shares with, and into how many parts it divides the limit without the log. All parts together must
 * never be more than the whole, whoever loses the log first. So a new process has no part until all others divide by it
 * as well, and a process that divides by less has told so before.
 */
export class KnownPeers {
  readonly #process: string;
  readonly #silentMs: number;
  #others: readonly Peer[] = [];
  #count = 1;
  /** As others surely know it; 0 without a part. */
  #told = 0;
  /** To be told with the next message. */
  #telling = 0;

  constructor(process: string, silentMs: number) {
    this.#process = process;
    this.#silentMs = silentMs;
  }

  /** This process included. */
  get count(): number {
    return this.#count;
  }

  /** To be told. */
  get telling(): number {
    return this.#telling;
  }

  /** Others do not know yet what this process knows. */
  get hasNews(): boolean {
    return this.#telling !== this.#told;
  }

  /** By which this process divides; null while it has no part. */
  get divisor(): number | null {
    return this.#told === 0 ? null : Math.max(this.#told, this.#telling);
  }

  adopt({ peers }: LogState): void {
    this.#count = peers.length;
    this.#others = peers.filter(({ process }) => process !== this.#process);
    const isAgreed = this.#others.every(({ divisor }) => divisor === 0 || divisor >= peers.length);
    if (this.#told > 0 || isAgreed) this.#telling = peers.length;
  }

  /** A message with this divisor arrived. */
  told(divisor: number): void {
    this.#told = divisor;
  }

  /** For the log, should it have lost them: since they were seen last they may have begun to call by their part. */
  toJoin(): readonly Peer[] {
    return this.#others.map((peer) => ({ ...peer, silentForMs: Math.max(this.#silentMs + 1, peer.silentForMs) }));
  }
}
