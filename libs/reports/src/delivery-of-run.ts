import type { AppError } from '@certfolio/core';
import type { Delivery, DeliveryFile } from './destination.ts';
import type { Run, SnapshotFacts } from './run-store.ts';

const count = (value: number) => value.toLocaleString('en-US');

/** `1,000 of 25,000 rows`. */
export function rowsHeadline({
  rows,
  totalRows,
  truncated,
}: Pick<SnapshotFacts, 'rows' | 'totalRows' | 'truncated'>): string {
  if (!truncated) return `${count(rows)} of ${count(rows)} rows`;
  return totalRows === null
    ? `the first ${count(rows)} rows; there are more`
    : `${count(rows)} of ${count(totalRows)} rows`;
}

export function deliveryOf(
  run: Run,
  facts: SnapshotFacts,
  { files, link, excerpt }: { files: readonly DeliveryFile[]; link: string | null; excerpt: Delivery['excerpt'] },
): Delivery {
  const { difference, dataAsOf, stale, unavailableFields, errorCount, template, variables } = facts;
  const told: (readonly [string, string] | null)[] = [
    difference === null
      ? null
      : [
          'Since the last run',
          `${count(difference.added)} added, ${count(difference.removed)} removed, ${count(difference.changed)} changed`,
        ],
    ['Data as of', `${dataAsOf ?? 'not told'}${stale ? ', older than asked for' : ''}`],
    facts.truncated ? ['Complete', 'no, cut off at the row limit'] : null,
    run.trigger === 'catch_up' ? ['Late', 'its time passed while nobody could run it'] : null,
    unavailableFields.length === 0 ? null : ['Not available', unavailableFields.join(', ')],
    errorCount === 0 ? null : ['Failed fields', count(errorCount)],
    ['Template', `${template.name}@${template.version}`],
    ...Object.entries(variables)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const),
  ];
  return {
    kind: 'report',
    ...identityOf(run),
    template,
    title: facts.title,
    headline: rowsHeadline(facts),
    counts: { rows: facts.rows, totalRows: facts.totalRows, truncated: facts.truncated, dataAsOf },
    facts: told.filter((each) => each !== null),
    changes: changesOf(difference),
    excerpt: excerpt === null || excerpt.rows.length === 0 ? null : excerpt,
    files,
    link,
  };
}

export function failureOf(
  run: Run,
  failure: AppError,
  { failures, paused, link }: { failures: number; paused: boolean; link: string | null },
): Delivery {
  const template = run.facts?.template ?? { name: run.definition.template, version: 0, id: '' };
  return {
    kind: 'failure',
    ...identityOf(run),
    template,
    title: run.facts?.title ?? run.schedule,
    headline: failure.message,
    counts: null,
    facts: [
      ['Code', failure.code],
      ['Failed runs in a row', count(failures)],
      ...(paused ? ([['Schedule', 'paused; resume it once the cause is gone']] as const) : []),
    ],
    changes: null,
    excerpt: null,
    files: [],
    link,
  };
}

function changesOf(difference: SnapshotFacts['difference']): Delivery['changes'] {
  if (difference === null || difference.listed.length === 0) return null;
  const { added, removed, changed, key, listed } = difference;
  return {
    columns: ['Change', key.join(' / '), 'Changed columns'],
    rows: listed.map((row) => [row.kind, row.key, row.columns.join(', ')]),
    total: added + removed + changed,
  };
}

const identityOf = ({ id: runId, schedule, owner, slot, definition: { zone } }: Run) => ({
  runId,
  schedule,
  owner,
  slot,
  zone,
});
