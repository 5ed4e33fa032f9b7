import { exitCodeOf, exitCodes, type ExitCode, type TemplateAnswer } from '@certfolio/client';
import { UsageError } from '../../cli-error.ts';
import { writeWhole } from '../../output/atomic-file.ts';
import { counted } from '../../output/counted.ts';
import { printable } from '../../output/printable.ts';
import { showProgress } from '../../output/progress.ts';
import type { Session } from '../../session.ts';
import { answerTable } from './answer-table.ts';
import { caveatsOf, summaryOf } from './describe-answer.ts';
import { factsOfHeaders } from './header-facts.ts';
import { parseJsonAnswer, type CertfolioFacts, type JsonAnswer } from './json-answer.ts';
import { createCsvCounter, createLineCounter, type RowCounter } from './row-counter.ts';
import type { OutputFormat, RunOptions } from './run-options.ts';

/** What came of a run, however it was written. */
interface Outcome {
  /** Null where the format cannot be counted and the gateway sent it before it had all rows; there are some then. */
  readonly rows: number | null;
  readonly bytes: number;
  /** Parts that failed while others came; only JSON tells. */
  readonly failures: JsonAnswer['failures'];
  readonly facts: CertfolioFacts;
}

/** Runs a template. Rows that are wanted line by line are passed on as they arrive; JSON is checked to be whole first. */
export async function run(ref: string, options: RunOptions, session: Session): Promise<ExitCode> {
  const { terminal, signal } = session;
  const client = await session.client();
  let received = 0;
  const progress = showProgress(terminal, (seconds) => `${ref}: ${seconds} s, ${counted(received, 'byte')} received`);
  const count = (chunk: Uint8Array) => void (received += chunk.byteLength);
  let outcome: Outcome;
  try {
    const format = options.format === 'table' ? 'json' : options.format;
    const { variables, fresh } = options;
    const answer = await client.runTemplate(ref, {
      format,
      variables,
      signal,
      ...(fresh === undefined ? {} : { fresh }),
    });
    const watched = { ...answer, body: tapped(answer.body, count) };
    outcome =
      format === 'json'
        ? await passWhole(watched, options, session, progress.end)
        : await passOn(watched, format, options, session, progress.end);
  } finally {
    progress.end();
  }
  tell(outcome, ref, options, session);
  const [failure] = outcome.failures;
  if (failure !== undefined) return exitCodeOf(failure.code);
  return options.failOnRows && outcome.rows !== 0 ? exitCodes.rowsFound : exitCodes.ok;
}

async function passWhole(
  answer: TemplateAnswer,
  { format, file }: RunOptions,
  { terminal }: Session,
  clear: () => void,
): Promise<Outcome> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.body) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const parsed = parseJsonAnswer(text, answer.requestId);
  clear();
  const output =
    format === 'json'
      ? text.endsWith('\n')
        ? text
        : `${text}\n`
      : tableText(parsed, file === null ? terminal : { columns: null, paint: (_style, plain) => plain });
  const bytes = Buffer.byteLength(output);
  if (file === null) await terminal.write(output);
  else await writeWhole(file, one(Buffer.from(output)));
  return { rows: parsed.rows.length, bytes, failures: parsed.failures, facts: parsed.facts };
}

function tableText(answer: JsonAnswer, terminal: Parameters<typeof answerTable>[1]): string {
  const table = answer.rows.length === 0 ? '' : `${answerTable(answer, terminal)}\n\n`;
  return `${table}${summaryOf(answer)}\n`;
}

async function passOn(
  answer: TemplateAnswer,
  format: Exclude<OutputFormat, 'table' | 'json'>,
  { file }: RunOptions,
  { terminal }: Session,
  clear: () => void,
): Promise<Outcome> {
  if (file === null && terminal.isOutTty && isBinary(format)) {
    await answer.body[Symbol.asyncIterator]().return?.();
    throw new UsageError(`${format} is not for a screen; add --out FILE.`);
  }
  const counter = counterOf(format);
  let bytes = 0;
  const counted = tapped(answer.body, (chunk) => {
    counter?.take(chunk);
    bytes += chunk.byteLength;
  });
  if (file !== null) await writeWhole(file, counted);
  else {
    for await (const chunk of counted) {
      // On one screen with the rows a progress line would stand between them.
      if (terminal.isOutTty) clear();
      if ((await terminal.write(chunk)) === 'closed') break;
    }
  }
  const told = answer.headers.get('certfolio-rows');
  const rows = counter?.rows ?? (told === null ? null : Number(told));
  return { rows, bytes, failures: [], facts: factsOfHeaders(answer.headers) };
}

const isBinary = (format: OutputFormat) => format === 'xlsx' || format === 'parquet';

function counterOf(format: OutputFormat): RowCounter | null {
  if (format === 'csv') return createCsvCounter();
  return format === 'ndjson' ? createLineCounter() : null;
}

/** The rest of what is to be known: beside the rows on standard error, or about the file on standard output. */
function tell(outcome: Outcome, ref: string, { format, file }: RunOptions, { terminal, json }: Session): void {
  const { rows, bytes, facts } = outcome;
  for (const line of caveatsOf(outcome)) terminal.note(printable(line));
  if (file === null) return;
  if (json) terminal.line(JSON.stringify({ ...facts, template: facts.template ?? ref, format, file, rows, bytes }));
  else {
    const what = rows === null ? '' : `${counted(rows, 'row')}, `;
    terminal.line(`${what}${counted(bytes, 'byte')} written to ${file}`);
  }
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
