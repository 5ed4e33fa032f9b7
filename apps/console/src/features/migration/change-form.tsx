import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { Failure } from '../../parts/failure.tsx';
import { useRouteChange } from './use-route-change.ts';

export interface ChangeFormProps {
  /** Of the mutation. */
  readonly text: string;
  /** Without the reason. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** What callers will notice. */
  readonly noticed: ReactNode;
  readonly submitLabel: string;
  readonly close: () => void;
  /** Further inputs. */
  readonly children?: ReactNode;
}

/** Changes a route: says what callers will notice, asks for a reason. */
export function ChangeForm({ text, variables, noticed, submitLabel, close, children }: ChangeFormProps) {
  const [reason, setReason] = useState('');
  const { mutate, isPending, error } = useRouteChange(text);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutate({ ...variables, reason: reason.trim() }, { onSuccess: close });
  };
  return (
    <Stack component="form" onSubmit={submit}>
      {children}
      <TextInput
        label="Reason"
        description="Kept with the state and in the audit log; may be empty."
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Alert color="gray" title="What callers will notice">
        <Text size="sm">{noticed}</Text>
      </Alert>
      {error !== null && <Failure error={error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" loading={isPending}>
          {submitLabel}
        </Button>
      </Group>
    </Stack>
  );
}
