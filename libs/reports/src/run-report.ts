import { AppError, ServiceUnavailable, type Clock, type Logger } from '@certfolio/core';
import { whatToSend } from './condition.ts';
import { deliveryOf, failureOf } from './delivery-of-run.ts';
import { DeliveryFailed } from './delivery-failed.ts';
import type { Delivery, DeliveryFile, Destination } from './destination.ts';
import { differenceOf, NotComparable, type Snapshot } from './difference.ts';
import { differenceName, differenceTable } from './difference-file.ts';
import { readSnapshot, snapshotMediaType, snapshotName, writeSnapshot } from './snapshot-file.ts';
import type { Run, RunDelivery, RunEnd, RunFile, RunStore, SnapshotFacts } from './run-store.ts';
import type { RunExporter, TemplateRunner } from './template-runner.ts';

export interface RunParts {
  readonly runs: RunStore;
  readonly templates: TemplateRunner;
  readonly exporter: RunExporter;
  /** By the names of the configuration. */
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where a run can be seen; null where no address is known. */
  readonly linkOf: (runId: string) => string | null;
  /** Told of every run that ended; must not wait for anything. */
  readonly onEnded: (run: Run, state: RunEnd['state']) => void;
  readonly settings: RunSettings;
}

export interface RunSettings {
  /** A run whose process did not say for so long that it is alive is taken by another. */
  readonly leaseMs: number;
  /** Between the first attempt and the second; doubled each time. */
  readonly retryMs: number;
  readonly maxRetryMs: number;
}

/**
 * One attempt at a claimed run, top to bottom: rows, difference, condition, files, deliveries, end. What an earlier attempt
 * has done stays done, so an attempt after a crash goes on where that one stopped and sends nothing a second time.
 *
 * @param signal stops the attempt; the run goes back into the queue
 */
export async function runReport(parts: RunParts, run: Run, signal: AbortSignal): Promise<void> {
  const { logger } = parts;
  const lease = keepLease(parts, run, signal);
  try {
    const facts = run.facts ?? (await takeRows(parts, run, lease.signal));
    const decision = await decide(parts, run, facts);
    if (!decision.send) {
      await finish(parts, run, { state: 'nothing_to_send', reason: decision.reason, errorCode: null });
      await noteOutcome(parts, run, null);
      return;
    }
    await makeFiles(parts, run, facts);
    const failure = await deliver(parts, run, facts, lease.signal);
    if (failure !== null) throw failure;
    await finish(parts, run, { state: 'delivered', reason: null, errorCode: null });
    await noteOutcome(parts, run, null);
    logger.info({ runId: run.id, schedule: run.schedule, rows: facts.rows }, 'A report was delivered.');
  } catch (error) {
    await endAttempt(parts, run, error, lease.isLost());
  } finally {
    lease.stop();
  }
}

async function finish({ runs, onEnded }: RunParts, run: Run, end: RunEnd): Promise<void> {
  await runs.finish(run.id, end);
  onEnded(run, end.state);
}

/** Says in time that the run is being worked at; aborts when another process has it. */
function keepLease({ runs, settings, clock, logger }: RunParts, run: Run, signal: AbortSignal) {
  const lost = new AbortController();
  const stopped = new AbortController();
  const work = AbortSignal.any([signal, lost.signal]);
  void (async () => {
    let confirmedMs = clock.monotonicMs();
    while (!stopped.signal.aborted) {
      await clock.sleep(settings.leaseMs / 3, stopped.signal).catch(() => undefined);
      if (stopped.signal.aborted) return;
      const isKept = await runs.keepLease(run.id, run.attempts, settings.leaseMs).catch(() => null);
      if (isKept === true) confirmedMs = clock.monotonicMs();
      // A database that does not answer may have given the run away once the lease is over.
      const isOver = isKept === false || clock.monotonicMs() - confirmedMs >= settings.leaseMs;
      if (isOver) {
        logger.warn({ runId: run.id }, 'A run was taken by another process; this one stops.');
        lost.abort(new Error('The run was taken by another process.'));
        return;
      }
    }
  })();
  return { signal: work, isLost: () => lost.signal.aborted, stop: () => stopped.abort() };
}

