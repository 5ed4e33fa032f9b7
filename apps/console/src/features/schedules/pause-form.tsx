import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { Failure } from '../../parts/failure.tsx';
import type { ScheduleAnswer } from './schedule-answer.ts';
import { useScheduleChange } from './use-schedule-change.ts';
import { instantOfUtc } from '../../parts/utc-instant.ts';

const pauseText = `mutation PauseSchedule($name: String!, $until: DateTime, $reason: String) {
  pauseSchedule(name: $name, until: $until, reason: $reason) { name }
}`;

export interface PauseFormProps {
  readonly schedule: ScheduleAnswer;
  readonly close: () => void;
}

export function PauseForm({ schedule, close }: PauseFormProps) {
  const [until, setUntil] = useState('');
  const [reason, setReason] = useState('');
  const { mutate, isPending, error } = useScheduleChange(pauseText);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const said = reason.trim();
    const variables = { name: schedule.name, until: instantOfUtc(until), reason: said === '' ? null : said };
    mutate(variables, { onSuccess: close });
  };
  return (
    <Stack component="form" onSubmit={submit}>
      <Text size="sm">No slot of the pause is run, also not later.</Text>
      <TextInput
        type="datetime-local"
        label="Until (UTC)"
        description="Without it the pause lasts until somebody ends it."
        value={until}
        onChange={(event) => setUntil(event.currentTarget.value)}
        data-autofocus
      />
      <TextInput
        label="Reason"
        description="Shown beside the schedule; may be empty."
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {error !== null && <Failure error={error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" loading={isPending}>
          Pause
        </Button>
      </Group>
    </Stack>
  );
}
