import { Group, NativeSelect, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { DataTable } from '../../parts/data-table.tsx';
import { DialogButton } from '../../parts/dialog-button.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Page } from '../../parts/page.tsx';
import { useSession } from '../../session.tsx';
import {
  listedTemplatesKey,
  listedTemplatesText,
  shownTemplates,
  templateStates,
  type ListedTemplate,
} from './listed-template.ts';
import { PublishForm } from './publish-form.tsx';
import { templateColumns } from './template-columns.tsx';

/** Every version of every template, and what becomes of it. */
export function TemplatesPage() {
  const { client, may } = useSession();
  const { data, error } = useQuery({
    queryKey: listedTemplatesKey,
    queryFn: ({ signal }) =>
      client.query<{ templates: readonly ListedTemplate[] }>(listedTemplatesText, {}, { signal }),
  });
  const actions = may('templates:publish') && (
    <DialogButton label="Publish" title="Publish templates" dialogSize="xl" variant="filled" size="sm">
      {(close) => <PublishForm close={close} />}
    </DialogButton>
  );
  return (
    <Page
      title="Templates"
      about="Every version, from draft over approved and deprecated to retired. What is approved never changes; a change is a new version."
      actions={actions}
    >
      {error !== null && <Failure error={error} />}
      {data === undefined ? error === null && <Loading what="templates" /> : <Found templates={data.templates} />}
    </Page>
  );
}

function Found({ templates }: { readonly templates: readonly ListedTemplate[] }) {
  const [text, setText] = useState('');
  const [state, setState] = useState('');
  const shown = shownTemplates(templates, { text, state });
  return (
    <>
      <Group align="flex-end">
        <TextInput
          type="search"
          label="Search"
          placeholder="Name, title, owner or tag"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          w={260}
        />
        <NativeSelect
          label="State"
          value={state}
          onChange={(event) => setState(event.currentTarget.value)}
          data={[
            { value: '', label: 'All' },
            ...templateStates.map((value) => ({ value, label: value.toLowerCase() })),
          ]}
        />
      </Group>
      <Text role="status" size="sm" c="dimmed">
        {shown.length} of {templates.length} versions
      </Text>
      <DataTable
        caption="Templates"
        columns={templateColumns}
        rows={shown}
        keyOf={({ ref }) => ref}
        empty={
          templates.length === 0 ? 'There is no template yet. Publish makes the first.' : 'No version is like that.'
        }
      />
    </>
  );
}