async function takeRows(parts: RunParts, run: Run, signal: AbortSignal): Promise<SnapshotFacts> {
  const { runs, templates } = parts;
  const { definition, keyId, slot, id: runId, schedule } = run;
  const { template, variables, zone, maxAgeSeconds } = definition;
  const running = await templates.start({
    runId,
    schedule,
    template,
    variables,
    keyId,
    slot,
    zone,
    maxAgeSeconds,
    signal,
  });
  const writer = writeSnapshot(running.rows());
  await runs.writeFile(runId, snapshotName, snapshotMediaType, writer.content);
  const facts = { ...running.facts(), rows: writer.rows(), difference: null };
  const rowsHash = writer.hash();
  const difference = await compare(parts, run, facts);
  const noted = { ...facts, difference };
  await runs.noteSnapshot(runId, noted, rowsHash);
  return noted;
}

/** Compares with the last run that ended well, and keeps what differs as a file. */
async function compare(
  { runs, exporter, logger }: RunParts,
  run: Run,
  facts: SnapshotFacts,
): Promise<SnapshotFacts['difference']> {
  const previous = await runs.previousOf(run);
  const key = run.definition.key ?? facts.columns.slice(0, 1).map(({ title }) => title);
  if (previous?.facts == null) return null;
  const before = snapshotOf(runs, previous.id, previous.facts);
  try {
    const { rows, ...counts } = await differenceOf(before, snapshotOf(runs, run.id, facts), key);
    const found = { ...counts, comparedWith: previous.id };
    if (counts.added + counts.removed + counts.changed > 0) {
      const titles = facts.columns.map(({ title }) => title);
      const table = differenceTable(titles, before.columns, rows);
      await runs.writeFile(run.id, differenceName, 'text/csv; charset=utf-8', exporter.csv(table.columns, table.rows));
    }
    return found;
  } catch (error) {
    if (!(error instanceof NotComparable)) throw error;
    logger.info({ runId: run.id, reason: error.message }, 'A run was not compared with the last one.');
    return null;
  }
}

function snapshotOf(runs: RunStore, runId: string, { columns }: SnapshotFacts): Snapshot {
  return { columns: columns.map(({ title }) => title), rows: () => readSnapshot(runs.readFile(runId, snapshotName)) };
}

async function decide({ runs }: RunParts, run: Run, { rows }: SnapshotFacts): Promise<ReturnType<typeof whatToSend>> {
  // Who asks for a run now wants to see it.
  if (run.trigger === 'manual') return { send: true };
  const { rowsHash } = (await runs.find(run.id))!;
  const previous = await runs.previousOf(run);
  return whatToSend(run.definition.condition, {
    rows,
    rowsHash: rowsHash!,
    previousRowsHash: previous?.rowsHash ?? null,
  });
}

async function makeFiles({ runs, exporter }: RunParts, run: Run, facts: SnapshotFacts): Promise<void> {
  const existing = new Set((await runs.files(run.id)).map(({ name }) => name));
  for (const format of run.definition.formats) {
    const refusal = exporter.refusalOf(format, facts);
    if (refusal !== null) throw new AppError('EXPORT_FAILED', `The report is not given as ${format}: ${refusal}.`);
    const rows = readSnapshot(runs.readFile(run.id, snapshotName));
    const { extension, mediaType, content } = exporter.write(format, facts, rows);
    const name = `${fileBase(run, facts)}.${extension}`;
    if (!existing.has(name)) await runs.writeFile(run.id, name, mediaType, content);
  }
}

/** `expiring-soon-2026-11-23T0700Z`. */
function fileBase({ slot }: Run, { template }: SnapshotFacts): string {
  const [day, time] = slot.toISOString().split('T') as [string, string];
  return `${template.name}-${day}T${time.slice(0, 5).replace(':', '')}Z`;
}

