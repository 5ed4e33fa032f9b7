import { Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Failure } from '../../parts/failure.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Page } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { useSession } from '../../session.tsx';
import { AccountSection } from './account-section.tsx';
import { BudgetSection } from './budget-section.tsx';
import { MirrorSection } from './mirror-section.tsx';
import { ProbeSection } from './probe-section.tsx';
import { ReadinessSection } from './readiness-section.tsx';
import { upstreamKey, upstreamText, type UpstreamAnswer } from './upstream-answer.ts';

/** The CertCentral account behind the gateway: is it reached, what is left of its calls, how full is the mirror. */
export function UpstreamPage() {
  const { client, may } = useSession();
  const { data, error, isFetching, refetch, dataUpdatedAt } = useQuery({
    queryKey: upstreamKey,
    queryFn: async ({ signal }) => {
      const { upstream } = await client.query<{ upstream: UpstreamAnswer }>(upstreamText, {}, { signal });
      return upstream;
    },
    // Each reading spends calls: it is read again only when somebody asks for it.
    staleTime: Infinity,
    refetchOnReconnect: false,
  });
  const actions = (
    <Button variant="default" loading={isFetching} onClick={() => void refetch()}>
      Read again
    </Button>
  );
  return (
    <Page
      title="CertCentral"
      about="The account behind your key. Reading it spends at most two calls."
      actions={actions}
    >
      {error !== null && <Failure error={error} />}
      {data === undefined && error === null && <Loading what="the account" />}
      {data !== undefined && (
        <>
          <Text size="sm">
            As of <When at={new Date(dataUpdatedAt).toISOString()} />.
          </Text>
          <AccountSection upstream={data} />
          <BudgetSection budget={data.budget} />
          <MirrorSection mirror={data.mirror} />
        </>
      )}
      <ReadinessSection />
      {may('admin') && <ProbeSection />}
    </Page>
  );
}
