import { Group, Stack, Text, Title } from '@mantine/core';
import { DataTable, type Column } from '../../parts/data-table.tsx';
import { Facts } from '../../parts/facts.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { When } from '../../parts/when.tsx';
import { FileButton } from './file-button.tsx';
import { JsonBlock } from '../../parts/json-block.tsx';
import type { RunAnswer, RunDelivery, RunFile } from './run-answer.ts';
import { bytesText, differenceText, durationText, rowsText } from './run-words.ts';

/** Everything that is known of a run. */
export function RunDetails({ run }: { readonly run: RunAnswer }) {
  return (
    <Stack>
      <Facts
        of={[
          ['State', <StateBadge key="state" state={run.state} />],
          ['Reason', run.reason],
          ['Error code', run.errorCode],
          ['Schedule', run.schedule],
          ['Owner', run.owner],
          ['Run', run.id],
        ]}
      />
      <Times run={run} />
      <Data run={run} />
      {run.variables !== null && (
        <>
          <Title order={3} size="h5">
            Variables
          </Title>
          <JsonBlock label={`Variables of ${run.id}`} json={run.variables} />
        </>
      )}
      <Title order={3} size="h5">
        Files
      </Title>
      <DataTable
        caption={`Files of ${run.id}`}
        columns={fileColumns}
        rows={run.files}
        keyOf={({ name }) => name}
        empty="The run left no files."
      />
      <Title order={3} size="h5">
        Deliveries
      </Title>
      <DataTable
        caption={`Deliveries of ${run.id}`}
        columns={deliveryColumns}
        rows={run.deliveries}
        keyOf={({ kind, destination, recipient }) => `${kind} ${destination} ${recipient}`}
        empty="Nothing was sent."
      />
    </Stack>
  );
}

const Times = ({ run }: { readonly run: RunAnswer }) => (
  <Facts
    of={[
      ['Slot', <When key="slot" at={run.slot} />],
      ['Trigger', run.trigger.replaceAll('_', ' ')],
      ['Only for', run.onlyFor],
      ['Attempts', run.attempts],
      ['Queued', <When key="queued" at={run.queuedAt} />],
      ['Started', <When key="started" at={run.startedAt} />],
      ['Finished', <When key="finished" at={run.finishedAt} />],
      ['Duration', durationText(run.durationMs)],
    ]}
  />
);

const Data = ({ run }: { readonly run: RunAnswer }) => (
  <Facts
    of={[
      ['Template', run.template],
      ['Id of the template', run.templateId],
      ['Rows', rowsText(run)],
      ['Difference', differenceText(run.difference)],
      ['Compared with', run.difference?.comparedWith],
      ['Data as of', run.dataAsOf === null ? null : <When key="as-of" at={run.dataAsOf} />],
      ['Source', run.source],
      ['Stale', run.stale === null ? null : run.stale ? 'yes, older than it should be' : 'no'],
      ['Calls of CertCentral', run.upstreamCalls],
      ['SHA-256 of the rows', run.rowsHash],
    ]}
  />
);

const fileColumns: readonly Column<RunFile>[] = [
  { title: 'File', cell: (file) => <FileButton file={file} of={file.name} /> },
  { title: 'Name', cell: ({ name }) => name },
  { title: 'Media type', cell: ({ mediaType }) => mediaType.replace(/;.*$/, '') },
  {
    title: 'Size',
    cell: ({ bytes }) => <span style={{ whiteSpace: 'nowrap' }}>{bytesText(bytes)}</span>,
    isNumber: true,
  },
  { title: 'SHA-256', cell: ({ sha256 }) => <code>{sha256}</code> },
];

const deliveryColumns: readonly Column<RunDelivery>[] = [
  { title: 'Destination', cell: ({ destination }) => destination },
  { title: 'Recipient', cell: ({ recipient }) => recipient },
  { title: 'What', cell: ({ kind }) => (kind === 'failure' ? 'notice of failure' : kind) },
  {
    title: 'State',
    cell: ({ state, error }) => (
      <Group gap={6} miw={160}>
        <StateBadge state={state.toUpperCase()} />
        {error !== null && <Text size="xs">{error}</Text>}
      </Group>
    ),
  },
  { title: 'Attempts', cell: ({ attempts }) => attempts, isNumber: true },
  { title: 'Reference', cell: ({ reference }) => reference ?? '–' },
  { title: 'Changed', cell: ({ changedAt }) => <When at={changedAt} /> },
];
