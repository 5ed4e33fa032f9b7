import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState, type ReactNode } from 'react';
import { DataTable, type Column } from '../../parts/data-table.tsx';
import { AuditDetails } from './audit-details.tsx';
import type { AuditEntry } from './audit-entry.ts';
import { decisionOf, durationInWords, kindInWords, rowsInWords, timeInWords, whatOf, whoOf } from './audit-words.ts';

/** One dialog for all rows. */
export function AuditTable({ entries }: { readonly entries: readonly AuditEntry[] }) {
  const [chosen, setChosen] = useState<AuditEntry | null>(null);
  const [isOpen, { open, close }] = useDisclosure(false);
  const choose = (entry: AuditEntry) => {
    setChosen(entry);
    open();
  };
  return (
    <>
      <DataTable
        caption="Entries of the audit log"
        columns={columnsOf(choose)}
        rows={entries}
        keyOf={({ seq }) => seq}
        empty="No entry is like this. Ask for a longer time, or clear the filter."
      />
      <AuditDetails of={chosen} isOpen={isOpen} close={close} />
    </>
  );
}

const columnsOf = (choose: (entry: AuditEntry) => void): readonly Column<AuditEntry>[] => [
  {
    title: 'Time (UTC)',
    cell: ({ at }) => (
      <time dateTime={at} title={at} style={{ whiteSpace: 'nowrap' }}>
        {timeInWords(at)}
      </time>
    ),
  },
  { title: 'Kind', cell: ({ kind }) => kindInWords(kind) },
  { title: 'Who', cell: (entry) => orDash(whoOf(entry)) },
  { title: 'Door', cell: ({ door }) => orDash(door) },
  { title: 'What', cell: (entry) => orDash(whatOf(entry)) },
  { title: 'Decision', cell: (entry) => orDash(decisionOf(entry)) },
  { title: 'Rows', cell: (entry) => orDash(rowsInWords(entry)), isNumber: true },
  { title: 'Duration', cell: ({ durationMs }) => orDash(durationInWords(durationMs)), isNumber: true },
  { title: 'Cost', cell: ({ cost }) => orDash(cost === null ? null : cost.toLocaleString('en')), isNumber: true },
  {
    title: 'Entry',
    cell: (entry) => (
      <Button
        size="compact-xs"
        variant="default"
        aria-label={`Details of entry ${entry.seq}`}
        onClick={() => choose(entry)}
      >
        Details
      </Button>
    ),
  },
];

const orDash = (value: string | null): ReactNode => <span style={{ whiteSpace: 'nowrap' }}>{value ?? '–'}</span>;
