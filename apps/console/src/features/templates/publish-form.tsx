import { Alert, Button, Group, List, Stack, Text, TextInput } from '@mantine/core';
import { GatewayError } from '@certfolio/client';
import { useState } from 'react';
import { DataTable, type Column } from '../../parts/data-table.tsx';
import { Failure } from '../../parts/failure.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { problemsOf, textOf, type Published } from './published-files.ts';
import { useTemplateChange } from './use-template-change.ts';

const publishText = `mutation PublishTemplates($files: [TemplateFileInput!]!, $dryRun: Boolean!) {
  published: publishTemplates(files: $files, dryRun: $dryRun) {
    change upstreamCalls unknownCalls template { ref state cost sensitive }
  }
}`;

/** Puts files of a templates folder in as drafts, all or none. */
export function PublishForm({ close }: { readonly close: () => void }) {
  const [files, setFiles] = useState<readonly File[]>([]);
  const [unreadable, setUnreadable] = useState<Error | null>(null);
  const { mutate, reset, isPending, error, data, variables } = useTemplateChange<{ published: readonly Published[] }>(
    publishText,
  );
  const isCheck = variables?.['dryRun'] === true;
  const send = async (dryRun: boolean) => {
    try {
      const read = await Promise.all(files.map(async (file) => ({ name: file.name, content: await textOf(file) })));
      mutate({ files: read, dryRun });
    } catch (cause) {
      setUnreadable(cause instanceof Error ? cause : new Error(String(cause)));
    }
  };
  return (
    <Stack>
      <Text size="sm">
        A template is a pair of files as in a templates folder: <code>name.graphql</code> with the document and{' '}
        <code>name.yaml</code> with its metadata. They become drafts; approving is a step of its own.
      </Text>
      <TextInput
        type="file"
        label="Files"
        description="Documents and their metadata."
        multiple
        accept=".graphql,.gql,.yaml,.yml"
        onChange={(event) => {
          setFiles([...(event.currentTarget.files ?? [])]);
          setUnreadable(null);
          reset();
        }}
      />
      {unreadable !== null && <Failure error={unreadable} />}
      {error !== null && <Refusal error={error} />}
      {data !== undefined && <Outcomes published={data.published} isCheck={isCheck} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          Close
        </Button>
        <Button
          variant="default"
          loading={isPending && isCheck}
          disabled={isPending || files.length === 0}
          onClick={() => void send(true)}
        >
          Check
        </Button>
        <Button
          loading={isPending && !isCheck}
          disabled={isPending || files.length === 0}
          onClick={() => void send(false)}
        >
          Publish as drafts
        </Button>
      </Group>
    </Stack>
  );
}

function Refusal({ error }: { readonly error: Error }) {
  const problems = error instanceof GatewayError ? problemsOf(error.details.get('problems')) : [];
  if (problems.length === 0) return <Failure error={error} />;
  return (
    <Alert color="red" role="alert" title="Nothing was published">
      <List size="sm">
        {problems.map(({ file, where, what, todo }) => (
          <List.Item key={`${file} ${where} ${what}`}>
            <code>
              {file}
              {where !== '' && ` ${where}`}
            </code>{' '}
            {what} {todo}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

const columns: readonly Column<Published>[] = [
  { title: 'Template', cell: ({ template }) => template.ref },
  { title: 'Change', cell: ({ change }) => change.toLowerCase() },
  { title: 'State', cell: ({ template }) => <StateBadge state={template.state} /> },
  { title: 'Cost', cell: ({ template }) => template.cost ?? 'not known', isNumber: true },
  {
    title: 'Calls of CertCentral',
    cell: ({ upstreamCalls, unknownCalls }) => upstreamCalls ?? unknownCalls ?? 'not known',
    isNumber: true,
  },
  { title: 'Sensitive', cell: ({ template }) => template.sensitive.join(', ') || '–' },
];

const Outcomes = ({ published, isCheck }: { readonly published: readonly Published[]; readonly isCheck: boolean }) => (
  <Stack gap="xs" role="status">
    <Text size="sm">
      {isCheck ? 'Nothing was published yet. Publish would do this:' : 'Published. Drafts run once they are approved.'}
    </Text>
    <DataTable
      caption="Outcome by template"
      columns={columns}
      rows={published}
      keyOf={({ template }) => template.ref}
      empty="There is no template in these files."
    />
  </Stack>
);
