import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { Failure } from '../../parts/failure.tsx';
import { useSession } from '../../session.tsx';
import { choiceOption } from './choice-option.tsx';
import classes from './fields.module.css';
import { aboutOf, levels } from './key-choices.ts';
import { createInputOf, emptyDraft, problemsOf, type CreateKeyInput, type NewKeyDraft } from './new-key-draft.ts';
import { listProps } from './list-props.ts';
import { DataFields } from './new-key-data-fields.tsx';
import { LimitFields } from './new-key-limit-fields.tsx';
import { RightFields } from './new-key-right-fields.tsx';

/** What a part of the form needs. */
export interface DraftProps {
  readonly draft: NewKeyDraft;
  readonly change: (part: Partial<NewKeyDraft>) => void;
  /** By the name of the field; told once the form was sent. */
  readonly problems: ReadonlyMap<string, string>;
}

export interface NewKeyFormProps {
  readonly create: (input: CreateKeyInput) => void;
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly cancel: () => void;
}

const noProblems: ReadonlyMap<string, string> = new Map();

export function NewKeyForm({ create, isPending, error, cancel }: NewKeyFormProps) {
  const [draft, setDraft] = useState(emptyDraft);
  const [wasSent, setWasSent] = useState(false);
  const found = problemsOf(draft);
  const parts: DraftProps = {
    draft,
    change: (part) => setDraft((before) => ({ ...before, ...part })),
    problems: wasSent ? found : noProblems,
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setWasSent(true);
    if (found.size === 0) create(createInputOf(draft));
  };
  return (
    <Stack component="form" onSubmit={submit}>
      <WhoFields {...parts} />
      <RightFields {...parts} />
      <DataFields {...parts} />
      <LimitFields {...parts} />
      <Refusal error={error} problems={parts.problems} />
      <Group justify="flex-end">
        <Button variant="default" onClick={cancel}>
          Cancel
        </Button>
        <Button type="submit" loading={isPending}>
          Create key
        </Button>
      </Group>
    </Stack>
  );
}

interface RefusalProps {
  readonly error: Error | null;
  readonly problems: ReadonlyMap<string, string>;
}

/** Beside the button that was pressed, since the fields may be out of sight. */
function Refusal({ error, problems }: RefusalProps) {
  const box = useRef<HTMLDivElement>(null);
  const sentences = [...problems.values()].join(' ');
  useEffect(() => {
    if (error !== null) box.current?.scrollIntoView({ block: 'center' });
  }, [error]);
  return (
    <div ref={box}>
      {sentences !== '' && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {sentences}
        </Text>
      )}
      {error !== null && <Failure error={error} />}
    </div>
  );
}

function WhoFields({ draft, change }: DraftProps) {
  const { caller } = useSession();
  return (
    <>
      <div className={classes.beside}>
        <TextInput
          label="Name"
          description="Of the service that will send it."
          value={draft.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
          autoComplete="off"
          required
          data-autofocus
        />
        <TextInput
          label="Owner"
          description={`The application or team. Empty means ${caller?.owner ?? 'the owner of your key'}.`}
          value={draft.owner}
          onChange={(event) => change({ owner: event.currentTarget.value })}
          autoComplete="off"
        />
      </div>
      <Select
        label="Level"
        description={aboutOf(levels, draft.level)}
        data={levels.map(({ value, label }) => ({ value, label }))}
        renderOption={choiceOption(levels)}
        {...listProps}
        value={draft.level}
        onChange={(level) => change({ level: level ?? draft.level })}
        allowDeselect={false}
      />
    </>
  );
}
