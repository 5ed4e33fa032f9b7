import { Alert, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { Failure } from '../../parts/failure.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Page } from '../../parts/page.tsx';
import { RouteAnchor } from '../../parts/route-anchor.tsx';
import { RunnableReport } from './runnable-report.tsx';
import { useReports } from './use-reports.ts';

export function ReportPage() {
  const { name } = useParams({ from: '/reports/$name' });
  const { data: reports, error, isPending } = useReports();
  const report = reports?.find((each) => each.name === name);
  return (
    <Page title={report?.title ?? name} about={report?.question}>
      {isPending && <Loading what="the report" />}
      {error !== null && <Failure error={error} />}
      {reports !== undefined && report === undefined && (
        <Text>
          This key may run no report of that name. <RouteAnchor to="/">All that it may run</RouteAnchor>
        </Text>
      )}
      {report !== undefined && (
        <>
          {report.isDeprecated && (
            <Alert color="orange" title="Deprecated">
              It still runs, and is going to be retired.
            </Alert>
          )}
          {report.description !== '' && (
            <Text size="sm" maw={760} style={{ whiteSpace: 'pre-line' }}>
              {report.description}
            </Text>
          )}
          <RunnableReport report={report} />
        </>
      )}
    </Page>
  );
}