/** Files that recipients get: what the formats made, and the difference. */
async function filesToSend({ runs }: RunParts, runId: string): Promise<readonly DeliveryFile[]> {
  const files = (await runs.files(runId)).filter(({ name }) => name !== snapshotName);
  return files.map((file: RunFile) => ({ ...file, open: () => runs.readFile(runId, file.name) }));
}

/** @returns the first failure; null when everybody has it */
async function deliver(parts: RunParts, run: Run, facts: SnapshotFacts, signal: AbortSignal): Promise<AppError | null> {
  const { definition, onlyFor } = run;
  const { targets, unknown } = targetsOf(parts, definition.to);
  const wanted = onlyFor === null ? targets : targets.filter(({ recipient }) => recipient === onlyFor);
  await parts.runs.expectDeliveries(run.id, 'report', wanted);
  const link = parts.linkOf(run.id);
  const delivery = deliveryOf(run, facts, {
    files: await filesToSend(parts, run.id),
    link,
    excerpt: await excerptOf(parts, run, facts),
  });
  const failures = await sendAll(parts, run, delivery, 'report', signal);
  return unknown ?? failures[0] ?? null;
}

/** The first rows, for those who read the message and not the file. */
const excerptRows = 20;

async function excerptOf(
  { runs }: RunParts,
  run: Run,
  facts: SnapshotFacts,
): Promise<NonNullable<Delivery['excerpt']>> {
  const rows: string[][] = [];
  for await (const row of readSnapshot(runs.readFile(run.id, snapshotName))) {
    rows.push(row.map((cell) => (cell === null ? '' : typeof cell === 'object' ? cell.join(', ') : String(cell))));
    if (rows.length === excerptRows) break;
  }
  return { columns: facts.columns.map(({ title }) => title), rows };
}

interface ResolvedTarget {
  readonly destination: string;
  readonly recipient: string;
}

/** Who is to get it. A destination that is configured no longer is a failure, and keeps nobody else from theirs. */
function targetsOf(
  { destinations }: RunParts,
  to: readonly { readonly destination: string; readonly recipients: readonly string[] | null }[],
): { readonly targets: readonly ResolvedTarget[]; readonly unknown: AppError | null } {
  const targets: ResolvedTarget[] = [];
  let unknown: AppError | null = null;
  for (const { destination, recipients } of to) {
    const found = destinations.get(destination);
    if (found === undefined)
      unknown ??= new DeliveryFailed(destination, 'the configuration has no destination of this name', {
        isTransient: false,
      });
    else for (const recipient of recipients ?? found.recipients) targets.push({ destination, recipient });
  }
  return { targets, unknown };
}

/** Sends to all who have not got it; one who fails keeps nobody else from theirs. */
async function sendAll(
  parts: RunParts,
  run: Run,
  delivery: Delivery,
  kind: RunDelivery['kind'],
  signal: AbortSignal,
): Promise<readonly AppError[]> {
  const failures: AppError[] = [];
  for (const each of await parts.runs.deliveries(run.id)) {
    if (each.kind !== kind || each.state === 'delivered') continue;
    const failure = await sendOne(parts, run, delivery, each, signal);
    if (failure !== null) failures.push(failure);
  }
  // One that may pass comes first: it decides whether the run is tried again.
  return failures.toSorted((a, b) => Number(isTransient(b)) - Number(isTransient(a)));
}

