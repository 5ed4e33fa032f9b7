import { Alert, Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { DataTable } from '../../parts/data-table.tsx';
import { Facts } from '../../parts/facts.tsx';
import { When } from '../../parts/when.tsx';
import type { Row, ShownReport } from './read-report.ts';

/** The rows, and everything that is to be known about them before they are believed. */
export function ReportRows({ report, title }: { readonly report: ShownReport; readonly title: string }) {
  const { rows, columns, totalRows, dataAsOf, source, requestId } = report;
  return (
    <Stack role="status" aria-label="Result">
      <Title order={2} size="h3">
        {headline(report)}
      </Title>
      <Facts
        of={[
          ['Data as of', dataAsOf === null ? null : <When at={dataAsOf} />],
          ['Source', source],
          ['Rows', totalRows],
          ['Request', requestId],
        ]}
      />
      {warningsOf(report).map((warning) => (
        <Alert key={warning} color="orange" title="Not the whole truth">
          {warning}
        </Alert>
      ))}
      <DataTable
        caption={`Rows of ${title}`}
        columns={columns.map((column) => ({ title: column, cell: (row: Row) => cellOf(row[column]) }))}
        rows={rows}
        keyOf={(_row, index) => index}
        empty="Nothing matches. That is an answer, not a failure."
      />
    </Stack>
  );
}

function headline({ rows, hasMore, totalRows }: ShownReport): string {
  const count = rows.length.toLocaleString('en');
  if (!hasMore) return `${count} ${rows.length === 1 ? 'row' : 'rows'}`;
  return `The first ${count} of ${totalRows === null ? 'more' : totalRows.toLocaleString('en')} rows`;
}

function warningsOf({ hasMore, isTruncated, isStale, unavailableFields, errors }: ShownReport): readonly string[] {
  return [
    ...(hasMore ? ['More rows than a page can show; all of them are in the files.'] : []),
    ...(isTruncated ? ['Rows are missing: the gateway cut the report, in the files as well.'] : []),
    ...(isStale ? ['The data is older than was asked for.'] : []),
    ...(unavailableFields === null ? [] : [`CertCentral gives this account no values of ${unavailableFields}.`]),
    ...(errors === 0 ? [] : [`${errors} errors left parts of the answer out; see the request's answer as JSON.`]),
  ];
}

function cellOf(value: unknown): ReactNode {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return <div style={{ minWidth: 240 }}>{value.map(String).join(', ')}</div>;
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  // A day or an id that is broken over lines is hard to read.
  return text.length > 40 ? text : <span style={{ whiteSpace: 'nowrap' }}>{text}</span>;
}
