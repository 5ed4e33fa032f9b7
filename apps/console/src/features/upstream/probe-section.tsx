import { Group, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { ConfirmedButton } from '../../parts/confirmed-button.tsx';
import { DataTable, type Column } from '../../parts/data-table.tsx';
import { useSession } from '../../session.tsx';
import { CopyBundle } from './copy-bundle.tsx';
import { Section } from '../../parts/section.tsx';
import { ToldBadge, type ToldBadgeProps } from '../../parts/told-badge.tsx';
import { probeText, type ProbeAnswer, type ProbeFinding } from './upstream-answer.ts';

/** Holds the account against what is assumed of the service. */
export function ProbeSection() {
  const { client } = useSession();
  const probe = useMutation({
    mutationFn: () => client.query<{ readonly probeUpstream: ProbeAnswer }>(probeText),
    gcTime: 0,
  });
  const actions = (
    <ConfirmedButton
      label="Probe"
      of="CertCentral"
      variant="default"
      size="xs"
      question="It spends at most 10 calls of the budget, which read only."
      act={() => probe.mutateAsync()}
    />
  );
  return (
    <Section title="Probe" actions={actions}>
      <Text size="sm">
        Holds the answers of CertCentral against what the gateway assumes of them, and makes a bundle to pass on to
        support.
      </Text>
      {probe.data !== undefined && <Findings probe={probe.data.probeUpstream} />}
    </Section>
  );
}

const Findings = ({ probe }: { readonly probe: ProbeAnswer }) => (
  <>
    <Text size="sm" role="status">
      {probe.host} was asked with {probe.calls} calls.
    </Text>
    <DataTable
      caption="Findings of the probe"
      columns={findingColumns}
      rows={probe.findings}
      keyOf={({ read }, index) => `${index} ${read}`}
      empty="There was nothing to look at."
    />
    <Title order={3} size="h5">
      Bundle
    </Title>
    <Text size="sm">Shapes, counts, names of columns and of header fields; no key and no value of an answer.</Text>
    <CopyBundle text={probe.bundle} />
  </>
);

const unknownState: ToldBadgeProps = { words: 'unknown', color: 'gray' };
const shownStates = new Map<string, ToldBadgeProps>([
  ['OK', { words: 'as assumed', color: 'green' }],
  ['DIFFERS', { words: 'differs', color: 'orange' }],
  ['BROKEN', { words: 'broken', color: 'red' }],
  ['FAILED', { words: 'no answer', color: 'red' }],
]);

const findingColumns: readonly Column<ProbeFinding>[] = [
  { title: 'Read', cell: ({ read }) => <code>{read}</code> },
  { title: 'State', cell: ({ state }) => <ToldBadge {...(shownStates.get(state) ?? unknownState)} /> },
  { title: 'Found', cell: ({ found }) => <Group miw={240}>{found}</Group> },
];
