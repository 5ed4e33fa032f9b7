import type { Clock, Logger, RequestRecorder } from '@certfolio/core';
import type { AuditStore } from './audit-store.ts';
import { createAuditTrail, type AuditTrail } from './audit-trail.ts';
import { createAuditWriter } from './audit-writer.ts';
import { createEntryMaker } from './entry-of-record.ts';
import { createUnknownKeys } from './unknown-keys.ts';

/** The audit log of one process: what it is told goes into the chain that all processes share. */
export interface AuditLog extends AuditTrail {
  readonly record: RequestRecorder;
  /** A request without a valid key. */
  unknownKey(refusal: { readonly from: string; readonly isKeyGiven: boolean }): void;
  pending(): number;
  dropped(): number;
  /** Null when entries are being written, else a sentence. */
  problem(): string | null;
  /** Writes in the background and removes what is older than retention says, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export interface AuditLogOptions {
  readonly store: AuditStore;
  readonly retentionDays: number;
  readonly codeOf: (error: unknown) => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const dayMs = 86_400_000;
/** Retention looks this often. */
const retentionEveryMs = 3_600_000;
const unknownKeysEveryMs = 10_000;

export function createAuditLog({ store, retentionDays, codeOf, clock, logger }: AuditLogOptions): AuditLog {
  const writer = createAuditWriter({ store, clock, logger });
  const trail = createAuditTrail({ store, writer, codeOf, clock, logger });
  const unknownKeys = createUnknownKeys();
  const entryOf = createEntryMaker();
  const tellUnknownKeys = (isLast: boolean) => {
    for (const entry of unknownKeys.take(clock.nowMs(), isLast)) writer.note(entry);
  };

  async function repeat(everyMs: number, signal: AbortSignal, work: () => void | Promise<void>): Promise<void> {
    while (!signal.aborted) {
      await work();
      await clock.sleep(everyMs, signal).catch(() => undefined);
    }
  }

  async function retain(): Promise<void> {
    try {
      const removed = await store.removeBefore(
        new Date(clock.nowMs() - retentionDays * dayMs),
        new Date(clock.nowMs()),
      );
      if (removed > 0) logger.info({ removed, retentionDays }, 'The oldest part of the audit log was removed.');
    } catch (error) {
      logger.warn({ reason: String(error) }, 'The oldest part of the audit log could not be removed; later again.');
    }
  }

  return {
    act: (act, work) => trail.act(act, work),
    record: (record) => writer.note(entryOf(record)),
    unknownKey: (refusal) => unknownKeys.note(refusal, clock.nowMs()),
    pending: () => writer.pending(),
    dropped: () => writer.dropped(),
    problem: () =>
      writer.problem() === null
        ? null
        : `The audit log cannot be written: ${writer.pending()} entries wait, ${writer.dropped()} were lost. Administrative acts are refused.`,
    async run(signal) {
      await Promise.all([
        writer.run(signal),
        repeat(unknownKeysEveryMs, signal, () => tellUnknownKeys(false)),
        repeat(retentionEveryMs, signal, retain),
      ]);
      tellUnknownKeys(true);
      await writer.flush();
    },
  };
}
