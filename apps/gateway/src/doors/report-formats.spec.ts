import { describe, expect, it } from '@jest/globals';
import type { ReportFacts } from '@certfolio/delivery';
import type { Row } from '@certfolio/templates';
import { readJson } from '@certfolio/testing/report-readers';
import { fileOfContent, formatRefusal } from './report-formats.ts';

const columns = (['text', 'texts', 'decimal', 'flag'] as const).map((type) => ({ type, title: type, path: [] }));
const facts: ReportFacts = {
  title: 'Hostile cells',
  question: 'Do they come back?',
  template: { name: 'hostile', version: 1, id: 'a'.repeat(64) },
  variables: {},
  rows: 1_000,
  totalRows: 25_000,
  reads: { dataAsOf: null, source: 'mirror', truncated: true, stale: false, unavailableFields: [] },
  errorCount: 0,
};

async function jsonOf(rows: readonly Row[]) {
  const { chunks } = fileOfContent(
    'json',
    {
      columns,
      chart: null,
      calendar: null,
      async *rows() {
        yield* rows;
      },
      facts: () => facts,
    },
    { nowMs: 0, host: 'reports.test' },
  );
  const parts: string[] = [];
  for await (const chunk of chunks) parts.push(String(chunk));
  return { parts, read: readJson(Buffer.from(parts.join(''))) };
}

describe('a report as JSON', () => {
  it('has every cell as it was, and says how many rows of how many', async () => {
    const hostile = [
      '=1+1',
      '\t',
      'two\nlines',
      '"',
      '\0',
      '\u202Eesrever',
      '12345678901234567890',
      '1850-01-01',
      '\u2028',
    ];
    const rows = [...hostile, 'x'.repeat(40_000)].map((text): Row => [text, [text, ''], '-0.02', null]);
    const { read } = await jsonOf(rows);
    expect(read.rows).toEqual(rows);
    expect(read.extensions.certfolio).toMatchObject({ rows: 1_000, totalRows: 25_000, truncated: true });
  });

  it('goes out in pieces, so that no report is held', async () => {
    const { parts, read } = await jsonOf(
      Array.from({ length: 5_000 }, (_, index): Row => [`${index}`.padEnd(100), null, null, true]),
    );
    expect(read.rows).toHaveLength(5_000);
    expect(parts.length).toBeGreaterThan(8);
    for (const part of parts) expect(part.length).toBeLessThan(70_000);
  });
});

it('calendars are of templates that say which days are events', () => {
  expect(formatRefusal('ics', { name: 'x', calendar: null })).toMatch(/no days that could be events/);
  expect(formatRefusal('csv', { name: 'x', calendar: null })).toBeNull();
});
