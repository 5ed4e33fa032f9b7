import type { Clock, Logger } from '@certfolio/core';
import type { Pool } from '@certfolio/database';
import { deleteHistory } from './history.postgres.ts';
import type { MirrorSettings, MirrorSync } from './sync.ts';

export interface LoopOptions {
  readonly sync: Pick<MirrorSync, 'round' | 'backfillStep'>;
  readonly pool: Pool;
  readonly upstreamId: number;
  readonly settings: MirrorSettings;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

const mostBackoffMs = 120_000;
/** Between two looks whether the backfill has something to do, and room for it. */
const restMs = 5_000;
const retentionMs = 60 * 60_000;
const dayMs = 86_400_000;

/** Rounds until the signal aborts. After failures they come less often, at least every two minutes or as often as told. */
export async function keepRounds(options: LoopOptions, signal: AbortSignal): Promise<void> {
  const { sync, settings, clock, random, logger } = options;
  const roundMs = settings.roundSeconds * 1_000;
  let failures = 0;
  let retainedMs = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    try {
      // After a reading something else may be due at once.
      for (let kind = await sync.round(); kind !== 'none' && kind !== 'elsewhere' && !signal.aborted;)
        kind = await sync.round();
      failures = 0;
      if (clock.monotonicMs() - retainedMs >= retentionMs) {
        retainedMs = clock.monotonicMs();
        await retain(options);
      }
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      logger.warn({ reason: reasonOf(error), failures }, 'A round of the mirror failed; it is tried again.');
    }
    const pauseMs = Math.min(roundMs * 2 ** Math.min(10, Math.max(0, failures - 1)), Math.max(roundMs, mostBackoffMs));
    await rest(clock, pauseMs * (0.9 + 0.2 * random()), signal);
  }
}

/** Steps of the backfill until the signal aborts. */
export async function keepFilling({ sync, settings, clock, logger }: LoopOptions, signal: AbortSignal): Promise<void> {
  const paceMs = 1_000 / settings.backfillCallsPerSecond;
  await rest(clock, settings.backfillAfterSeconds * 1_000, signal);
  while (!signal.aborted) {
    let done = 0;
    try {
      done = await sync.backfillStep();
    } catch (error) {
      if (signal.aborted) return;
      logger.warn({ reason: reasonOf(error) }, 'The backfill of the mirror failed; it is tried again.');
    }
    await rest(clock, done === 0 ? restMs : done * paceMs, signal);
  }
}

async function retain({ pool, upstreamId, settings, clock, logger }: LoopOptions): Promise<void> {
  const before = new Date(clock.nowMs() - settings.historyDays * dayMs);
  const deleted = await deleteHistory(pool, upstreamId, before);
  if (deleted > 0) logger.info({ deleted, before }, 'Old changes of orders were deleted.');
}

/** Ends early, and without a failure, when the signal aborts. */
async function rest(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  await clock.sleep(ms, signal).catch(() => undefined);
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
