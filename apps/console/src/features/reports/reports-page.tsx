import { Group, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { DataTable, type Column } from '../../parts/data-table.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Page } from '../../parts/page.tsx';
import { RouteAnchor } from '../../parts/route-anchor.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { When } from '../../parts/when.tsx';
import { useSession } from '../../session.tsx';
import { TagList } from '../templates/tag-list.tsx';
import { useReports, type ListedReport } from './use-reports.ts';

const columns: readonly Column<ListedReport>[] = [
  {
    title: 'Report',
    cell: ({ name, title, isDeprecated }) => (
      <>
        <RouteAnchor to="/reports/$name" params={{ name }} fw={600}>
          {title}
        </RouteAnchor>
        <Group gap="xs">
          <Text size="xs" c="dimmed">
            {name}
          </Text>
          {isDeprecated && <StateBadge state="DEPRECATED" />}
        </Group>
      </>
    ),
  },
  { title: 'Answers', cell: ({ question }) => question },
];
/** What keys that send no texts are not told. */
const moreColumns: readonly Column<ListedReport>[] = [
  { title: 'Owner', cell: ({ owner }) => owner },
  { title: 'Tags', cell: ({ tags }) => <TagList tags={tags} /> },
  { title: 'Last run', cell: ({ lastUsedAt }) => <When at={lastUsedAt} /> },
];

export function ReportsPage() {
  const { caller } = useSession();
  const { data: reports, error, isPending } = useReports();
  const [text, setText] = useState('');
  const shown = (reports ?? []).filter((report) => isMeant(report, text));
  return (
    <Page title="Reports" about="Approved templates that this key may run, here, by URL, from a schedule or by id.">
      {isPending && <Loading what="reports" />}
      {error !== null && <Failure error={error} />}
      {reports !== undefined && (
        <>
          <TextInput
            label="Search"
            placeholder="Title, question, owner or tag"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            maw={420}
          />
          <Text role="status" size="sm" c="dimmed">
            {shown.length} of {reports.length} reports
          </Text>
          <DataTable
            caption="Reports"
            columns={caller === null ? columns : [...columns, ...moreColumns]}
            rows={shown}
            keyOf={({ name }) => name}
            empty={reports.length === 0 ? 'This key may run no report.' : 'No report is like that.'}
          />
        </>
      )}
    </Page>
  );
}

/** Every word has to be somewhere. */
function isMeant({ name, title, question, owner, tags }: ListedReport, text: string): boolean {
  const all = [name, title, question, owner ?? '', ...tags].join(' ').toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}
