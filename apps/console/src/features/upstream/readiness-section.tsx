import { Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { DataTable, type Column } from '../../parts/data-table.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Loading } from '../../parts/loading.tsx';
import { useSession } from '../../session.tsx';
import { Section } from '../../parts/section.tsx';
import { ToldBadge } from '../../parts/told-badge.tsx';
import { partsOf, type ReadyPart } from './upstream-words.ts';

/** Whether the gateway takes requests, and which of its parts is in trouble. */
export function ReadinessSection() {
  const { client } = useSession();
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['readiness'],
    queryFn: ({ signal }) => client.health({ signal }),
  });
  const actions = (
    <Button variant="default" size="xs" loading={isFetching} onClick={() => void refetch()}>
      Ask again
    </Button>
  );
  return (
    <Section title="Gateway" actions={actions}>
      {error !== null && <Failure error={error} />}
      {data === undefined && error === null && <Loading what="readiness" />}
      {data !== undefined && (
        <>
          <Group gap="xs">
            <PartBadge isOk={data.ready} label={data.ready ? 'ready' : 'not ready'} />
            <Text size="sm">
              {data.ready
                ? 'It takes requests.'
                : `It answers ${data.status} to /readyz, so it gets no requests from a balancer.`}
            </Text>
          </Group>
          <DataTable
            caption="Parts of the gateway"
            columns={partColumns}
            rows={partsOf(data.report)}
            keyOf={({ name }) => name}
            empty="The gateway tells nothing of its parts."
          />
        </>
      )}
    </Section>
  );
}

const partColumns: readonly Column<ReadyPart>[] = [
  { title: 'Part', cell: ({ name }) => name },
  { title: 'State', cell: ({ told }) => <PartBadge isOk={told === 'ok'} label={told === 'ok' ? 'ok' : 'problem'} /> },
  { title: 'Problem', cell: ({ told }) => (told === 'ok' ? '–' : told) },
];

const PartBadge = ({ isOk, label }: { readonly isOk: boolean; readonly label: string }) => (
  <ToldBadge words={label} color={isOk ? 'green' : 'red'} />
);
