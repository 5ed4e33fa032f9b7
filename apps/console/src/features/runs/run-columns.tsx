import { Stack, Text } from '@mantine/core';
import type { Column } from '../../parts/data-table.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { When } from '../../parts/when.tsx';
import { DeliveryList } from './delivery-list.tsx';
import { DialogButton } from '../../parts/dialog-button.tsx';
import { FileButton } from './file-button.tsx';
import type { RunAnswer } from './run-answer.ts';
import { RunDetails } from './run-details.tsx';
import { differenceText, durationText, rowsText } from './run-words.ts';

export const runColumns: readonly Column<RunAnswer>[] = [
  { title: 'Slot', cell: ({ slot }) => <When at={slot} /> },
  { title: 'Schedule', cell: ({ schedule }) => schedule },
  { title: 'State', cell: (run) => <State run={run} /> },
  { title: 'Rows', cell: rowsText, isNumber: true },
  { title: 'Difference', cell: ({ difference }) => differenceText(difference) },
  { title: 'Files', cell: (run) => <Files run={run} /> },
  { title: 'Deliveries', cell: ({ deliveries }) => <DeliveryList deliveries={deliveries} /> },
  { title: 'Duration', cell: ({ durationMs }) => durationText(durationMs), isNumber: true },
  {
    title: 'Actions',
    cell: (run) => (
      <DialogButton label="Details" of={`of ${nameOf(run)}`} title={`Run of ${run.schedule}`} dialogSize="xl">
        {() => <RunDetails run={run} />}
      </DialogButton>
    ),
  },
];

/** Two runs of a schedule may have the same slot. */
const nameOf = ({ schedule, id }: RunAnswer) => `${schedule}, ${id}`;

const State = ({ run: { state, reason, errorCode } }: { readonly run: RunAnswer }) => (
  <Stack gap={4} align="flex-start" maw={280} miw={reason === null ? 'max-content' : 200}>
    <StateBadge state={state} />
    {errorCode !== null && (
      <Text size="xs" ff="monospace">
        {errorCode}
      </Text>
    )}
    {reason !== null && <Text size="xs">{reason}</Text>}
  </Stack>
);

function Files({ run }: { readonly run: RunAnswer }) {
  if (run.files.length === 0) return <>–</>;
  return (
    <Stack gap={4}>
      {run.files.map((file) => (
        <FileButton key={file.name} file={file} of={nameOf(run)} />
      ))}
    </Stack>
  );
}
