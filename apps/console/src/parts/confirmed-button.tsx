import { Button, Group, Stack, Text, type ButtonProps } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { DialogButton } from './dialog-button.tsx';
import { Failure } from './failure.tsx';

export interface ConfirmedButtonProps extends Omit<ButtonProps, 'children'> {
  /** What the button says, and the button that confirms. */
  readonly label: string;
  /** Tells buttons of several rows apart to those who do not see the rows. */
  readonly of: string;
  readonly question: ReactNode;
  /** @throws what is then shown */
  readonly act: () => Promise<unknown>;
}

/** A button for what cannot be taken back with another click: it asks first, and says what went wrong. */
export function ConfirmedButton({ label, of, question, act, ...button }: ConfirmedButtonProps) {
  return (
    <DialogButton {...button} label={label} of={of} title={`${label} ${of}`} dialogSize="md">
      {(close) => <Question label={label} question={question} act={act} close={close} />}
    </DialogButton>
  );
}

interface QuestionProps extends Pick<ConfirmedButtonProps, 'label' | 'question' | 'act'> {
  readonly close: () => void;
}

function Question({ label, question, act, close }: QuestionProps) {
  const { mutate, isPending, error } = useMutation({ mutationFn: act, onSuccess: close });
  return (
    <Stack>
      <Text size="sm">{question}</Text>
      {error !== null && <Failure error={error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button onClick={() => mutate()} loading={isPending}>
          {label}
        </Button>
      </Group>
    </Stack>
  );
}
