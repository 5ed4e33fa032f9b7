import { Button, Group, NativeSelect } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Failure } from '../../parts/failure.tsx';
import { saveFile } from '../../parts/save-file.ts';
import { useSession } from '../../session.tsx';
import type { ReportRequest } from './read-report.ts';
import type { ListedReport } from './use-reports.ts';

const titles = new Map([
  ['csv', 'CSV'],
  ['xlsx', 'Excel (XLSX)'],
  ['json', 'JSON'],
  ['ndjson', 'NDJSON'],
  ['parquet', 'Parquet'],
  ['ics', 'Calendar (iCalendar)'],
  ['html', 'Page to print (HTML)'],
]);

export interface ReportFilesProps {
  readonly report: ListedReport;
  readonly request: ReportRequest;
  /** Its variables have no problem. */
  readonly isReady: boolean;
}

/** All rows as a file. */
export function ReportFiles({ report, request, isReady }: ReportFilesProps) {
  const { client } = useSession();
  const { name, variables, fresh } = request;
  const [format, setFormat] = useState('csv');
  const saving = useMutation({
    mutationFn: async () => {
      const answer = await client.runTemplate(name, { format, variables, ...(fresh === null ? {} : { fresh }) });
      await saveFile(answer.body, `${name}.${format}`, answer.contentType ?? '');
    },
  });
  const formats = [...titles]
    .filter(([value]) => report.formats.includes(value))
    .map(([value, label]) => ({ value, label }));
  return (
    <>
      <Group gap="xs">
        <NativeSelect
          aria-label="File format"
          value={format}
          onChange={(event) => setFormat(event.currentTarget.value)}
          data={formats}
          w={190}
        />
        <Button variant="default" disabled={!isReady} loading={saving.isPending} onClick={() => saving.mutate()}>
          Download all rows
        </Button>
      </Group>
      {saving.error !== null && <Failure error={saving.error} />}
    </>
  );
}
