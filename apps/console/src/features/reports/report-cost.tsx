import { Alert, Button, Group, Stack, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Facts } from '../../parts/facts.tsx';
import { Failure } from '../../parts/failure.tsx';
import { When } from '../../parts/when.tsx';
import { useSession } from '../../session.tsx';
import type { ReportRequest } from './read-report.ts';

/** What a run would take, without taking it. */
export function ReportCost({ request, isReady }: { readonly request: ReportRequest; readonly isReady: boolean }) {
  const { client } = useSession();
  const { name, variables, fresh } = request;
  const explaining = useMutation({
    mutationFn: () => client.explain(name, { variables, ...(fresh === null ? {} : { fresh }) }),
  });
  const { data, error } = explaining;
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        What a run would take
      </Title>
      <Group>
        <Button
          variant="default"
          disabled={!isReady}
          loading={explaining.isPending}
          onClick={() => explaining.mutate()}
        >
          Explain
        </Button>
      </Group>
      {error !== null && <Failure error={error} />}
      {data !== undefined && (
        <Stack gap="xs" role="status">
          <Facts
            of={[
              ['Cost', `${data.cost.estimated} points${data.cost.isGuess === true ? ', a guess' : ''}`],
              ['Calls of CertCentral', data.upstreamCalls],
              ['Source', data.source],
              ['Data as of', data.dataAsOf === null ? null : <When at={data.dataAsOf} />],
              ['May be', data.maxAgeSeconds === null ? null : `${data.maxAgeSeconds} s old`],
              ['Version', `${data.template.name}@${data.template.version}`],
              ['Plan', data.plans.length === 0 ? null : data.plans.join('; ')],
              ...(data.budget ?? []).map(
                ({ calls, windowMs, free }) =>
                  [`Calls left of ${calls} in ${windowMs / 1_000} s`, String(free)] as const,
              ),
            ]}
          />
          {data.isOlderThanAsked && <Alert color="orange">The data would be older than was asked for.</Alert>}
          {data.unavailableFields.length > 0 && (
            <Alert color="orange">
              CertCentral gives this account no values of {data.unavailableFields.join(', ')}.
            </Alert>
          )}
        </Stack>
      )}
    </Stack>
  );
}
