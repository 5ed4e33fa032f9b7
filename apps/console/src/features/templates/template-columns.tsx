import { Stack, Text } from '@mantine/core';
import type { Column } from '../../parts/data-table.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { When } from '../../parts/when.tsx';
import type { ListedTemplate } from './listed-template.ts';
import { TemplateActions } from './template-actions.tsx';

export const templateColumns: readonly Column<ListedTemplate>[] = [
  {
    title: 'Template',
    cell: ({ ref, title }) => (
      <>
        {title}
        <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
          {ref}
        </Text>
      </>
    ),
  },
  { title: 'State', cell: (template) => <State template={template} /> },
  { title: 'Actions', cell: (template) => <TemplateActions template={template} /> },
  { title: 'Owner', cell: ({ owner }) => owner },
  { title: 'Source', cell: ({ source }) => source?.toLowerCase() ?? '–' },
  {
    title: 'Approved',
    cell: ({ approved }) => (approved === null ? '–' : <Approved by={approved.by} at={approved.at} />),
  },
  { title: 'Last run', cell: ({ lastUsedAt }) => <When at={lastUsedAt} /> },
];

const Approved = ({ by, at }: { readonly by: string; readonly at: string }) => (
  <>
    <When at={at} />
    <Text size="xs" c="dimmed">
      {by}
    </Text>
  </>
);

const State = ({ template }: { readonly template: ListedTemplate }) => (
  <Stack gap={2} align="flex-start" miw={160} maw={260}>
    <StateBadge state={template.state} />
    {endOf(template).map((sentence) => (
      <Text key={sentence} size="xs">
        {sentence}
      </Text>
    ))}
  </Stack>
);

/** What is to be known beside the state. */
function endOf({ problem, sunset, successor, retiredAt, deprecationNote }: ListedTemplate): readonly string[] {
  return [
    ...(problem === null ? [] : [`Out of service: ${problem}`]),
    ...(sunset === null ? [] : [`To be retired on ${sunset}.`]),
    ...(successor === null ? [] : [`Use ${successor}.`]),
    ...(retiredAt === null ? [] : [`Since ${retiredAt}.`]),
    ...(deprecationNote === null ? [] : [deprecationNote]),
  ];
}
