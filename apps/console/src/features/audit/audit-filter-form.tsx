import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { emptyFilter, kinds, type AuditFilterDraft } from './audit-filter.ts';

export function AuditFilterForm({ apply }: { readonly apply: (draft: AuditFilterDraft) => void }) {
  const [draft, setDraft] = useState(emptyFilter);
  const change = (part: Partial<AuditFilterDraft>) => setDraft((before) => ({ ...before, ...part }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    apply(draft);
  };
  const clear = () => {
    setDraft(emptyFilter);
    apply(emptyFilter);
  };
  return (
    <Group component="form" onSubmit={submit} align="flex-end" gap="sm" role="search" aria-label="Entries">
      <TextInput
        label="Since"
        description="A day, or today-7d"
        value={draft.since}
        onChange={(event) => change({ since: event.currentTarget.value })}
        w={160}
      />
      <TextInput
        label="Until"
        description="A day, included"
        value={draft.until}
        onChange={(event) => change({ until: event.currentTarget.value })}
        w={160}
      />
      <TextInput
        label="Key"
        description="Id or name"
        value={draft.key}
        onChange={(event) => change({ key: event.currentTarget.value })}
        autoComplete="off"
        w={180}
      />
      <TextInput
        label="Template"
        description="name or name@version"
        value={draft.template}
        onChange={(event) => change({ template: event.currentTarget.value })}
        w={200}
      />
      <NativeSelect
        label="Kind"
        data={[...kinds]}
        value={draft.kind}
        onChange={(event) => change({ kind: event.currentTarget.value })}
        w={240}
      />
      <Group gap="xs">
        <Button type="submit">Search</Button>
        <Button variant="default" onClick={clear}>
          Clear
        </Button>
      </Group>
    </Group>
  );
}
