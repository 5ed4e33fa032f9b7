import { Alert, Button, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { Failure } from '../../parts/failure.tsx';
import { RouteAnchor } from '../../parts/route-anchor.tsx';
import type { ScheduleAnswer } from './schedule-answer.ts';
import { useScheduleChange } from './use-schedule-change.ts';

const runText = `mutation RunSchedule($name: String!, $onlyFor: String) {
  runSchedule(name: $name, onlyFor: $onlyFor) { id }
}`;

export interface RunNowFormProps {
  readonly schedule: ScheduleAnswer;
  readonly recipients: readonly string[];
  readonly close: () => void;
}

export function RunNowForm({ schedule, recipients, close }: RunNowFormProps) {
  const [onlyFor, setOnlyFor] = useState('');
  const { mutate, isPending, error, data } = useScheduleChange<{ runSchedule: { readonly id: string } }>(runText);
  if (data !== undefined) return <Queued id={data.runSchedule.id} close={close} />;
  return (
    <Stack>
      <Text size="sm">
        The report is run now, whatever the condition of the schedule, and sent. The times of the schedule stay as they
        are.
      </Text>
      <NativeSelect
        label="Send to"
        value={onlyFor}
        onChange={(event) => setOnlyFor(event.currentTarget.value)}
        data={[
          { value: '', label: 'All recipients' },
          ...recipients.map((recipient) => ({ value: recipient, label: `Only ${recipient}` })),
        ]}
        data-autofocus
      />
      {error !== null && <Failure error={error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button
          loading={isPending}
          onClick={() => mutate({ name: schedule.name, onlyFor: onlyFor === '' ? null : onlyFor })}
        >
          Run now
        </Button>
      </Group>
    </Stack>
  );
}

const Queued = ({ id, close }: { readonly id: string; readonly close: () => void }) => (
  <Stack>
    <Alert color="gray" role="status" title="The run is queued">
      <Text size="sm">
        How it goes is told under{' '}
        <RouteAnchor to="/runs" underline="always">
          Runs
        </RouteAnchor>
        , as {id}.
      </Text>
    </Alert>
    <Group justify="flex-end">
      <Button variant="default" onClick={close}>
        Done
      </Button>
    </Group>
  </Stack>
);
