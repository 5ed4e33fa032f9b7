import { AppError } from '@certfolio/core';
import { csvChunks, ndjsonChunks } from '@certfolio/delivery';
import type { Row } from '@certfolio/templates';
import { certfolioExtensions } from './certfolio-extensions.ts';
import { parseAccept } from './media-types.ts';
import type { RunningReport } from './report-rows.ts';

export interface ReportFormat {
  readonly extension: string;
  readonly mediaType: string;
  readonly isInline: boolean;
  write(report: RunningReport, requestId: string): AsyncGenerator<string>;
  /** The part of the body that decides whether two reports are the same; absent: all of it. */
  readonly etagBody?: (body: Buffer) => Buffer;
}

const tail = '],"extensions":';

const formats: readonly ReportFormat[] = [
  {
    extension: 'json',
    mediaType: 'application/json; charset=utf-8',
    isInline: true,
    write: writeJson,
    etagBody: (body) => body.subarray(0, body.lastIndexOf(tail)),
  },
  {
    extension: 'csv',
    mediaType: 'text/csv; charset=utf-8; header=present',
    isInline: false,
    write: ({ template, rows }) => csvChunks(template.columns, rows()),
  },
  {
    extension: 'ndjson',
    mediaType: 'application/x-ndjson; charset=utf-8',
    isInline: false,
    write: ({ template, rows }) => ndjsonChunks(template.columns, rows()),
  },
];

const byExtension = new Map(formats.map((format) => [format.extension, format]));
const byMediaType = new Map(formats.map((format) => [format.mediaType.split(';', 1)[0]!, format]));
/** Extensions that a report address may end in, whether they can be given yet or not. */
const knownExtensions = ['json', 'csv', 'xlsx', 'ndjson', 'parquet', 'ics', 'html'];

export const reportFormats = formats;

/**
 * Splits `name@version.format`; without a format `Accept` decides, and JSON when that says nothing.
 *
 * @throws AppError NOT_ACCEPTABLE naming what can be given
 */
export function chooseFormat(
  file: string,
  accept: string | undefined,
): { readonly ref: string; readonly format: ReportFormat } {
  const given = [...byExtension.keys()].join(', ');
  const extension = knownExtensions.find((known) => file.endsWith(`.${known}`));
  if (extension !== undefined) {
    const format = byExtension.get(extension);
    if (format !== undefined) return { ref: file.slice(0, -extension.length - 1), format };
    throw new AppError('NOT_ACCEPTABLE', `Reports are not given as ${extension}; there are ${given}.`);
  }
  const accepted = parseAccept(accept);
  if (accepted.length === 0) return { ref: file, format: formats[0]! };
  for (const { type } of accepted) {
    if (type === '*/*' || type === 'application/*') return { ref: file, format: formats[0]! };
    const format = byMediaType.get(type);
    if (format !== undefined) return { ref: file, format };
  }
  throw new AppError('NOT_ACCEPTABLE', `"Accept" allows none of the formats there are: ${given}.`);
}

export function bodyOf(format: ReportFormat, report: RunningReport, requestId: string): AsyncGenerator<string> {
  return format.write(report, requestId);
}

/** About this much text is sent at once. */
const chunkChars = 65_536;

async function* writeJson(report: RunningReport, requestId: string): AsyncGenerator<string> {
  const { template, cost } = report;
  const names = template.columns.map(({ title }) => JSON.stringify(title));
  const writeRow = (row: Row) => `{${row.map((cell, index) => `${names[index]}:${JSON.stringify(cell)}`).join(',')}}`;
  let text = '{"rows":[';
  let isFirst = true;
  for await (const row of report.rows()) {
    text += isFirst ? writeRow(row) : `,${writeRow(row)}`;
    isFirst = false;
    if (text.length >= chunkChars) {
      yield text;
      text = '';
    }
  }
  const facts = { reads: report.reads(), template, cost, rows: report.rowCount() };
  const certfolio = certfolioExtensions(requestId, facts, report.deprecatedFields);
  const errors = report.errors();
  yield `${text}${tail}${JSON.stringify({ certfolio })}${errors.length === 0 ? '' : `,"errors":${JSON.stringify(errors)}`}}`;
}
