import { AppError } from '@certfolio/core';
import {
  calendarChunks,
  csvChunks,
  htmlChunks,
  ndjsonChunks,
  parquetChunks,
  xlsxChunks,
  type CalendarLayout,
  type ReportFacts,
} from '@certfolio/delivery';
import type { Row, Template } from '@certfolio/templates';
import { certfolioExtensions } from './certfolio-extensions.ts';
import { parseAccept } from './media-types.ts';
import type { RunningReport } from './report-rows.ts';

export interface ReportFormat {
  readonly extension: string;
  readonly mediaType: string;
  readonly isInline: boolean;
  write(report: RunningReport, setting: ReportSetting): AsyncGenerator<string | Uint8Array>;
  /** The part of the body that decides whether two reports are the same; `rows`: they alone decide, the age of the data does not. */
  readonly sameness: 'rows' | ((body: Buffer) => Buffer);
}

/** What a file may tell of where and when it was made. */
export interface ReportSetting {
  readonly requestId: string;
  readonly nowMs: number;
  /** Host of the gateway, as links have it. */
  readonly host: string;
}

/** How often a calendar that follows a feed should look again. */
const calendarRefreshMinutes = 60;

const tail = '],"extensions":';

/** Rows and what is told of them, wherever they come from: a run of this moment, or the snapshot of a schedule's run. */
export interface ReportContent {
  readonly columns: Template['columns'];
  readonly chart: Template['chart'];
  readonly calendar: Template['calendar'];
  /** To be taken once. */
  rows(): AsyncIterable<Row>;
  /** Right once every row has been taken. */
  facts(): ReportFacts;
}

type ContentWriter = (
  content: ReportContent,
  setting: Omit<ReportSetting, 'requestId'>,
) => AsyncGenerator<string | Uint8Array>;

/** Formats whose file is made of the rows and the facts alone. */
const writers = {
  csv: ({ columns, rows }) => csvChunks(columns, rows()),
  ndjson: ({ columns, rows }) => ndjsonChunks(columns, rows()),
  xlsx: ({ columns, rows, facts, chart }) => xlsxChunks(columns, rows(), facts, { chart }),
  parquet: ({ columns, rows, facts }) => parquetChunks(columns, rows(), facts),
  ics: (content, { nowMs, host }) =>
    calendarChunks(content.columns, content.rows(), content.facts, calendarLayout(content), {
      nowMs,
      host,
      refreshMinutes: calendarRefreshMinutes,
    }),
  html: ({ columns, rows, facts, chart }) => htmlChunks(columns, rows(), facts, chart),
} satisfies Readonly<Record<string, ContentWriter>>;

/** As files of runs and answers alike name them. */
const mediaTypes = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  parquet: 'application/vnd.apache.parquet',
  ics: 'text/calendar; charset=utf-8; method=PUBLISH',
  html: 'text/html; charset=utf-8',
} as const;

/** Makes a file of rows that are there already. */
export function fileOfContent(
  format: keyof typeof mediaTypes,
  content: ReportContent,
  setting: Omit<ReportSetting, 'requestId'>,
): { readonly mediaType: string; readonly chunks: AsyncGenerator<string | Uint8Array> } {
  const mediaType = mediaTypes[format];
  if (format !== 'json') return { mediaType, chunks: writers[format](content, setting) };
  const told = () => {
    const { title: _title, question: _question, reads, ...facts } = content.facts();
    return { certfolio: { ...facts, ...reads } };
  };
  return { mediaType, chunks: jsonChunks(content.columns, content.rows(), told, () => []) };
}

/** Why rows of a template are not given in a format; null where they are. */
export function formatRefusal(format: string, { name, calendar }: Pick<Template, 'name' | 'calendar'>): string | null {
  return format === 'ics' && calendar === null
    ? `"${name}" has no days that could be events; its template says so with "calendar"`
    : null;
}

const fromRows = (
  extension: keyof typeof writers,
  sameness: ReportFormat['sameness'],
  isInline = false,
): ReportFormat => ({
  extension,
  mediaType: mediaTypes[extension],
  isInline,
  sameness,
  write: (report, setting) => writers[extension](contentOf(report), setting),
});
const wholeBody = (body: Buffer) => body;

