import { List, Stack, Text, Title } from '@mantine/core';
import { DataTable, type Column } from '../../parts/data-table.tsx';
import { Facts } from '../../parts/facts.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { When } from '../../parts/when.tsx';
import { JsonBlock } from '../../parts/json-block.tsx';
import { rowsText } from '../runs/run-words.ts';
import type { LastRun, ScheduleAnswer } from './schedule-answer.ts';
import { ScheduleState } from './schedule-state.tsx';

export function ScheduleDetails({ schedule }: { readonly schedule: ScheduleAnswer }) {
  const { name, nextSlots, runs, definition } = schedule;
  return (
    <Stack>
      <Facts
        of={[
          ['State', <ScheduleState key="state" schedule={schedule} />],
          ['Owner', schedule.owner],
          ['Runs with the rights of key', <code key="run-as">{schedule.runAs}</code>],
          ['Managed by', schedule.managedBy ?? 'nobody'],
          ['Created', <When key="created" at={schedule.createdAt} />],
          ['Changed', <When key="changed" at={schedule.changedAt} />],
        ]}
      />
      <Title order={3} size="h5">
        Next times
      </Title>
      {nextSlots.length === 0 ? (
        <Text size="sm">There are none while it is paused or ended.</Text>
      ) : (
        <List size="sm">
          {nextSlots.map(({ at, local }) => (
            <List.Item key={at}>
              <time dateTime={at}>{local}</time>
            </List.Item>
          ))}
        </List>
      )}
      <Title order={3} size="h5">
        Last runs
      </Title>
      <DataTable
        caption={`Last runs of ${name}`}
        columns={runColumns}
        rows={runs}
        keyOf={({ id }) => id}
        empty="It has not run yet."
      />
      <Title order={3} size="h5">
        Definition
      </Title>
      <JsonBlock label={`Definition of ${name}`} json={definition} />
    </Stack>
  );
}

const runColumns: readonly Column<LastRun>[] = [
  { title: 'Slot', cell: ({ slot }) => <When at={slot} /> },
  { title: 'State', cell: ({ state }) => <StateBadge state={state} /> },
  { title: 'Rows', cell: rowsText, isNumber: true },
  { title: 'Reason', cell: ({ reason }) => reason ?? '–' },
];
