import { Button, Group, NativeSelect, Stack } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { DataTable } from '../../parts/data-table.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Page } from '../../parts/page.tsx';
import { useSession } from '../../session.tsx';
import { runsText, type RunAnswer } from './run-answer.ts';
import { runColumns } from './run-columns.tsx';
import { isUnfinished } from './run-words.ts';

const pageSize = 25;
const refetchMs = 2_000;

/** What schedules have run, the newest first. */
export function RunsPage() {
  const [schedule, setSchedule] = useState('');
  const names = useScheduleNames();
  return (
    <Page title="Runs" about="What was run by schedules, what it found and where it went; the newest first.">
      <Group>
        <NativeSelect
          label="Schedule"
          value={schedule}
          onChange={(event) => setSchedule(event.currentTarget.value)}
          data={[{ value: '', label: 'All schedules' }, ...names]}
          miw={220}
        />
      </Group>
      <Runs schedule={schedule === '' ? null : schedule} />
    </Page>
  );
}

function useScheduleNames(): readonly string[] {
  const { client } = useSession();
  const { data } = useQuery({
    queryKey: ['schedule-names'],
    queryFn: ({ signal }) =>
      client.query<{ schedules: readonly { readonly name: string }[] }>(
        'query ScheduleNames { schedules { name } }',
        {},
        { signal },
      ),
  });
  return data?.schedules.map(({ name }) => name) ?? [];
}

function Runs({ schedule }: { readonly schedule: string | null }) {
  const { client } = useSession();
  const { data, error, isFetchingNextPage, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['runs', schedule],
    // One more than is shown tells whether there are more.
    queryFn: async ({ pageParam, signal }) => {
      const variables = { schedule, first: pageSize + 1, before: pageParam };
      const { runs } = await client.query<{ runs: readonly RunAnswer[] }>(runsText, variables, { signal });
      return { runs: runs.slice(0, pageSize), hasMore: runs.length > pageSize };
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ runs, hasMore }) => (hasMore ? (runs.at(-1)?.id ?? null) : null),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ runs }) => runs.some(isUnfinished)) === true ? refetchMs : false,
  });
  if (data === undefined) return error === null ? <Loading what="runs" /> : <Failure error={error} />;
  return (
    <Stack>
      {error !== null && <Failure error={error} />}
      <DataTable
        caption="Runs"
        columns={runColumns}
        rows={data.pages.flatMap(({ runs }) => runs)}
        keyOf={({ id }) => id}
        empty="There is no run yet. A schedule runs at its times, and at once by Run now on the page Schedules."
      />
      {hasNextPage && (
        <Group>
          <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show more
          </Button>
        </Group>
      )}
    </Stack>
  );
}