const formats: readonly ReportFormat[] = [
  {
    extension: 'json',
    mediaType: mediaTypes.json,
    isInline: true,
    write: writeJson,
    sameness: (body) => body.subarray(0, body.lastIndexOf(tail)),
  },
  fromRows('csv', wholeBody),
  fromRows('ndjson', wholeBody),
  fromRows('xlsx', 'rows'),
  fromRows('parquet', 'rows'),
  fromRows('ics', 'rows'),
  fromRows('html', 'rows', true),
];

const byExtension = new Map(formats.map((format) => [format.extension, format]));
const byMediaType = new Map(formats.map((format) => [format.mediaType.split(';', 1)[0]!, format]));
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
  const extension = [...byExtension.keys()].find((known) => file.endsWith(`.${known}`));
  if (extension !== undefined)
    return { ref: file.slice(0, -extension.length - 1), format: byExtension.get(extension)! };
  const accepted = parseAccept(accept);
  if (accepted.length === 0) return { ref: file, format: formats[0]! };
  for (const { type } of accepted) {
    if (type === '*/*' || type === 'application/*') return { ref: file, format: formats[0]! };
    const format = byMediaType.get(type);
    if (format !== undefined) return { ref: file, format };
  }
  throw new AppError('NOT_ACCEPTABLE', `"Accept" allows none of the formats there are: ${given}.`);
}

/** @throws AppError NOT_ACCEPTABLE for a template that cannot be given so */
export function bodyOf(
  format: ReportFormat,
  report: RunningReport,
  setting: ReportSetting,
): AsyncGenerator<string | Uint8Array> {
  const refusal = formatRefusal(format.extension, report.template);
  if (refusal !== null)
    throw new AppError('NOT_ACCEPTABLE', `This report is not given as ${format.extension}: ${refusal}.`);
  return format.write(report, setting);
}

function contentOf({ template, variables, rows, reads, rowCount, errors }: RunningReport): ReportContent {
  const { title, question, name, version, id, columns, chart, calendar } = template;
  const facts = (): ReportFacts => {
    const account = reads();
    return {
      title,
      question,
      template: { name, version, id },
      variables,
      rows: rowCount(),
      totalRows: account.totalRows,
      reads: account,
      errorCount: errors().length,
    };
  };
  return { columns, chart, calendar, rows, facts };
}

function calendarLayout({ columns, calendar }: Pick<ReportContent, 'columns' | 'calendar'>): CalendarLayout {
  const { date, summary, key, alarmDays } = calendar!;
  const indexOf = (title: string) => columns.findIndex((column) => column.title === title);
  return { date: indexOf(date), summary: indexOf(summary), key: key.map(indexOf), alarmDays };
}

/** About this much text is sent at once. */
const chunkChars = 65_536;

function writeJson(report: RunningReport, { requestId }: ReportSetting): AsyncGenerator<string> {
  const { template, wouldLimit } = report;
  const told = () => {
    const facts = { reads: report.reads(), template, cost: report.cost(), rows: report.rowCount(), wouldLimit };
    return { certfolio: certfolioExtensions(requestId, facts, report.deprecatedFields) };
  };
  return jsonChunks(template.columns, report.rows(), told, report.errors);
}

/** @param extensions and @param errors are asked for after the last row */
async function* jsonChunks(
  columns: Template['columns'],
  rows: AsyncIterable<Row>,
  extensions: () => object,
  errors: () => readonly object[],
): AsyncGenerator<string> {
  const names = columns.map(({ title }) => JSON.stringify(title));
  const writeRow = (row: Row) => `{${row.map((cell, index) => `${names[index]}:${JSON.stringify(cell)}`).join(',')}}`;
  let text = '{"rows":[';
  let isFirst = true;
  for await (const row of rows) {
    text += isFirst ? writeRow(row) : `,${writeRow(row)}`;
    isFirst = false;
    if (text.length >= chunkChars) {
      yield text;
      text = '';
    }
  }
  const told = extensions();
  const failed = errors();
  yield `${text}${tail}${JSON.stringify(told)}${failed.length === 0 ? '' : `,"errors":${JSON.stringify(failed)}`}}`;
}
