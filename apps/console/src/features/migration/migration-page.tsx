import { Code, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { DataTable } from '../../parts/data-table.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Page } from '../../parts/page.tsx';
import { useSession } from '../../session.tsx';
import { migrationText, type MigrationAnswer } from './migration-answer.ts';
import { routeColumns } from './route-columns.tsx';
import { countText } from './route-words.ts';

const periods = [7, 28, 90];

/** How far REST routes are on their way to the graph. */
export function MigrationPage() {
  const { client } = useSession();
  const [days, setDays] = useState(28);
  const { data, error } = useQuery({
    queryKey: ['migration', days],
    queryFn: async ({ signal }) => {
      const { migration } = await client.query<{ migration: MigrationAnswer }>(migrationText, { days }, { signal });
      return migration;
    },
    placeholderData: keepPreviousData,
  });
  return (
    <Page
      title="Migration"
      about="Who still calls CertCentral’s REST API through this gateway, who answers, and how equal the answers are."
    >
      <Group>
        <NativeSelect
          label="Calls and comparisons of"
          description="Comparisons are kept for two weeks."
          value={String(days)}
          onChange={(event) => setDays(Number(event.currentTarget.value))}
          data={periods.map((each) => ({ value: String(each), label: `the last ${each} days` }))}
          miw={220}
        />
      </Group>
      {error !== null && <Failure error={error} />}
      {data === undefined ? error === null && <Loading what="routes" /> : <Routes migration={data} days={days} />}
    </Page>
  );
}

function Routes({ migration, days }: { readonly migration: MigrationAnswer; readonly days: number }) {
  const { may } = useSession();
  const { routes, upstreamCallsSaved } = migration;
  if (routes.length === 0) return <HowToBegin />;
  const sum = (of: (route: (typeof routes)[number]) => number) =>
    countText(routes.reduce((all, route) => all + of(route), 0));
  return (
    <Stack>
      <Facts
        of={[
          ['Calls of CertCentral saved', countText(upstreamCallsSaved)],
          ['Calls', sum(({ calls }) => calls)],
          ['From the graph', sum(({ callsFromGraph }) => callsFromGraph)],
          ['Routes', countText(routes.length)],
          ['Of them answered by CertCentral alone', countText(routes.filter(({ isServed }) => !isServed).length)],
        ]}
      />
      {!may('migration:write') && (
        <Text size="sm">Your key has not the scope migration:write: only its own calls are counted here.</Text>
      )}
      <DataTable
        caption="Routes"
        columns={routeColumns(days)}
        rows={routes}
        keyOf={({ route }) => route}
        empty="No route was called yet."
      />
    </Stack>
  );
}

function HowToBegin() {
  const { client } = useSession();
  return (
    <Stack gap="xs">
      <Text>
        No route was called in these days. Change the host in a script, so that it calls the gateway and not
        CertCentral; the gateway passes every call on, and counts it here:
      </Text>
      <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {`${client.url}/services/v2`}
      </Code>
      <Text>To find the calls in your scripts first, which needs no server:</Text>
      <Code block>npx certfolio migrate scan &lt;folder&gt;</Code>
    </Stack>
  );
}
