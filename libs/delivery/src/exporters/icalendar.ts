import type { Column, Row } from '@certfolio/templates';
import { dayNumberSince1970 } from './days.ts';
import { rowsStatement, type ReportFacts } from './report-facts.ts';
import { textChunks } from './text-chunks.ts';

export type CalendarColumn = Pick<Column, 'title' | 'type'>;

/** Which columns make an event. */
export interface CalendarLayout {
  /** Index of the column with the day. */
  readonly date: number;
  /** Index of the column that names the event. */
  readonly summary: number;
  /** Indexes of the columns that tell one event from another, so that a calendar keeps an event when it changes. */
  readonly key: readonly number[];
  /** Days before the day at which an alarm goes off. */
  readonly alarmDays: readonly number[];
}

export interface CalendarOptions {
  /** When the file is written, milliseconds since 1970. */
  readonly nowMs: number;
  /** Host of the gateway; part of the identity of events. */
  readonly host: string;
  /** How often a calendar should look again, minutes. */
  readonly refreshMinutes: number;
}

/**
 * Writes rows as an iCalendar feed (RFC 5545): an all-day event per row that has a day, with alarms before it, every
 * non-empty cell in its description, and an identity that stays the same from one reading to the next.
 *
 * Streams. A row without a day is no event; how many there were, and whether the report was cut off, says an event of
 * its own on the day of writing, since calendars show nothing else of a file.
 *
 * @param facts asked for after the last row
 */
export async function* calendarChunks(
  columns: readonly CalendarColumn[],
  rows: AsyncIterable<Row> | Iterable<Row>,
  facts: () => ReportFacts,
  layout: CalendarLayout,
  options: CalendarOptions,
): AsyncGenerator<string> {
  const { template, title, question } = facts();
  const stamp = `${new Date(options.nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const head = lines([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Certfolio//Reports//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    `NAME:${escaped(title)}`,
    `X-WR-CALNAME:${escaped(title)}`,
    `DESCRIPTION:${escaped(question)}`,
    `REFRESH-INTERVAL;VALUE=DURATION:PT${options.refreshMinutes}M`,
    `X-PUBLISHED-TTL:PT${options.refreshMinutes}M`,
  ]);
  let withoutDay = 0;
  const seen = new Map<string, number>();
  const eventOf = (row: Row): string => {
    const day = String(row[layout.date] ?? '').slice(0, 10);
    if (dayNumberSince1970(day) === null) {
      withoutDay += 1;
      return '';
    }
    const key = layout.key.map((index) => String(row[index] ?? '')).join('/');
    // Rows that nothing tells apart still are events of their own.
    const twin = seen.get(key) ?? 0;
    seen.set(key, twin + 1);
    const uid = `${template.name}/${key}${twin === 0 ? '' : `/${twin + 1}`}@${options.host}`;
    const summary = String(row[layout.summary] ?? '') || title;
    const description = columns.flatMap((column, index) => {
      const cell = row[index] ?? null;
      return cell === null || cell === ''
        ? []
        : [`${column.title}: ${typeof cell === 'object' ? cell.join(', ') : String(cell)}`];
    });
    return event({ uid, stamp, day, summary, description: description.join('\n'), alarmDays: layout.alarmDays });
  };
  yield* textChunks(rows, eventOf, head);
  const told = facts();
  const remarks = [
    ...(told.reads.truncated ? [`Cut off: ${rowsStatement(told)}.`] : []),
    ...(withoutDay === 0 ? [] : [`${withoutDay} rows have no day and are not in the calendar.`]),
    ...(told.reads.stale
      ? [`The data is older than asked for: ${told.reads.dataAsOf ?? 'its age is not known'}.`]
      : []),
  ];
  const remark = {
    uid: `${template.name}/remarks@${options.host}`,
    stamp,
    day: new Date(options.nowMs).toISOString().slice(0, 10),
    summary: `${title}: not everything is in this calendar`,
    description: remarks.join('\n'),
    alarmDays: [],
  };
  yield `${remarks.length === 0 ? '' : event(remark)}END:VCALENDAR\r\n`;
}

interface CalendarEvent {
  readonly uid: string;
  readonly stamp: string;
  readonly day: string;
  readonly summary: string;
  readonly description: string;
  readonly alarmDays: readonly number[];
}

function event({ uid, stamp, day, summary, description, alarmDays }: CalendarEvent): string {
  return lines([
    'BEGIN:VEVENT',
    `UID:${escaped(uid)}`,
    `DTSTAMP:${stamp}`,
    `DTSTART;VALUE=DATE:${day.replaceAll('-', '')}`,
    `SUMMARY:${escaped(summary)}`,
    `DESCRIPTION:${escaped(description)}`,
    // A day on which something ends keeps nobody busy.
    'TRANSP:TRANSPARENT',
    ...alarmDays.flatMap((days) => [
      'BEGIN:VALARM',
      'ACTION:DISPLAY',
      `TRIGGER:-P${days}D`,
      `DESCRIPTION:${escaped(summary)}`,
      'END:VALARM',
    ]),
    'END:VEVENT',
  ]);
}

const lines = (all: readonly string[]): string => `${all.map(folded).join('\r\n')}\r\n`;

/**
 * RFC 5545 section 3.3.11. Its one line end is LF, so CR and CRLF become it. Control characters that text cannot have are
 * shown as their pictures, U+2400 for U+0000.
 */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\\;,]/g, (char) => `\\${char}`)
    .replace(/\r\n|\r|\n/g, '\\n')
    .replace(/[\0-\x08\x0B-\x1F]/g, (char) => String.fromCharCode(0x2400 + char.charCodeAt(0)))
    .replaceAll('\x7F', '\u2421');
}

/** Lines of at most 75 octets, continued after a blank, never inside a character (section 3.1). */
function folded(line: string): string {
  if (line.length <= 75 && Buffer.byteLength(line) <= 75) return line;
  const parts: string[] = [];
  let part = '';
  let octets = 0;
  for (const char of line) {
    const size = Buffer.byteLength(char);
    if (octets + size > 75) {
      parts.push(part);
      part = ' ';
      octets = 1;
    }
    part += char;
    octets += size;
  }
  return [...parts, part].join('\r\n');
}
