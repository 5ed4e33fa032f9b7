import { Stack } from '@mantine/core';
import type { Column } from '../../parts/data-table.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { When } from '../../parts/when.tsx';
import { ScheduleActions } from './schedule-actions.tsx';
import type { DestinationAnswer, ScheduleAnswer } from './schedule-answer.ts';
import { ScheduleState } from './schedule-state.tsx';

export const scheduleColumns = (destinations: readonly DestinationAnswer[]): readonly Column<ScheduleAnswer>[] => [
  { title: 'Name', cell: ({ name }) => name },
  { title: 'Template', cell: ({ template }) => template },
  { title: 'When', cell: ({ cron, zone }) => <CronText cron={cron} zone={zone} /> },
  { title: 'Next run', cell: ({ nextSlots }) => <NextSlot slots={nextSlots} /> },
  { title: 'State', cell: (schedule) => <ScheduleState schedule={schedule} /> },
  { title: 'Last run', cell: ({ runs }) => <LastRun runs={runs} /> },
  { title: 'Failures', cell: ({ failures }) => failures, isNumber: true },
  { title: 'Owner', cell: ({ owner }) => owner },
  { title: 'Actions', cell: (schedule) => <ScheduleActions schedule={schedule} destinations={destinations} /> },
];

const CronText = ({ cron, zone }: Pick<ScheduleAnswer, 'cron' | 'zone'>) => (
  <span style={{ whiteSpace: 'nowrap' }}>
    <code>{cron}</code>
    <br />
    {zone}
  </span>
);

function NextSlot({ slots }: { readonly slots: ScheduleAnswer['nextSlots'] }) {
  const next = slots[0];
  if (next === undefined) return <>–</>;
  return (
    <time dateTime={next.at} title={next.at} style={{ whiteSpace: 'nowrap' }}>
      {next.local}
    </time>
  );
}

function LastRun({ runs }: Pick<ScheduleAnswer, 'runs'>) {
  const last = runs[0];
  if (last === undefined) return <>–</>;
  return (
    <Stack gap={2} align="flex-start">
      <StateBadge state={last.state} />
      <When at={last.slot} />
    </Stack>
  );
}
