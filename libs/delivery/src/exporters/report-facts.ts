import type { ReadAccount } from '@certfolio/core';

/** What a file says of its report beside the rows. Counts and age are right once every row has been taken. */
export interface ReportFacts {
  readonly title: string;
  readonly question: string;
  readonly template: { readonly name: string; readonly version: number; readonly id: string };
  /** As they were used, dates resolved. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Rows taken so far. */
  readonly rows: number;
  /** Rows there are; null while nobody counted them. */
  readonly totalRows: number | null;
  readonly reads: Pick<ReadAccount, 'dataAsOf' | 'source' | 'truncated' | 'stale' | 'unavailableFields'>;
  /** Of fields that failed; their cells are empty. */
  readonly errorCount: number;
}

/** `1,000 of 25,000 rows`, so that nobody takes a part for the whole. */
export function rowsStatement({ rows, totalRows, reads }: Pick<ReportFacts, 'rows' | 'totalRows' | 'reads'>): string {
  const count = (value: number) => value.toLocaleString('en-US');
  if (!reads.truncated) return `${count(rows)} of ${count(rows)} rows`;
  return totalRows === null
    ? `the first ${count(rows)} rows; there are more`
    : `${count(rows)} of ${count(totalRows)} rows`;
}

/** The facts as lines of a table, in the order a reader wants them. */
export function factLines(facts: ReportFacts): readonly (readonly [label: string, value: string])[] {
  const { title, question, template, variables, reads, errorCount } = facts;
  const given = Object.entries(variables).filter(([, value]) => value !== null && value !== undefined);
  return [
    ['Report', title],
    ['Question', question],
    ['Rows', rowsStatement(facts)],
    ['Complete', reads.truncated ? 'no, cut off at the row limit' : 'yes'],
    ['Data as of', reads.dataAsOf ?? 'not told'],
    ...(reads.stale ? ([['Age', 'older than asked for, since CertCentral could not be read in time']] as const) : []),
    ['Source', reads.source ?? 'none'],
    ...(reads.unavailableFields.length === 0 ? [] : ([['Not available', reads.unavailableFields.join(', ')]] as const)),
    ...(errorCount === 0 ? [] : ([['Failed fields', String(errorCount)]] as const)),
    ['Template', `${template.name}@${template.version}`],
    ['Template id', template.id],
    ...given.map(([name, value]) => [`Variable ${name}`, variableText(value)] as const),
  ];
}

/** `issued, pending` for a list of texts; what is nested is JSON. */
function variableText(value: unknown): string {
  if (typeof value === 'string') return value;
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'string' || typeof each === 'number');
  return isList ? value.join(', ') : JSON.stringify(value);
}
