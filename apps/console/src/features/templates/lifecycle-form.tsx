import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { Failure } from '../../parts/failure.tsx';
import { useTemplateChange } from './use-template-change.ts';

export interface LifecycleFormProps {
  /** Of the mutation, which takes a note. */
  readonly text: string;
  /** Without the note. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** What becomes of the template and of those who run it. */
  readonly about: string;
  readonly noteAbout: string;
  readonly submitLabel: string;
  readonly isReady?: boolean;
  readonly note?: string;
  readonly close: () => void;
  /** Further inputs. */
  readonly children?: ReactNode;
}

/** Moves a version into its next state. */
export function LifecycleForm({
  text,
  variables,
  about,
  noteAbout,
  submitLabel,
  isReady = true,
  ...more
}: LifecycleFormProps) {
  const { close, children } = more;
  const [note, setNote] = useState(more.note ?? '');
  const { mutate, isPending, error } = useTemplateChange(text);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutate({ ...variables, note: note.trim() === '' ? null : note.trim() }, { onSuccess: close });
  };
  return (
    <Stack component="form" onSubmit={submit}>
      <Text size="sm">{about}</Text>
      {children}
      <TextInput
        label="Note"
        description={noteAbout}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      {error !== null && <Failure error={error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" loading={isPending} disabled={!isReady}>
          {submitLabel}
        </Button>
      </Group>
    </Stack>
  );
}
