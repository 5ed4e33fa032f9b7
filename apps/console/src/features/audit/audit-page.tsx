import { Button, Group, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Failure } from '../../parts/failure.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Page } from '../../parts/page.tsx';
import { useSession } from '../../session.tsx';
import { auditText, type AuditPageAnswer } from './audit-entry.ts';
import { AuditFilterForm } from './audit-filter-form.tsx';
import { filterOf, type AuditFilter } from './audit-filter.ts';
import { AuditTable } from './audit-table.tsx';
import { VerifyLog } from './verify-log.tsx';

/** Asked again, the same filter finds what was written since. */
interface Asked {
  readonly filter: AuditFilter;
  readonly times: number;
}

export function AuditPage() {
  const [asked, setAsked] = useState<Asked>({ filter: {}, times: 0 });
  return (
    <Page
      title="Audit log"
      about="Every request and every administrative act, the newest first, chained by hashes so that a change is noticed. Times are in UTC."
    >
      <VerifyLog />
      <AuditFilterForm apply={(draft) => setAsked(({ times }) => ({ filter: filterOf(draft), times: times + 1 }))} />
      <FoundEntries asked={asked} />
    </Page>
  );
}

function FoundEntries({ asked }: { readonly asked: Asked }) {
  const { client } = useSession();
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['audit', asked],
    queryFn: ({ pageParam, signal }) =>
      client.query<AuditPageAnswer>(auditText, { after: pageParam, filter: asked.filter }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ auditLog }) => auditLog.next,
    // Every look at the log is an entry of it.
    staleTime: Infinity,
    gcTime: 0,
  });
  if (isPending) return <Loading what="the audit log" />;
  const entries = data?.pages.flatMap(({ auditLog }) => auditLog.entries) ?? [];
  return (
    <Stack>
      {error !== null && <Failure error={error} />}
      {data !== undefined && <AuditTable entries={entries} />}
      {data !== undefined && entries.length > 0 && (
        <Group>
          <Text size="sm" c="dimmed" role="status">
            {entries.length.toLocaleString('en')} entries
            {hasNextPage ? ' are shown; there are more.' : '; these are all.'}
          </Text>
          {hasNextPage && (
            <Button variant="default" onClick={() => void fetchNextPage()} loading={isFetchingNextPage}>
              Show more
            </Button>
          )}
        </Group>
      )}
    </Stack>
  );
}
