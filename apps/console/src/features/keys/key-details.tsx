import { Alert, Drawer, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { DataTable, type Column } from '../../parts/data-table.tsx';
import { Facts } from '../../parts/facts.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { When } from '../../parts/when.tsx';
import { stateOf } from './key-state.ts';
import { levelInWords, listInWords, numberInWords, templatesInWords } from './key-words.ts';
import type { KeySecret, ListedKey } from './listed-key.ts';

export interface KeyDetailsProps {
  /** Null before one was chosen: a dialog that is there from the start knows where the keyboard was before. */
  readonly of: ListedKey | null;
  readonly nowMs: number;
  readonly isOpen: boolean;
  readonly close: () => void;
}

/** All that the gateway tells of a key. */
export function KeyDetails({ of, nowMs, isOpen, close }: KeyDetailsProps) {
  return (
    <Drawer opened={isOpen} onClose={close} title={of?.name} position="right" size="lg">
      {of !== null && <AllFacts of={of} nowMs={nowMs} />}
    </Drawer>
  );
}

function AllFacts({ of, nowMs }: { readonly of: ListedKey; readonly nowMs: number }) {
  return (
    <Stack gap="lg">
      {of.managedBy !== null && (
        <Alert variant="default" title="Applied from a file">
          <Text size="sm">
            This key is applied from the file "{of.managedBy}". What is changed here is undone by the next apply.
          </Text>
        </Alert>
      )}
      <Facts of={whoFacts(of, nowMs)} />
      <Section title="What it may do">
        <Facts of={rightFacts(of)} />
      </Section>
      <Section title="Limits">
        <Facts of={limitFacts(of)} />
      </Section>
      <Section title="Secrets">
        <DataTable
          caption={`Secrets of ${of.name}`}
          columns={secretColumns}
          rows={of.secrets}
          keyOf={(_secret, index) => index}
          empty="No secret opens this key."
        />
      </Section>
      <Section title="Fixed variables">
        <FixedVariables of={of} />
      </Section>
      <Section title="Schedules with its rights">
        <Text size="sm">
          {of.schedules.length === 0 ? 'No schedule runs with its rights.' : of.schedules.join(', ')}
        </Text>
      </Section>
    </Stack>
  );
}

type FactList = readonly (readonly [string, ReactNode])[];

const whoFacts = (key: ListedKey, nowMs: number): FactList => [
  ['State', <StateBadge state={stateOf(key, nowMs)} />],
  ['Id', key.id],
  ['Owner', key.owner],
  ['Account', key.account],
  ['Created', <When at={key.createdAt} />],
  ['Last used', key.lastUsedAt === null ? 'Never' : <When at={key.lastUsedAt} />],
  ['Expires', key.expiresAt === null ? 'Never' : <When at={key.expiresAt} />],
  ['Revoked', key.revokedAt === null ? null : <When at={key.revokedAt} />],
  ['Managed by', key.managedBy],
];

const rightFacts = (key: ListedKey): FactList => [
  ['Level', levelInWords(key.level)],
  ['Templates', templatesInWords(key.templates)],
  ['Scopes', listInWords(key.scopes)],
  ['Divisions', listInWords(key.containers)],
  ['Sensitive fields', listInWords(key.fields)],
  ['Right at the REST façade', restInWords(key)],
  ['In the URL of a report', key.inUrl ? 'Yes' : 'No'],
];

const limitFacts = ({ limits, tier }: ListedKey): FactList => [
  ['Requests per minute', numberInWords(limits.requestsPerMinute)],
  ['Burst', numberInWords(limits.burst)],
  ['Cost per minute', `${numberInWords(limits.costPerMinute)} points`],
  ['Rows per run', numberInWords(limits.rows)],
  ['At the same time', numberInWords(limits.concurrent)],
  ['Over the limit', limits.mode === 'SHADOW' ? 'Counted, not refused' : 'Refused'],
  ['Tier', tier],
];

const restInWords = ({ rest, restAsSet }: ListedKey) =>
  `${levelInWords(rest)}${restAsSet === null ? ' (it follows from the key)' : ' (as it was set)'}`;

const secretColumns: readonly Column<KeySecret>[] = [
  { title: 'Kind', cell: ({ kind }) => (kind === 'ADOPTED' ? 'CertCentral key' : 'Certfolio') },
  { title: 'Created', cell: ({ createdAt }) => <When at={createdAt} /> },
  { title: 'Expires', cell: ({ expiresAt }) => (expiresAt === null ? 'With the key' : <When at={expiresAt} />) },
  { title: 'Last used', cell: ({ lastUsedAt }) => (lastUsedAt === null ? 'Never' : <When at={lastUsedAt} />) },
];

function FixedVariables({ of: { variables } }: { readonly of: ListedKey }) {
  if (variables.length === 0) return <Text size="sm">No variable is fixed.</Text>;
  return <Facts of={variables.map(({ name, values }) => [name, listInWords(values)] as const)} />;
}

const Section = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <section>
    <Title order={3} size="h5" mb="xs">
      {title}
    </Title>
    {children}
  </section>
);
