import type { ReportFacts } from '../src/exporters/report-facts.ts';

/** Facts of a whole report; `overrides` of a part of one. */
export function factsOfReport(overrides: Partial<ReportFacts> = {}): ReportFacts {
  return {
    title: 'Expiring & co',
    question: 'What expires?',
    template: { name: 'expiring-soon', version: 2, id: 'a'.repeat(64) },
    variables: { days: 30, nameLike: null, statuses: ['issued'] },
    rows: 2,
    totalRows: 2,
    reads: {
      dataAsOf: '2026-11-23T12:00:00.000Z',
      source: 'mirror',
      truncated: false,
      stale: false,
      unavailableFields: [],
    },
    errorCount: 0,
    ...overrides,
  };
}

export const cutOff = { ...factsOfReport().reads, truncated: true };
