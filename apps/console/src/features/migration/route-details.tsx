import { Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { DataTable } from '../../parts/data-table.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Loading } from '../../parts/loading.tsx';
import { When } from '../../parts/when.tsx';
import { useSession } from '../../session.tsx';
import { fallbackColumns, fieldColumns, keyColumns, sampleColumns } from './detail-columns.tsx';
import {
  routeDetailsText,
  shownFields,
  type MigrationAnswer,
  type RouteAnswer,
  type RouteDetailsAnswer,
} from './migration-answer.ts';
import { RouteState } from './route-state.tsx';
import { planText } from './route-words.ts';

type Answer = {
  readonly migration: Omit<MigrationAnswer, 'routes'> & { readonly routes: readonly RouteDetailsAnswer[] };
};

export function RouteDetails({ route, days }: { readonly route: RouteAnswer; readonly days: number }) {
  const { client } = useSession();
  const { data, error } = useQuery({
    queryKey: ['migration-route', route.route, days],
    queryFn: async ({ signal }) => {
      const { migration } = await client.query<Answer>(routeDetailsText, { route: route.route, days }, { signal });
      return migration.routes[0] ?? null;
    },
  });
  return (
    <Stack>
      <Summary route={route} details={data ?? null} />
      {error !== null && <Failure error={error} />}
      {data === undefined && error === null && <Loading what="the route" />}
      {data !== undefined && data !== null && <Tables route={route} details={data} />}
    </Stack>
  );
}

interface SummaryProps {
  readonly route: RouteAnswer;
  readonly details: RouteDetailsAnswer | null;
}

function Summary({ route, details }: SummaryProps) {
  const { ramp } = route;
  const changedBy = details?.changedBy === 'automatic' ? 'the gateway, by itself' : details?.changedBy;
  return (
    <Facts
      of={[
        ['State', <RouteState key="state" {...route} />],
        ['State before', details?.previous?.toLowerCase()],
        ['Last change', details === null ? null : <When key="changed" at={details.changedAt} />],
        ['Changed by', changedBy],
        ['Reason of the last change', details?.reason === '' ? null : details?.reason],
        ['Plan of the ramp', ramp === null ? null : planText(ramp)],
        ['The ramp waits for', ramp === null || ramp.waitingFor.length === 0 ? null : ramp.waitingFor.join('; ')],
        ['Brown-outs', details === null || details.brownouts.length === 0 ? null : brownoutsText(details)],
        ['Calls compared', details === null ? null : `${details.sampleRate * 100} %`],
        ['Test calls', route.testCalls],
        ['Calls of CertCentral saved', route.upstreamCallsSaved],
        ['Typed field', route.replacementField],
      ]}
    />
  );
}

const brownoutsText = ({ brownouts }: RouteDetailsAnswer) =>
  brownouts.map(({ from, to }) => `${from} to ${to}`).join('; ');

function Tables({ route: { route }, details }: { readonly route: RouteAnswer; readonly details: RouteDetailsAnswer }) {
  const different = details.fields.filter(({ parity }) => parity.different > 0);
  return (
    <>
      <Heading>Keys</Heading>
      <DataTable
        caption={`Keys that call ${route}`}
        columns={keyColumns}
        rows={details.keys}
        keyOf={({ keyId }) => keyId}
        empty="No key called the route in these days."
      />
      <Heading>Fields that differ most</Heading>
      <DataTable
        caption={`Fields of ${route} that differ`}
        columns={fieldColumns}
        rows={different}
        keyOf={({ field }) => field}
        empty={details.fields.length === 0 ? 'Nothing was compared yet.' : 'No field differed.'}
      />
      {different.length === shownFields && (
        <p>There may be more; the CLI shows them: certfolio migrate status --json.</p>
      )}
      <Heading>Values that differed</Heading>
      <DataTable
        caption={`Values of ${route} that differed`}
        columns={sampleColumns}
        rows={details.samples}
        keyOf={({ requestId, place }) => `${requestId} ${place}`}
        empty="There is no pair of values that differed."
      />
      <Heading>Answered by CertCentral although it was the graph’s turn</Heading>
      <DataTable
        caption={`Calls of ${route} that CertCentral answered`}
        columns={fallbackColumns}
        rows={details.fallbacks}
        keyOf={({ reason }) => reason}
        empty="That did not happen."
      />
    </>
  );
}

const Heading = ({ children }: { readonly children: string }) => (
  <Title order={3} size="h5">
    {children}
  </Title>
);
