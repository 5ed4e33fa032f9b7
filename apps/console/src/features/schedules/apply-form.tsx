import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { DataTable } from '../../parts/data-table.tsx';
import { Failure } from '../../parts/failure.tsx';
import { exampleYaml } from './example-yaml.ts';
import type { DestinationAnswer } from './schedule-answer.ts';
import { useScheduleChange } from './use-schedule-change.ts';

interface Applied {
  readonly applySchedules: readonly { readonly name: string; readonly outcome: string }[];
}

const applyText = `mutation ApplySchedules($yaml: String!, $dryRun: Boolean!) {
  applySchedules(yaml: $yaml, dryRun: $dryRun) { name outcome }
}`;

export interface ApplyFormProps {
  readonly destinations: readonly DestinationAnswer[];
  readonly close: () => void;
}

/** Makes and changes schedules from the text of a YAML file, all or none. */
export function ApplyForm({ destinations, close }: ApplyFormProps) {
  const [yaml, setYaml] = useState(() => exampleYaml(destinations));
  const { mutate, reset, isPending, error, data, variables } = useScheduleChange<Applied>(applyText);
  const isCheck = variables?.['dryRun'] === true;
  const apply = (dryRun: boolean) => mutate({ yaml, dryRun });
  return (
    <Stack>
      <Text size="sm">{destinationsText(destinations)}</Text>
      <Textarea
        label="Schedules as YAML"
        description="A schedule of a name that is there is changed. All are applied, or none; runs have the rights of your key."
        value={yaml}
        onChange={(event) => {
          setYaml(event.currentTarget.value);
          reset();
        }}
        autosize
        minRows={12}
        maxRows={24}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        data-autofocus
      />
      {error !== null && <Failure error={error} />}
      {data !== undefined && <Outcomes applied={data.applySchedules} isCheck={isCheck} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          Close
        </Button>
        <Button variant="default" loading={isPending && isCheck} disabled={isPending} onClick={() => apply(true)}>
          Check
        </Button>
        <Button loading={isPending && !isCheck} disabled={isPending} onClick={() => apply(false)}>
          Apply
        </Button>
      </Group>
    </Stack>
  );
}

const Outcomes = ({ applied, isCheck }: { readonly applied: Applied['applySchedules']; readonly isCheck: boolean }) => (
  <Stack gap="xs" role="status">
    <Text size="sm">{isCheck ? 'Nothing was changed yet. Apply would do this:' : 'This was done:'}</Text>
    <DataTable
      caption="Outcome by schedule"
      columns={[
        { title: 'Schedule', cell: ({ name }) => name },
        { title: 'Outcome', cell: ({ outcome }) => outcome },
      ]}
      rows={applied}
      keyOf={({ name }) => name}
      empty="The text has no schedule in it."
    />
  </Stack>
);

function destinationsText(destinations: readonly DestinationAnswer[]): string {
  if (destinations.length === 0)
    return 'No destination is configured, so no schedule can send anything yet. Destinations come from the configuration file of the gateway, under "destinations".';
  const known = destinations.map(({ name, kind }) => `${name} (${kind})`).join(', ');
  return `Destinations of this gateway: ${known}. They come from its configuration file.`;
}
