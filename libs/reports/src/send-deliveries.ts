import { AppError } from '@certfolio/core';
import { DeliveryFailed } from './delivery-failed.ts';
import type { Delivery } from './destination.ts';
import type { RunParts } from './run-report.ts';
import type { Run, RunDelivery, RunStore } from './run-store.ts';
import { untilWritten } from './until-written.ts';

export interface SendSignals {
  /** Stops before the next recipient, and what is under way. */
  readonly work: AbortSignal;
  /** Gives up writing down what was done: the process is stopping. */
  readonly stopping: AbortSignal;
}

export interface ResolvedTarget {
  readonly destination: string;
  readonly recipient: string;
}

/** Who is to get it. A destination that is configured no longer is a failure, and keeps nobody else from theirs. */
export function targetsOf(
  { destinations }: Pick<RunParts, 'destinations'>,
  to: readonly { readonly destination: string; readonly recipients: readonly string[] | null }[],
): { readonly targets: readonly ResolvedTarget[]; readonly unknown: AppError | null } {
  const targets: ResolvedTarget[] = [];
  let unknown: AppError | null = null;
  for (const { destination, recipients } of to) {
    const found = destinations.get(destination);
    if (found === undefined) unknown ??= notConfigured(destination);
    else for (const recipient of recipients ?? found.recipients) targets.push({ destination, recipient });
  }
  return { targets, unknown };
}

/** Sends to all who have not got it; one who fails keeps nobody else from theirs. @returns the failures, those that may pass first */
export async function sendAll(
  parts: RunParts,
  run: Run,
  delivery: Delivery,
  kind: RunDelivery['kind'],
  signals: SendSignals,
): Promise<readonly AppError[]> {
  const failures: AppError[] = [];
  for (const each of await parts.runs.deliveries(run.id)) {
    if (each.kind !== kind || each.state === 'delivered') continue;
    const failure = await sendOne(parts, run, delivery, each, signals);
    if (failure !== null) failures.push(failure);
  }
  // One that may pass decides that the run is tried again.
  return failures.toSorted((a, b) => Number(isTransient(b)) - Number(isTransient(a)));
}

async function sendOne(
  { runs, destinations, clock, logger }: RunParts,
  run: Run,
  delivery: Delivery,
  { kind, destination, recipient, state, error }: RunDelivery,
  signals: SendSignals,
): Promise<AppError | null> {
  const found = destinations.get(destination);
  // What was sent is written down however long the database is away: otherwise nobody would know that it was.
  const note = (change: Parameters<RunStore['noteDelivery']>[4]) =>
    untilWritten(() => runs.noteDelivery(run.id, kind, destination, recipient, change), {
      clock,
      signal: signals.stopping,
    });
  const nothing = { reference: null, bytes: null };
  if (found === undefined) return notConfigured(destination);
  if (state === 'unconfirmed') return unconfirmed(destination);
  if (state === 'sending' && found.onUnconfirmed === 'tell') {
    const failure = unconfirmed(destination);
    await note({ state: 'unconfirmed', error: failure.message, ...nothing });
    return failure;
  }
  // What was refused for good is not asked for again.
  if (state === 'failed' && error !== null && error.startsWith(forGood))
    return new DeliveryFailed(destination, error.slice(forGood.length), { isTransient: false });
  signals.work.throwIfAborted();
  await runs.noteDelivery(run.id, kind, destination, recipient, { state: 'sending', error: null, ...nothing });
  const idempotencyKey = `${run.id}/${kind}/${destination}/${recipient}`;
  const options = { recipient, idempotencyKey, nowMs: clock.nowMs(), signal: signals.work };
  const sent = await found.send(delivery, options).catch((cause: unknown) => {
    if (cause instanceof AppError) return cause;
    logger.error({ err: cause, runId: run.id, destination }, 'A delivery failed unexpectedly.');
    return new DeliveryFailed(destination, 'something unexpected went wrong on our side', { isTransient: true, cause });
  });
  if (sent instanceof AppError) {
    await note({ state: 'failed', error: `${isTransient(sent) ? '' : forGood}${sent.message}`, ...nothing });
    return sent;
  }
  await note({ state: 'delivered', reference: sent.reference, bytes: sent.bytes, error: null });
  return null;
}

/** Begins the error of a delivery that no further attempt will change. */
const forGood = 'For good: ';

function notConfigured(destination: string): DeliveryFailed {
  return new DeliveryFailed(destination, 'the configuration has no destination of this name', { isTransient: false });
}

function unconfirmed(destination: string): DeliveryFailed {
  const reason = 'the process ended while it was being sent, so nobody knows whether it arrived; it is not sent twice';
  return new DeliveryFailed(destination, reason, { isTransient: false });
}

/** Whether another attempt may do better. */
export function isTransient(error: unknown): boolean {
  if (error instanceof DeliveryFailed) return error.isTransient;
  return !(error instanceof AppError) || error.entry.retry;
}
