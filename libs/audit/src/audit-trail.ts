import { ServiceUnavailable, type Clock, type Logger, type Principal } from '@certfolio/core';
import type { ActEntry } from './audit-entry.ts';
import type { AuditStore } from './audit-store.ts';
import type { AuditWriter } from './audit-writer.ts';
import { EntryLines } from './entry-lines.ts';
import { maskValues } from './mask.ts';

/** An administrative act: who does what, with which arguments. */
export interface Act {
  readonly principal: Principal;
  readonly requestId: string;
  /** Name of the mutation, or of the door. */
  readonly act: string;
  /** As they were given; what is secret is masked here. */
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** An act that had begun to answer and did not come to its end. */
export class ActCutShort extends Error {
  /** What the audit log says of how it ended. */
  readonly outcome: string;

  constructor(outcome: string, options?: { readonly cause?: unknown }) {
    super(`The act was cut short: ${outcome}.`, options);
    this.name = 'ActCutShort';
    this.outcome = outcome;
  }
}

/** Nothing is administered without a trace. */
export interface AuditTrail {
  /**
   * Writes that the act begins, does it, and writes how it ended. What is written before it stands even when the process dies.
   *
   * @throws ServiceUnavailable when the entry before the act cannot be written; the act is not done then
   * @throws what the act throws
   */
  act<T>(act: Act, work: () => T | Promise<T>): Promise<T>;
}

export interface AuditTrailOptions {
  readonly store: Pick<AuditStore, 'append'>;
  /** Takes the entry that tells how an act ended when the database does not. */
  readonly writer: Pick<AuditWriter, 'note'>;
  /** The code that callers are told; for errors that are none of ours as well. */
  readonly codeOf: (error: unknown) => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function createAuditTrail({ store, writer, codeOf, clock, logger }: AuditTrailOptions): AuditTrail {
  return {
    async act({ principal, requestId, act, arguments: values }, work) {
      const entry = (phase: ActEntry['phase'], outcome: string | null): ActEntry => ({
        kind: 'act',
        at: new Date(clock.nowMs()).toISOString(),
        requestId,
        keyId: principal.keyId,
        keyName: principal.keyName,
        owner: principal.owner,
        act,
        phase,
        arguments: phase === 'begins' ? maskValues(values) : {},
        outcome,
      });
      try {
        await store.append(EntryLines.of(entry('begins', null)));
      } catch (cause) {
        throw new ServiceUnavailable(
          `"${act}" is not done: the audit log cannot be written, and nothing is administered without it.`,
          { cause, retryAfterMs: 1_000 },
        );
      }
      const tell = async (outcome: string) => {
        const ended = entry('ended', outcome);
        await store.append(EntryLines.of(ended)).catch((error: unknown) => {
          logger.warn({ act, requestId, reason: String(error) }, 'How an act ended is written to the audit log later.');
          writer.note(ended);
        });
      };
      try {
        const result = await work();
        await tell('ok');
        return result;
      } catch (error) {
        await tell(error instanceof ActCutShort ? error.outcome : codeOf(error));
        throw error;
      }
    },
  };
}