async function sendOne(
  { runs, destinations, clock, logger }: RunParts,
  run: Run,
  delivery: Delivery,
  { kind, destination, recipient, state, error }: RunDelivery,
  signal: AbortSignal,
): Promise<AppError | null> {
  const found = destinations.get(destination);
  const note = (change: Parameters<RunStore['noteDelivery']>[4]) =>
    runs.noteDelivery(run.id, kind, destination, recipient, change);
  const nothing = { reference: null, bytes: null };
  if (found === undefined)
    return new DeliveryFailed(destination, 'the configuration has no destination of this name', { isTransient: false });
  if (state === 'unconfirmed') return unconfirmed(destination);
  if (state === 'sending' && found.onUnconfirmed === 'tell') {
    const failure = unconfirmed(destination);
    await note({ state: 'unconfirmed', error: failure.message, ...nothing });
    return failure;
  }
  // What was refused for good is not asked for again.
  if (state === 'failed' && error !== null && error.startsWith(forGood))
    return new DeliveryFailed(destination, error.slice(forGood.length), { isTransient: false });
  signal.throwIfAborted();
  await note({ state: 'sending', error: null, ...nothing });
  try {
    const idempotencyKey = `${run.id}/${kind}/${destination}/${recipient}`;
    const { reference, bytes } = await found.send(delivery, {
      recipient,
      idempotencyKey,
      nowMs: clock.nowMs(),
      signal,
    });
    await note({ state: 'delivered', reference, bytes, error: null });
    return null;
  } catch (cause) {
    const failure =
      cause instanceof AppError
        ? cause
        : new DeliveryFailed(destination, 'something unexpected went wrong on our side', { isTransient: true, cause });
    if (!(cause instanceof AppError))
      logger.error({ err: cause, runId: run.id, destination }, 'A delivery failed unexpectedly.');
    await note({ state: 'failed', error: `${isTransient(failure) ? '' : forGood}${failure.message}`, ...nothing });
    return failure;
  }
}

/** Begins the error of a delivery that no further attempt will change. */
const forGood = 'For good: ';

function unconfirmed(destination: string): DeliveryFailed {
  const reason = 'the process ended while it was being sent, so nobody knows whether it arrived; it is not sent twice';
  return new DeliveryFailed(destination, reason, { isTransient: false });
}

function isTransient(error: unknown): boolean {
  if (error instanceof DeliveryFailed) return error.isTransient;
  return !(error instanceof AppError) || error.entry.retry;
}

async function endAttempt(parts: RunParts, run: Run, error: unknown, isLost: boolean): Promise<void> {
  const { runs, clock, logger, settings } = parts;
  // Another process works at it; what this one would write down could be wrong.
  if (isLost) return;
  const failure = error instanceof AppError ? error : new ServiceUnavailable('The run broke off.', { cause: error });
  if (!(error instanceof AppError)) logger.error({ err: error, runId: run.id }, 'A run broke off.');
  const attemptsLeft = run.definition.retries + 1 - run.attempts;
  if (isTransient(error) && attemptsLeft > 0) {
    const waitMs = Math.min(
      settings.maxRetryMs,
      Math.max(failure.retryAfterMs ?? 0, settings.retryMs * 2 ** (run.attempts - 1)),
    );
    await runs.release(run.id, new Date(clock.nowMs() + waitMs), failure.message, failure.code);
    return;
  }
  await finish(parts, run, { state: 'failed', reason: failure.message, errorCode: failure.code });
  logger.error({ runId: run.id, schedule: run.schedule, code: failure.code, reason: failure.message }, 'A run failed.');
  await noteOutcome(parts, run, failure);
}

/**
 * Counts failures of the schedule and tells its owner: the first one, then whenever their number has doubled, and when
 * the schedule is paused for them.
 */
async function noteOutcome(parts: RunParts, run: Run, failure: AppError | null): Promise<void> {
  const { runs, logger } = parts;
  const { definition, scheduleId } = run;
  if (scheduleId === null) return;
  // A run by hand says nothing of the schedule.
  if (run.trigger === 'manual' && failure === null) return;
  const { failures, paused } = await runs.noteOutcome(scheduleId, failure !== null, definition.pauseAfterFailures);
  if (failure === null || definition.onFailure === null) return;
  const isTold = paused || Number.isInteger(Math.log2(failures));
  if (!isTold) return;
  const { targets } = targetsOf(parts, [definition.onFailure]);
  await runs.expectDeliveries(run.id, 'failure', targets);
  const notice = failureOf(run, failure, { failures, paused, link: parts.linkOf(run.id) });
  const untold = await sendAll(parts, run, notice, 'failure', AbortSignal.timeout(60_000));
  for (const each of untold)
    logger.error({ runId: run.id, reason: each.message }, 'Nobody could be told of a failed run.');
}
