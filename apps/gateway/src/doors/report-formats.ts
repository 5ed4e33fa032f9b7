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
  /** Why reports of this template are not given in this format; null where they are. */
  readonly refusal?: (template: Template) => string | null;
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

const formats: readonly ReportFormat[] = [
  {
    extension: 'json',
    mediaType: 'application/json; charset=utf-8',
    isInline: true,
    write: writeJson,
    sameness: (body) => body.subarray(0, body.lastIndexOf(tail)),
  },
  {
    extension: 'csv',
    mediaType: 'text/csv; charset=utf-8; header=present',
    isInline: false,
    sameness: (body) => body,
    write: ({ template, rows }) => csvChunks(template.columns, rows()),
  },
  {
    extension: 'ndjson',
    mediaType: 'application/x-ndjson; charset=utf-8',
    isInline: false,
    sameness: (body) => body,
    write: ({ template, rows }) => ndjsonChunks(template.columns, rows()),
  },
  {
    extension: 'xlsx',
    mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    isInline: false,
    sameness: 'rows',
    write: (report) => xlsxChunks(report.template.columns, report.rows(), () => factsOf(report)),
  },
  {
    extension: 'parquet',
    mediaType: 'application/vnd.apache.parquet',
    isInline: false,
    sameness: 'rows',
    write: (report) => parquetChunks(report.template.columns, report.rows(), () => factsOf(report)),
  },
  {
    extension: 'ics',
    mediaType: 'text/calendar; charset=utf-8; method=PUBLISH',
    isInline: false,
    refusal: ({ name, calendar }) =>
      calendar === null ? `"${name}" has no days that could be events; its template says so with "calendar"` : null,
    sameness: 'rows',
    write: (report, { nowMs, host }) =>
      calendarChunks(report.template.columns, report.rows(), () => factsOf(report), calendarLayout(report.template), {
        nowMs,
        host,
        refreshMinutes: calendarRefreshMinutes,
      }),
  },
  {
    extension: 'html',
    mediaType: 'text/html; charset=utf-8',
    isInline: true,
    sameness: 'rows',
    write: (report) => htmlChunks(report.template.columns, report.rows(), () => factsOf(report), report.template.chart),
  },
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
  const refusal = format.refusal?.(report.template) ?? null;
  if (refusal !== null)
    throw new AppError('NOT_ACCEPTABLE', `This report is not given as ${format.extension}: ${refusal}.`);
  return format.write(report, setting);
}

function factsOf({ template, variables, reads, rowCount, errors }: RunningReport): ReportFacts {
  const { title, question, name, version, id } = template;
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
}

function calendarLayout({ columns, calendar }: Template): CalendarLayout {
  const { date, summary, key, alarmDays } = calendar!;
  const indexOf = (title: string) => columns.findIndex((column) => column.title === title);
  return { date: indexOf(date), summary: indexOf(summary), key: key.map(indexOf), alarmDays };
}

/** About this much text is sent at once. */
const chunkChars = 65_536;

async function* writeJson(report: RunningReport, { requestId }: ReportSetting): AsyncGenerator<string> {
  const { template } = report;
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
  const { wouldLimit } = report;
  const facts = { reads: report.reads(), template, cost: report.cost(), rows: report.rowCount(), wouldLimit };
  const certfolio = certfolioExtensions(requestId, facts, report.deprecatedFields);
  const errors = report.errors();
  yield `${text}${tail}${JSON.stringify({ certfolio })}${errors.length === 0 ? '' : `,"errors":${JSON.stringify(errors)}`}}`;
}
