import { AppError, type Clock, type Logger } from '@certfolio/core';
import { whatToSend } from './condition.ts';
import { deliveryOf } from './delivery-of-run.ts';
import type { Delivery, DeliveryFile, Destination } from './destination.ts';
import { differenceOf, NotComparable, type ChangedRow, type Snapshot } from './difference.ts';
import { differenceName, differenceTable } from './difference-file.ts';
import { endAttempt, endWell, fail } from './end-attempt.ts';
import { keepLease } from './keep-lease.ts';
import { sendAll, targetsOf, type SendSignals } from './send-deliveries.ts';
import { readSnapshot, snapshotMediaType, snapshotName, writeSnapshot } from './snapshot-file.ts';
import type { Run, RunEnd, RunFile, RunStore, SnapshotFacts } from './run-store.ts';
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

/** So often another process goes on with a run whose process ended without a word, beside the attempts of the schedule. */
const maxLost = 3;

/**
 * One attempt at a claimed run, top to bottom: rows, difference, condition, files, deliveries, end. What an earlier attempt
 * has done stays done, so an attempt after a crash goes on where that one stopped and sends nothing a second time.
 *
 * @param stopping stops the attempt; the run goes back into the queue
 */
export async function runReport(parts: RunParts, run: Run, stopping: AbortSignal): Promise<void> {
  const { logger } = parts;
  const lease = keepLease(parts, run, stopping);
  try {
    // A report that ends its process, for want of memory say, would end one after the other.
    if (run.attempts > run.definition.retries + 1 + maxLost) throw new EndedTooOften(run.attempts - 1);
    const facts = run.facts ?? (await takeRows(parts, run, lease.signal));
    const decision = await decide(parts, run, facts);
    if (!decision.send) {
      await endWell(parts, run, { state: 'nothing_to_send', reason: decision.reason }, stopping);
      return;
    }
    await makeFiles(parts, run, facts);
    const failure = await deliver(parts, run, facts, { work: lease.signal, stopping });
    if (failure !== null) throw failure;
    await endWell(parts, run, { state: 'delivered', reason: null }, stopping);
    logger.info({ runId: run.id, schedule: run.schedule, rows: facts.rows }, 'A report was delivered.');
  } catch (error) {
    if (error instanceof EndedTooOften) await fail(parts, run, error, stopping);
    else await endAttempt(parts, run, error, { lease, stopping });
  } finally {
    lease.stop();
  }
}

class EndedTooOften extends AppError {
  constructor(times: number) {
    super('SERVICE_UNAVAILABLE', `The run was begun ${times} times, and its process ended or lost it each time.`);
  }
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

/** Changes that a message lists; the file has them all. */
const listedChanges = 20;

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
    const listed: ChangedRow[] = [];
    if (counts.added + counts.removed + counts.changed > 0) {
      const titles = facts.columns.map(({ title }) => title);
      const table = differenceTable(titles, before.columns, keepingFirst(rows, listedChanges, listed));
      await runs.writeFile(run.id, differenceName, 'text/csv; charset=utf-8', exporter.csv(table.columns, table.rows));
    }
    return {
      ...counts,
      comparedWith: previous.id,
      key,
      listed: listed.map(({ kind, key: cells, columns }) => ({ kind, key: cells, columns })),
    };
  } catch (error) {
    if (!(error instanceof NotComparable)) throw error;
    logger.info({ runId: run.id, reason: error.message }, 'A run was not compared with the last one.');
    return null;
  }
}

async function* keepingFirst<T>(items: AsyncIterable<T>, count: number, kept: T[]): AsyncGenerator<T> {
  for await (const item of items) {
    if (kept.length < count) kept.push(item);
    yield item;
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
async function deliver(
  parts: RunParts,
  run: Run,
  facts: SnapshotFacts,
  signals: SendSignals,
): Promise<AppError | null> {
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
  const failures = await sendAll(parts, run, delivery, 'report', signals);
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
