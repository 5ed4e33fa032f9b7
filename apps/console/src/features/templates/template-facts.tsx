import { Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { CopiedText } from '../../parts/copied-text.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Failure } from '../../parts/failure.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { When } from '../../parts/when.tsx';
import { useSession } from '../../session.tsx';
import { TagList } from './tag-list.tsx';
import { kindInWords, templateText, type TemplateAnswer } from './template-answer.ts';

/** What is registered under the report's name: the document that its ids are hashes of. */
export function TemplateFacts({ name }: { readonly name: string }) {
  const { client } = useSession();
  const { data, error } = useQuery({
    queryKey: ['template', name],
    queryFn: ({ signal }) => client.query<{ template: TemplateAnswer | null }>(templateText, { ref: name }, { signal }),
  });
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        The template
      </Title>
      {error !== null && <Failure error={error} />}
      {data !== undefined && data.template !== null && <Registered template={data.template} />}
    </Stack>
  );
}

function Registered({ template }: { readonly template: TemplateAnswer }) {
  const { ref, state, owner, tags, cost, schedule, lastUsedAt, ids, columns, usedBy, document } = template;
  return (
    <>
      <Facts
        of={[
          ['Version', ref],
          ['State', <StateBadge key="state" state={state} />],
          ['Owner', owner],
          ['Tags', tags.length === 0 ? null : <TagList key="tags" tags={tags} />],
          ['Cost with its defaults', cost === null ? null : `${cost} points`],
          ['Meant to run', schedule],
          ['Last run', <When key="last" at={lastUsedAt} />],
        ]}
      />
      <DataTable
        caption={`Ids of ${ref}`}
        columns={[
          { title: 'Id', cell: ({ id }) => <code>{id}</code> },
          { title: 'Hash of', cell: ({ kind }) => kindInWords(kind) },
          { title: 'Copy', cell: ({ id, kind }) => <CopyButton of={`the id of ${kindInWords(kind)}`} text={id} /> },
        ]}
        rows={ids}
        keyOf={({ kind, id }) => `${kind} ${id}`}
        empty="It has no ids."
      />
      <Text size="sm" c="dimmed">
        Any of these runs it at <code>/graphql</code>, as <code>documentId</code>, without the text.
      </Text>
      <CopiedText label="the document" text={document} />
      <DataTable
        caption={`Columns of ${ref}`}
        columns={[
          { title: 'Column', cell: ({ title }) => title },
          { title: 'Type', cell: ({ type }) => type },
          { title: 'In the answer', cell: ({ path }) => <code>{path}</code> },
        ]}
        rows={columns}
        keyOf={({ title }) => title}
        empty="It has no columns."
      />
      <DataTable
        caption={`Keys that ran ${ref}`}
        columns={[
          { title: 'Key', cell: ({ keyName, keyId }) => keyName ?? keyId },
          { title: 'Owner', cell: ({ keyOwner }) => keyOwner ?? '–' },
          { title: 'Runs', cell: ({ runs }) => runs.toLocaleString('en'), isNumber: true },
          { title: 'Last', cell: ({ lastUsedAt: at }) => <When at={at} /> },
        ]}
        rows={usedBy}
        keyOf={({ keyId }) => keyId}
        empty="No key whose use you may see ran it in the last 400 days."
      />
    </>
  );
}
