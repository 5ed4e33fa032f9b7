import { Button, Group } from '@mantine/core';
import { ConfirmedButton } from '../../parts/confirmed-button.tsx';
import { Failure } from '../../parts/failure.tsx';
import { useSession } from '../../session.tsx';
import { DialogButton } from '../../parts/dialog-button.tsx';
import { PauseForm } from './pause-form.tsx';
import { recipientsOf } from './recipients-of.ts';
import { RunNowForm } from './run-now-form.tsx';
import type { DestinationAnswer, ScheduleAnswer } from './schedule-answer.ts';
import { ScheduleDetails } from './schedule-details.tsx';
import { useScheduleChange } from './use-schedule-change.ts';

export interface ScheduleActionsProps {
  readonly schedule: ScheduleAnswer;
  readonly destinations: readonly DestinationAnswer[];
}

export function ScheduleActions({ schedule, destinations }: ScheduleActionsProps) {
  const { may } = useSession();
  const { name, state, definition } = schedule;
  return (
    <Group gap={4} miw={150}>
      <DialogButton label="Details" of={`of ${name}`} title={`Schedule ${name}`} dialogSize="xl">
        {() => <ScheduleDetails schedule={schedule} />}
      </DialogButton>
      {may('schedules:write') && (
        <>
          <DialogButton label="Run now" of={name} title={`Run ${name} now`}>
            {(close) => (
              <RunNowForm schedule={schedule} recipients={recipientsOf(definition, destinations)} close={close} />
            )}
          </DialogButton>
          {state === 'PAUSED' && <ResumeButton name={name} />}
          {state === 'ACTIVE' && (
            <DialogButton label="Pause" of={name} title={`Pause ${name}`}>
              {(close) => <PauseForm schedule={schedule} close={close} />}
            </DialogButton>
          )}
          <RemoveButton name={name} />
        </>
      )}
    </Group>
  );
}

function ResumeButton({ name }: { readonly name: string }) {
  const { mutate, isPending, error } = useScheduleChange(
    'mutation ResumeSchedule($name: String!) { resumeSchedule(name: $name) { name } }',
  );
  return (
    <>
      <Button
        variant="default"
        size="compact-sm"
        loading={isPending}
        onClick={() => mutate({ name })}
        aria-label={`Resume ${name}`}
      >
        Resume
      </Button>
      {error !== null && <Failure error={error} />}
    </>
  );
}

function RemoveButton({ name }: { readonly name: string }) {
  const { mutateAsync } = useScheduleChange('mutation RemoveSchedule($name: String!) { removeSchedule(name: $name) }');
  return (
    <ConfirmedButton
      label="Remove"
      of={name}
      variant="default"
      size="compact-sm"
      question="The schedule runs no more. Its runs and their files stay as long as they are to be kept."
      act={() => mutateAsync({ name })}
    />
  );
}
