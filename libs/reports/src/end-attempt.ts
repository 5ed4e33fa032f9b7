import { AppError, ServiceUnavailable } from '@certfolio/core';
import { whyUnreachable } from '@certfolio/database';
import { failureOf } from './delivery-of-run.ts';
import type { Lease } from './keep-lease.ts';
import type { RunParts } from './run-report.ts';
import type { Run, RunEnd } from './run-store.ts';
import { isTransient, sendAll, targetsOf } from './send-deliveries.ts';
import { untilWritten } from './until-written.ts';

/** The owner is told of a failed run within this time, or not at all. */
const noticeMs = 60_000;

/** Ends a run that did what it was to do. */
export async function endWell(
  parts: RunParts,
  run: Run,
  end: Pick<RunEnd, 'reason'> & { readonly state: 'delivered' | 'nothing_to_send' },
  stopping: AbortSignal,
): Promise<void> {
  if (await finish(parts, run, { ...end, errorCode: null }, stopping)) await noteOutcome(parts, run, null, stopping);
}

/** After an attempt that failed: another one later where that may help, else the end, with its cause. */
export async function endAttempt(
  parts: RunParts,
  run: Run,
  error: unknown,
  { lease, stopping }: { readonly lease: Lease; readonly stopping: AbortSignal },
): Promise<void> {
  const { runs, clock, logger, settings } = parts;
  // What this process would write down could be wrong.
  if (lease.isTaken()) return;
  if (stopping.aborted && isTransient(error)) {
    await runs.release(run, new Date(clock.nowMs()), 'The process that worked at it stopped.', 'SERVICE_UNAVAILABLE');
    return;
  }
  const failure = lease.doubt() ?? causeOf(error);
  if (!(error instanceof AppError)) logger.error({ err: error, runId: run.id }, 'A run broke off.');
  if (!isTransient(failure) || run.attempts > run.definition.retries) return fail(parts, run, failure, stopping);
  const waitMs = Math.min(
    settings.maxRetryMs,
    Math.max(failure.retryAfterMs ?? 0, settings.retryMs * 2 ** (run.attempts - 1)),
  );
  await untilWritten(() => runs.release(run, new Date(clock.nowMs() + waitMs), failure.message, failure.code), {
    clock,
    signal: stopping,
  });
}

/** Ends a run for good. The owner is told of the first failure, then whenever their number has doubled, and of a pause for them. */
export async function fail(parts: RunParts, run: Run, failure: AppError, stopping: AbortSignal): Promise<void> {
  const { message: reason, code } = failure;
  if (!(await finish(parts, run, { state: 'failed', reason, errorCode: code }, stopping))) return;
  parts.logger.error({ runId: run.id, schedule: run.schedule, code, reason }, 'A run failed.');
  await noteOutcome(parts, run, failure, stopping);
}

function causeOf(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const reason = whyUnreachable(error);
  return new ServiceUnavailable(
    reason === null ? 'The run broke off.' : `The database could not be reached (${reason}).`,
    { cause: error },
  );
}

/** False when the run is another process's by now. */
async function finish({ runs, clock, onEnded }: RunParts, run: Run, end: RunEnd, stopping: AbortSignal) {
  const isOurs = await untilWritten(() => runs.finish(run, end), { clock, signal: stopping });
  if (isOurs) onEnded(run, end.state);
  return isOurs;
}

async function noteOutcome(parts: RunParts, run: Run, failure: AppError | null, stopping: AbortSignal): Promise<void> {
  const { runs, clock, logger } = parts;
  const { definition, scheduleId } = run;
  if (scheduleId === null) return;
  // A run by hand says nothing of the schedule.
  if (run.trigger === 'manual' && failure === null) return;
  const { failures, paused } = await untilWritten(
    () => runs.noteOutcome(scheduleId, failure !== null, definition.pauseAfterFailures),
    { clock, signal: stopping },
  );
  if (failure === null || definition.onFailure === null) return;
  const isTold = paused || Number.isInteger(Math.log2(failures));
  if (!isTold) return;
  const { targets } = targetsOf(parts, [definition.onFailure]);
  await untilWritten(() => runs.expectDeliveries(run.id, 'failure', targets), { clock, signal: stopping });
  const notice = failureOf(run, failure, { failures, paused, link: parts.linkOf(run.id) });
  const untold = await sendAll(parts, run, notice, 'failure', { work: AbortSignal.timeout(noticeMs), stopping });
  for (const each of untold)
    logger.error({ runId: run.id, reason: each.message }, 'Nobody could be told of a failed run.');
}
