import type { Lane } from '@certfolio/core';
import type { Waiting } from './fair-queue.ts';

/** The answer to a request for a slot. */
export interface Asked {
  /** Names the slot; null when there is none. */
  readonly ticket: string | null;
  /** Milliseconds in which not to ask again. */
  readonly restMs: number;
}

/** Where a process asks for the calls of all processes. */
export interface CallGate {
  /** `ask`: every call is asked for. `own`: this process grants by its own log. `hold`: for a moment nobody is granted or refused. */
  readonly mode: 'ask' | 'own' | 'hold';
  /** What is known is about to change: nobody is refused for what it says now. */
  readonly isUnsure: boolean;
  /** That share, as far as is known. */
  readonly processes: number;
  /**
   * Asks for one slot. Never rejects.
   *
   * @param next the highest lane in which others go on waiting when this one is served
   */
  ask(waiter: Waiting, next: Lane | null): Promise<Asked>;
  /** A caller waits in this lane. */
  waits(lane: Lane): void;
  /** A call was granted by the own log; names it. */
  taken(onBehalfOf: string): string;
  answered(ticket: string): void;
  unused(ticket: string): void;
  /** CertCentral has all rest for so long. */
  paused(ms: number): void;
}
