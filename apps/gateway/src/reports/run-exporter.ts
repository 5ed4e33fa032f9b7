import type { Clock } from '@certfolio/core';
import { csvChunks, type ReportFacts } from '@certfolio/delivery';
import type { RunExporter, SnapshotFacts } from '@certfolio/reports';
import type { ColumnType, Template } from '@certfolio/templates';
import { fileOfContent, formatRefusal, type ReportContent } from '../doors/report-formats.ts';

export interface RunExporterOptions {
  /** The version that a run was made with; null when it is gone, and with it what it said of charts and calendars. */
  readonly templateOf: (ref: string) => Template | null;
  readonly clock: Clock;
  readonly publicUrl: () => string;
}

/** Files of runs, by the exporters that answer `/r` too: a report is the same by mail and by URL. */
export function createRunExporter({ templateOf, clock, publicUrl }: RunExporterOptions): RunExporter {
  const versionOf = ({ template: { name, version } }: SnapshotFacts) => templateOf(`${name}@${version}`);
  return {
    refusalOf(format, facts) {
      return formatRefusal(format, { name: facts.template.name, calendar: versionOf(facts)?.calendar ?? null });
    },
    csv: (columns, rows) =>
      bytesOf(
        csvChunks(
          columns.map((title) => ({ title, type: 'text' })),
          rows,
        ),
      ),
    write(format, facts, rows) {
      const template = versionOf(facts);
      const content: ReportContent = {
        columns: facts.columns.map(({ title, type }) => ({ title, type: type as ColumnType, path: [] })),
        chart: template?.chart ?? null,
        calendar: template?.calendar ?? null,
        rows: () => rows,
        facts: () => reportFacts(facts),
      };
      const { mediaType, chunks } = fileOfContent(format, content, {
        nowMs: clock.nowMs(),
        host: new URL(publicUrl()).host,
      });
      return { extension: format, mediaType, content: bytesOf(chunks) };
    },
  };
}

function reportFacts({
  title,
  question,
  template,
  variables,
  rows,
  totalRows,
  errorCount,
  ...reads
}: SnapshotFacts): ReportFacts {
  const { dataAsOf, truncated, stale, unavailableFields } = reads;
  // Written by this product alone, from what a read says of itself.
  const source = reads.source as ReportFacts['reads']['source'];
  return {
    title,
    question,
    template,
    variables,
    rows,
    totalRows,
    reads: { dataAsOf, source, truncated, stale, unavailableFields },
    errorCount,
  };
}

async function* bytesOf(chunks: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}
