import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes, GatewayError, type ExitCode, type GatewayClient, type ReportOffer } from '@certfolio/client';
import { CliError } from '../../cli-error.ts';
import { writeWhole } from '../../output/atomic-file.ts';
import { counted } from '../../output/counted.ts';
import { printable, printableLine } from '../../output/printable.ts';
import { showProgress } from '../../output/progress.ts';
import type { Session } from '../../session.ts';
import { caveatsOf, instant } from './describe-answer.ts';
import { factsOfHeaders } from './header-facts.ts';
import { parseJsonAnswer, type CertfolioFacts, type JsonAnswer } from './json-answer.ts';
import { createCsvCounter, createLineCounter } from './row-counter.ts';
import type { RunAllOptions } from './run-options.ts';

/** What came of one template. */
interface Outcome {
  readonly template: string;
  readonly state: 'done' | 'failed' | 'skipped';
  /** Null where the format does not tell. */
  readonly rows: number | null;
  readonly ms: number;
  readonly source: string | null;
  readonly dataAsOf: string | null;
  readonly upstreamCalls: number | null;
  readonly truncated: boolean;
  readonly file: string | null;
  /** Why it failed or was skipped. */
  readonly reason: string | null;
  readonly caveats: readonly string[];
}

/** A wait that the gateway asks for is worth it up to this; then the template counts as failed. */
const longestWaitMs = 60_000;

/** Runs every template that the key may run with the defaults of its variables, one after the other, and tells what came of each. */
export async function runAll(options: RunAllOptions, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  const offers = await client.reports({ signal });
  if (options.folder !== null) {
    const { folder } = options;
    await mkdir(folder, { recursive: true }).catch((error: Error) => {
      throw new CliError('FILE', `${folder} cannot be made: ${error.message}.`);
    });
  }
  const width = Math.max(0, ...offers.map(({ name }) => name.length));
  const outcomes: Outcome[] = [];
  for (const [index, offer] of offers.entries()) {
    const progress = showProgress(
      terminal,
      (seconds) => `${index + 1} of ${offers.length}: ${offer.name}, ${seconds} s`,
    );
    const outcome = await runOffer(offer, client, options, session).finally(() => progress.end());
    outcomes.push(outcome);
    if (json) continue;
    terminal.line(lineOf(outcome, width));
    for (const caveat of outcome.caveats) terminal.note(printable(`${offer.name}: ${caveat}`));
  }
  const count = (state: Outcome['state']) => outcomes.filter((outcome) => outcome.state === state).length;
  if (json) terminal.line(JSON.stringify(outcomes, null, 2));
  else
    terminal.line(
      `\n${counted(offers.length, 'template')}: ${count('done')} done, ${count('skipped')} skipped, ${count('failed')} failed`,
    );
  if (count('failed') > 0) return exitCodes.failed;
  return options.failOnRows && outcomes.some(({ rows }) => (rows ?? 0) > 0) ? exitCodes.rowsFound : exitCodes.ok;
}

async function runOffer(
  offer: ReportOffer,
  client: GatewayClient,
  options: RunAllOptions,
  { signal }: Session,
): Promise<Outcome> {
  const needed = [...offer.required, ...(offer.oneOf.length === 0 ? [] : [`one of ${offer.oneOf.join(', ')}`])];
  if (needed.length > 0) return { ...nothing(offer), state: 'skipped', reason: `needs ${needed.join(' and ')}` };
  const startedMs = performance.now();
  const elapsedMs = () => Math.round(performance.now() - startedMs);
  try {
    const { rows, facts, failures, file } = await waitingOnce(signal, () => runOne(offer, client, options, signal));
    const [failure] = failures;
    return {
      template: offer.name,
      state: failure === undefined ? 'done' : 'failed',
      rows,
      ms: elapsedMs(),
      source: facts.source ?? null,
      dataAsOf: facts.dataAsOf ?? null,
      upstreamCalls: facts.upstreamCalls ?? null,
      truncated: facts.truncated === true,
      file,
      reason: failure === undefined ? null : `${failure.message} (${failure.code})`,
      caveats: caveatsOf({ failures, facts }),
    };
  } catch (error) {
    if (signal.aborted || !(error instanceof GatewayError || error instanceof CliError)) throw error;
    // Not of what the key may run: it reads a sensitive field that the key has no right to.
    if (error.code === 'FORBIDDEN') return { ...nothing(offer), state: 'skipped', reason: error.message };
    return { ...nothing(offer), state: 'failed', ms: elapsedMs(), reason: `${error.message} (${error.code})` };
  }
}

const nothing = ({ name }: ReportOffer) => ({
  template: name,
  rows: null,
  ms: 0,
  source: null,
  dataAsOf: null,
  upstreamCalls: null,
  truncated: false,
  file: null,
  caveats: [],
});

/** Waits as long as the gateway says, once: a limit of the key and CertCentral's budget both come back. */
async function waitingOnce<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const waitMs = error instanceof GatewayError ? error.retryAfterMs : null;
    if (waitMs === null || waitMs > longestWaitMs) throw error;
    await sleep(waitMs, undefined, { signal });
    return run();
  }
}

interface OneRun {
  readonly rows: number | null;
  readonly facts: CertfolioFacts;
  readonly failures: JsonAnswer['failures'];
  readonly file: string | null;
}

async function runOne(
  { name }: ReportOffer,
  client: GatewayClient,
  { folder, format, fresh }: RunAllOptions,
  signal: AbortSignal,
): Promise<OneRun> {
  const answer = await client.runTemplate(name, {
    format,
    variables: new Map(),
    signal,
    ...(fresh === undefined ? {} : { fresh }),
  });
  const file = folder === null ? null : join(folder, `${name}.${format}`);
  if (format === 'json') {
    const chunks: Uint8Array[] = [];
    for await (const chunk of answer.body) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const { rows, facts, failures } = parseJsonAnswer(bytes.toString('utf8'), answer.requestId);
    if (file !== null) await writeWhole(file, one(bytes));
    return { rows: rows.length, facts, failures, file };
  }
  const counter = format === 'csv' ? createCsvCounter() : format === 'ndjson' ? createLineCounter() : null;
  const seen = tapped(answer.body, (chunk) => counter?.take(chunk));
  if (file !== null) await writeWhole(file, seen);
  return { rows: counter?.rows ?? null, facts: factsOfHeaders(answer.headers), failures: [], file };
}

function lineOf({ template, state, rows, ms, source, dataAsOf, reason, file }: Outcome, width: number): string {
  const name = template.padEnd(width);
  if (state === 'skipped') return printableLine(`${name}  skipped: ${reason}`);
  const seconds = `${(ms / 1_000).toFixed(1)} s`.padStart(7);
  if (state === 'failed') return printableLine(`${name}  ${'failed'.padStart(12)}  ${seconds}  ${reason}`);
  const told = [
    (rows === null ? 'done' : counted(rows, 'row')).padStart(12),
    seconds,
    (source ?? '').padEnd(6),
    dataAsOf === null ? '' : `as of ${instant(dataAsOf)}`,
    file ?? '',
  ];
  return printableLine(`${name}  ${told.join('  ')}`.trimEnd());
}

async function* tapped(
  chunks: AsyncIterable<Uint8Array>,
  see: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    see(chunk);
    yield chunk;
  }
}

async function* one(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  yield chunk;
}
